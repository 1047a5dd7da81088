#include "engine/housekeeping.hpp"

#include <string>

#include "engine/job_log.hpp"
#include "engine/stored_spec.hpp"
#include "engine/submission.hpp"

namespace freight::engine {

void Housekeeping::keep(const std::function<void(const JobReference&)>& cancelled) {
  const auto kept = engine_.stores.work.housekeep();
  if (kept.clock_step_back) note_clock_step(*kept.clock_step_back);
  for (const auto& job : kept.cancelled) cancelled(job);
  for (const auto& job : kept.timed_out) end_timed_out(job);
  note_missing_secrets();
  if (!engine_.metrics.wanted()) return;
  engine_.metrics.queue(engine_.stores.jobs.queue_statistics(std::nullopt));
  engine_.metrics.tasks_held(engine_.leases.held().size());
}

void Housekeeping::note_clock_step(std::chrono::microseconds step) const {
  const auto seconds = std::chrono::round<std::chrono::seconds>(step).count();
  engine_.options.log->log(LogLevel::warning,
                           "the storage's clock went back by some " + std::to_string(seconds) +
                               " s; leases and retries wait anew from now on",
                           {});
  engine_.wake_up.now();
}

// Of a job whose secrets went with the program that had them: it would wait without a word.
void Housekeeping::note_missing_secrets() const {
  const auto unserved =
      engine_.stores.work.list_unserved({.affinity_prefix = std::string(secret_affinity_prefix),
                                         .said = Code::missing_secret,
                                         .unchanged_for = 3 * engine_.options.heartbeat});
  for (const auto& reference : unserved) {
    const auto job = engine_.stores.jobs.find_job(reference.tenant_id, reference.job_id);
    if (!job) continue;
    const auto reason = waits_for_secret(*job, engine_.registry);
    if (!engine_.stores.work.note_waiting(reference.tenant_id, reference.job_id, reason)) continue;
    log_job(*engine_.options.log, LogLevel::warning, "the job waits", reference.tenant_id,
            reference.job_id, &reason);
  }
}

// Whoever works for the job ends it, and lets its destination clean up; another only when nobody
// does.
void Housekeeping::end_timed_out(const JobReference& job) {
  const auto known = engine_.runtimes.find(job.job_id);
  const bool works_here = known && known->made_connectors() != nullptr;
  if (!works_here && engine_.stores.jobs.is_running(job.tenant_id, job.job_id)) return;
  const auto found = engine_.stores.jobs.find_job(job.tenant_id, job.job_id);
  // Ended meanwhile, or taken up again with as much time again.
  if (!found || is_final(found->status) || !found->deadline_at) return;
  const auto runtime =
      engine_.runtimes.of(job.tenant_id, job.job_id, engine_.options.clock->steady_now());
  Failure failure;
  failure.code = Code::timed_out;
  failure.category = code_info(failure.code).category;
  failure.message = "the job ran for longer than its timeout_s";
  failure.details.hint = "retry the job to go on where it stopped, with as much time again";
  failures_.fail_run(*runtime, found->run_number, failure);
  engine_.wake_up.now();
}

}  // namespace freight::engine
