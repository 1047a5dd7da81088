#include "engine/limit_check.hpp"

#include <set>

#include "engine/all_rejected.hpp"
#include "engine/job_log.hpp"
#include "engine/reject_limits.hpp"

namespace freight::engine {

void LimitCheck::check(std::span<const BatchReport> reports,
                       const std::function<void(const JobReference&)>& paused) {
  std::set<JobReference> looked_at;
  for (const auto& report : reports) {
    if (report.verdict != TaskVerdict::completed) continue;
    const JobReference reference{report.tenant_id, report.job_id};
    const auto runtime = engine_.runtimes.find(report.job_id);
    if (!runtime || looked_at.contains(reference)) continue;
    if (!is_to_be_looked_at(report, *runtime)) continue;
    looked_at.insert(reference);
    if (check(reference, *runtime)) paused(reference);
  }
}

bool LimitCheck::is_to_be_looked_at(const BatchReport& report, const JobRuntime& runtime) {
  if (runtime.spec() == nullptr) return false;
  const bool may_be_all = report.counts.rejected > 0 &&
                          report.counts.read == report.counts.rejected && !runtime.seen_accepted;
  return may_be_all || has_reject_limits(runtime.spec()->errors);
}

bool LimitCheck::check(const JobReference& reference, JobRuntime& runtime) {
  const auto job = engine_.stores.jobs.find_job(reference.tenant_id, reference.job_id);
  if (!job || is_final(job->status)) return false;
  const auto& spec = *runtime.spec();
  if (const auto failure = all_rejected(*job, spec, false, engine_.stores.jobs)) {
    failures_.fail_run(runtime, job->run_number, *failure);
    engine_.wake_up.now();
    return false;
  }
  if (job->status == JobStatus::paused) return false;
  const auto failure = too_many_rejects(*job, spec.errors);
  if (!failure) return false;
  if (spec.errors.on_limit == OnLimit::fail) {
    failures_.fail_run(runtime, job->run_number, *failure);
    engine_.wake_up.now();
    return false;
  }
  if (!engine_.stores.jobs.pause(reference.tenant_id, reference.job_id, failure).changed) {
    return false;
  }
  log_job(*engine_.options.log, LogLevel::warning, "the job is paused", reference.tenant_id,
          reference.job_id, &*failure);
  return true;
}

}  // namespace freight::engine
