#include "storage/queue/job_ending.hpp"

#include "database/query.hpp"
#include "storage/sql/value_texts.hpp"

namespace freight::storage {
namespace {

using database::Query;

constexpr std::string_view cancel_batches =
    "UPDATE freight.migration_batches SET status = 'cancelled', finished_at = @now"
    " WHERE (tenant_id, job_id) IN (SELECT r.tenant_id, r.job_id"
    "  FROM @rows(:rows r, tenant_id uuid, job_id uuid)) AND status = 'ready'";
constexpr std::string_view end_passes =
    "UPDATE freight.migration_passes SET finished_at = @now"
    " WHERE (tenant_id, job_id) IN (SELECT r.tenant_id, r.job_id"
    "  FROM @rows(:rows r, tenant_id uuid, job_id uuid)) AND finished_at IS NULL";
constexpr std::string_view select_warnings =
    "SELECT warnings FROM freight.migration_jobs"
    " WHERE tenant_id = @uuid(:tenant) AND job_id = @uuid(:job)";
constexpr std::string_view end_jobs =
    "UPDATE freight.migration_jobs AS j SET status = r.status, updated_at = @now,"
    " finished_at = @now, error = r.error, warnings = coalesce(r.warnings, j.warnings),"
    " reconciliation = r.reconciliation, waiting_on = NULL, log_sequence = r.log_sequence"
    " FROM @rows(:rows r, tenant_id uuid, job_id uuid, status text, error text, warnings text,"
    " reconciliation text, log_sequence bigint)"
    " WHERE j.tenant_id = r.tenant_id AND j.job_id = r.job_id";

std::string keys_of(std::span<const JobReference> jobs) {
  JsonRows rows;
  for (const auto& job : jobs) {
    rows.begin_row();
    rows.add("tenant_id", job.tenant_id).add("job_id", job.job_id);
  }
  return rows.take();
}

}  // namespace

std::optional<std::string> JobEnding::with_warnings(const Ending& ending) {
  if (ending.outcome.warnings.empty()) return std::nullopt;
  std::string text;
  Query query(session_, sql_(select_warnings));
  with_job(query, ending.job->key).into(text).next();
  auto warnings = texts_of(text);
  warnings.insert(warnings.end(), ending.outcome.warnings.begin(), ending.outcome.warnings.end());
  return text_of(warnings);
}

void JobEnding::end(std::span<const Ending> endings, ShareChanges& changes) {
  if (endings.empty()) return;
  std::vector<JobReference> jobs;
  for (const auto& ending : endings) jobs.push_back(ending.job->reference());
  queue_.remove_jobs(session_, jobs, changes);
  Query(session_, sql_(cancel_batches)).with("rows", keys_of(jobs)).execute();
  Query(session_, sql_(end_passes)).with("rows", keys_of(jobs)).execute();
  LogWriter log(session_, sql_, events_);
  JsonRows rows;
  for (const auto& ending : endings) {
    auto& job = *ending.job;
    const auto& outcome = ending.outcome;
    const auto error = outcome.error ? std::optional(text_of(*outcome.error)) : std::nullopt;
    const auto code = outcome.error ? std::optional(outcome.error->code) : std::nullopt;
    job.status = outcome.status;
    log.add(job, {.event = job.status == JobStatus::cancelled ? "job_cancelled" : "job_finished",
                  .code = code,
                  .detail = error ? std::string_view(*error) : std::string_view()});
    events_.progress(job, true);
    events_.state(job.reference(), job.status, code);
    rows.begin_row();
    rows.add("tenant_id", job.key.first)
        .add("job_id", job.key.second)
        .add("status", to_string(job.status))
        .add("error", error)
        .add("warnings", with_warnings(ending))
        .add("reconciliation", storable_text(outcome.reconciliation))
        .add("log_sequence", job.log_sequence);
  }
  log.flush();
  Query(session_, sql_(end_jobs)).with("rows", rows.take()).execute();
}

void JobEnding::cancel(LockedJob& job, ShareChanges& changes) {
  const Ending ending{
      &job, {.status = JobStatus::cancelled, .error = {}, .warnings = {}, .reconciliation = {}}};
  end({&ending, 1}, changes);
}

bool JobEnding::end_if_cancelled(LockedJob& job, ShareChanges& changes) {
  if (job.status != JobStatus::cancelling) return false;
  if (queue_.count(session_, job.key.first, job.key.second).tasks > 0) return false;
  cancel(job, changes);
  return true;
}

}  // namespace freight::storage
