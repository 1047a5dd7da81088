#include "engine/finisher.hpp"

#include <string>
#include <utility>

#include "engine/all_rejected.hpp"
#include "engine/reject_limits.hpp"
#include "engine/source_text.hpp"
#include "engine/write_disposition.hpp"
#include "freight/error.hpp"
#include "freight/reconciliation.hpp"

namespace freight::engine {
namespace {

Failure failure_with(Code code, std::string message, std::string hint) {
  return {code, code_info(code).category, std::move(message), {.hint = std::move(hint)}};
}

Failure batches_failed(const Job& job) {
  return failure_with(Code::batches_failed,
                      std::to_string(job.batches_failed) + " of " +
                          std::to_string(job.batches_total) +
                          " batches were given up; their records are pending",
                      "see what the batches failed with, and retry the job");
}

Failure not_accounted(const Reconciliation& reconciliation) {
  std::string message = "the records are not all accounted for";
  for (const auto& difference : reconciliation.differences) message += "; " + difference;
  return failure_with(Code::reconciliation, std::move(message), "");
}

/// A file that grew or was exchanged after its last batch was read.
void refuse_changed_source(const JobSpec& spec, const JobConnectors& connectors,
                           TaskAttempt& attempt) {
  attempt.side = Side::source;
  if (connectors.source->fingerprint(attempt.context) == connectors.fingerprint) return;
  throw Error(Code::source_changed, source_text(spec) + " was changed while the job read it",
              {.hint = "do not change it while a job reads it; submit it again as a new job"});
}

void count_destination(ReconciliationFacts& facts, const Job& job, const JobSpec& spec,
                       const JobConnectors& connectors, TaskAttempt& attempt) {
  if (spec.mode == JobMode::validate) {
    facts.delta_missing = "a validation writes nothing";
    return;
  }
  if (spec.verify_counts == VerifyCounts::never) {
    facts.delta_missing = "verify.counts is never";
    return;
  }
  if (facts.may_overtake) {
    facts.delta_missing = "a merge finds some of its rows there already";
    return;
  }
  attempt.side = Side::destination;
  const auto after = job.destination_count_before
                         ? connectors.destination->count(spec.verify_counts == VerifyCounts::always,
                                                         attempt.context)
                         : std::nullopt;
  if (!after) {
    facts.delta_missing = "the destination cannot be counted, or is too large to be counted";
    return;
  }
  facts.destination_delta =
      static_cast<std::int64_t>(*after) - static_cast<std::int64_t>(*job.destination_count_before);
}

void reconcile_into(FinishReport& report, const Job& job, const ReconciliationFacts& facts) {
  const auto reconciliation = reconcile(job, facts);
  report.reconciliation = render_reconciliation(facts, reconciliation);
  if (reconciliation.status == ReconciliationStatus::failed && !report.error) {
    report.error = not_accounted(reconciliation);
  }
}

}  // namespace

Finisher::Finisher(const Stores& stores, const ConnectorRegistry& registry)
    : stores_(stores), registry_(registry) {}

FinishReport Finisher::finish(const LeasedTask& leased, JobRuntime& runtime, TaskAttempt& attempt) {
  const auto& task = leased.task;
  const auto job = stores_.jobs.find_job(task.tenant_id, task.job_id);
  if (!job) throw Error(Code::not_found, "the job is not in the storage any more");
  auto report =
      finish(*job, stores_.work.sum_batches(task.tenant_id, task.job_id), runtime, attempt);
  report.token = task.token;
  return report;
}

std::optional<FinishReport> Finisher::finish_with(const BatchReport& batch, BatchKind kind,
                                                  JobRuntime& runtime, TaskAttempt& attempt) {
  const auto* const before = runtime.before_only_batch();
  if (before == nullptr || kind != BatchKind::planned || batch.counts.rejected > 0) {
    return std::nullopt;
  }
  // What these have written appears with the finish.
  if (runtime.made_connectors()->traits.restarts ||
      writes_by(*runtime.spec(), WriteDisposition::replace)) {
    return std::nullopt;
  }
  auto job = *before;
  job.batches_completed = 1;
  job.records += batch.counts;
  job.written += batch.written;
  job.bytes_read += batch.bytes_read;
  return finish(job, batch.counts, runtime, attempt);
}

FinishReport Finisher::finish(const Job& job, const RecordCounts& batch_sums, JobRuntime& runtime,
                              TaskAttempt& attempt) {
  FinishReport report;
  report.tenant_id = job.tenant_id;
  report.job_id = job.id;
  ReconciliationFacts facts;
  facts.source_count = job.source_count.value_or(job.records_planned);
  facts.batch_sums = batch_sums;
  if (job.batches_failed > 0) {
    // Nobody needs the destination for a job that failed anyway, and it may be what failed.
    report.error = batches_failed(job);
    facts.delta_missing = "the job failed";
  } else {
    close(job, report, facts, runtime, attempt);
  }
  attempt.side = Side::engine;
  reconcile_into(report, job, facts);

  if (report.error) {
    report.status = JobStatus::failed;
  } else if (job.records.rejected > 0) {
    report.status = JobStatus::completed_with_errors;
  } else {
    report.status = JobStatus::completed;
  }
  return report;
}

void Finisher::close(const Job& job, FinishReport& report, ReconciliationFacts& facts,
                     JobRuntime& runtime, TaskAttempt& attempt) {
  const auto& connectors = runtime.connectors(stores_, registry_, attempt);
  const auto& spec = *runtime.spec();
  report.error = all_rejected(job, spec, true, stores_.jobs);
  if (!report.error) {
    report.error = too_many_rejects(job, spec.errors);
    if (report.error && spec.errors.on_limit == OnLimit::pause) {
      attempt.side = Side::engine;
      stores_.jobs.pause(job.tenant_id, job.id, report.error);
      throw Error(Code::lease_lost, "the job is paused");
    }
  }
  if (report.error) {
    facts.delta_missing = "the job failed";
    return;
  }
  refuse_changed_source(spec, connectors, attempt);
  facts.may_overtake = writes_by(spec, WriteDisposition::merge);
  if (spec.mode == JobMode::run) {
    attempt.side = Side::destination;
    facts.ledger_rows = connectors.destination->ledger_rows(attempt.context);
    // What does not add up must not take the place of what the destination had before.
    if (reconcile(job, facts).status == ReconciliationStatus::failed) {
      facts.delta_missing = "the job failed";
      return;
    }
    report.warnings = connectors.destination->finish(attempt.context).warnings;
  }
  facts.exclusive = spec.verify_exclusive;
  count_destination(facts, job, spec, connectors, attempt);
}

}  // namespace freight::engine
