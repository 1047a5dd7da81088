#include "storage/job_ending.hpp"

#include "database/query.hpp"
#include "storage/value_texts.hpp"

namespace freight::storage {
namespace {

using database::Query;

constexpr std::string_view cancel_batches =
    "UPDATE freight.migration_batches SET status = 'cancelled', finished_at = @now"
    " WHERE tenant_id = @uuid(:tenant) AND job_id = @uuid(:job) AND status = 'ready'";
constexpr std::string_view end_pass =
    "UPDATE freight.migration_passes SET finished_at = @now WHERE tenant_id = @uuid(:tenant)"
    " AND job_id = @uuid(:job) AND finished_at IS NULL";
constexpr std::string_view select_warnings =
    "SELECT warnings FROM freight.migration_jobs"
    " WHERE tenant_id = @uuid(:tenant) AND job_id = @uuid(:job)";
constexpr std::string_view end_job =
    "UPDATE freight.migration_jobs SET status = :status, updated_at = @now, finished_at = @now,"
    " error = :error, warnings = :warnings, reconciliation = :reconciliation, waiting_on = NULL,"
    " log_sequence = :log_sequence WHERE tenant_id = @uuid(:tenant) AND job_id = @uuid(:job)";

}  // namespace

std::vector<std::string> JobEnding::read_warnings(const JobKey& key) {
  std::string text;
  Query query(session_, sql_(select_warnings));
  with_job(query, key).into(text).next();
  return texts_of(text);
}

void JobEnding::end(LockedJob& job, const Outcome& outcome, ShareChanges& changes) {
  queue_.remove_job(session_, job.key.first, job.key.second, changes);
  {
    Query query(session_, sql_(cancel_batches));
    with_job(query, job.key).execute();
  }
  {
    Query query(session_, sql_(end_pass));
    with_job(query, job.key).execute();
  }
  auto warnings = read_warnings(job.key);
  warnings.insert(warnings.end(), outcome.warnings.begin(), outcome.warnings.end());
  const auto error = outcome.error ? std::optional(text_of(*outcome.error)) : std::nullopt;
  const auto code = outcome.error ? std::optional(outcome.error->code) : std::nullopt;
  job.status = outcome.status;
  LogWriter log(session_, sql_, events_);
  log.add(job, {.event = job.status == JobStatus::cancelled ? "job_cancelled" : "job_finished",
                .code = code,
                .detail = error ? std::string_view(*error) : std::string_view()});
  log.flush();
  events_.progress(job, true);
  events_.state(job.reference(), job.status, code);
  Query update(session_, sql_(end_job));
  update.with("status", std::string(to_string(job.status)))
      .with("error", error)
      .with("warnings", text_of(warnings))
      .with("reconciliation", storable_text(outcome.reconciliation))
      .with("log_sequence", job.log_sequence);
  with_job(update, job.key).execute();
}

bool JobEnding::end_if_cancelled(LockedJob& job, ShareChanges& changes) {
  if (job.status != JobStatus::cancelling) return false;
  if (queue_.count(session_, job.key.first, job.key.second).tasks > 0) return false;
  end(job, {.status = JobStatus::cancelled, .error = {}, .warnings = {}, .reconciliation = {}},
      changes);
  return true;
}

}  // namespace freight::storage
