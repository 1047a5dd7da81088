#include "engine/failure_handler.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/batch_executor.hpp"
#include "engine/job_log.hpp"
#include "engine/randomness.hpp"

namespace freight::engine {
namespace {

template <typename... Cases>
struct Match : Cases... {
  using Cases::operator()...;
};
// Clang before 17 deduces nothing for an aggregate by itself.
template <typename... Cases>
Match(Cases...) -> Match<Cases...>;

Failure never_back(const TaskAttempt& attempt, const Failure& failure, std::chrono::seconds limit) {
  Failure ended = failure;
  ended.code =
      attempt.side == Side::source ? Code::source_unavailable : Code::destination_unavailable;
  ended.category = code_info(ended.code).category;
  ended.message = "not back within " + std::to_string(limit.count()) + " s: " + failure.message;
  ended.details.hint = "retry the job when it can be reached again; nothing is loaded twice";
  return ended;
}

}  // namespace

Consequence FailureHandler::consequence(const LeasedTask& leased, const JobRuntime& runtime,
                                        const TaskAttempt& attempt, const Failure& failure) const {
  const auto* connectors = runtime.made_connectors();
  const auto& clock = *engine_.options.clock;
  const FailedAttempt failed{
      .failure = failure,
      .side = attempt.side,
      .kind = leased.task.kind,
      .attempt = {.attempt = leased.task.attempt,
                  .first_attempt_at = leased.task.first_attempt_at,
                  .now = clock.now(),
                  .random = random_share()},
      .delivery = connectors != nullptr ? connectors->traits.delivery : Delivery::none,
      .stopped = attempt.context.stop.stop_requested() ||
                 clock.steady_now() >= attempt.context.deadline()};
  return consequence_of(failed, runtime.retry_policy(engine_.options.retry_policy.get()));
}

void FailureHandler::apply(const Consequence& consequence, const LeasedTask& leased,
                           JobRuntime& runtime, const TaskAttempt& attempt,
                           const Failure& failure) {
  const bool waits = std::holds_alternative<WaitForOtherSide>(consequence);
  const bool answered = attempt.side == Side::source || attempt.side == Side::destination;
  if (std::holds_alternative<HandBack>(consequence) || (!waits && !answered)) {
    runtime.outage.left_open();
  } else if (!waits) {
    runtime.outage.over();
  }
  // What is given up must not hold up its successors.
  if (std::holds_alternative<GiveUpBatch>(consequence)) runtime.turns.done(leased.task.token);
  std::visit(Match{[&](const HandBack&) { hand_back(leased); },
                   [&](const WaitForOtherSide& wait) {
                     wait_for_other_side(leased, runtime, attempt, failure, wait.at_once);
                   },
                   [&](const TryAgain& again) { try_again(leased, failure, again.delay, true); },
                   [&](const RejectRecords& reject) { give_up(leased, reject.failure); },
                   [&](const GiveUpBatch& gave_up) { give_up(leased, gave_up.failure); },
                   [&](const EndJob& ending) { end_job_of(leased, runtime, ending); }},
             consequence);
}

void FailureHandler::wait_for_other_side(const LeasedTask& leased, JobRuntime& runtime,
                                         const TaskAttempt& attempt, const Failure& failure,
                                         bool at_once) {
  const auto& clock = *engine_.options.clock;
  std::optional<Job> job;
  try {
    job = engine_.stores.jobs.find_job(runtime.tenant_id, runtime.job_id);
  } catch (const std::exception&) {
    // The storage is away as well; the next attempt looks again.
  }
  // Without a spec nothing was tried yet that could be away.
  const bool is_outage =
      job && job->waiting_on && code_info(job->waiting_on->code).category == Category::transient;
  if (is_outage && runtime.spec() != nullptr) {
    const auto limit = runtime.spec()->retry.max_outage;
    if (clock.now() - job->waiting_on->since >= limit) {
      runtime.outage.left_open();
      const auto ended = never_back(attempt, failure, limit);
      end_job_of(leased, runtime, {JobStatus::failed, ended});
      return;
    }
  }
  log_job(*engine_.options.log, LogLevel::warning, "waiting for the other side", runtime.tenant_id,
          runtime.job_id, &failure);
  const auto pause = runtime.outage.met(clock.steady_now(), at_once);
  try_again(leased, failure, pause, false);
}

void FailureHandler::try_again(const LeasedTask& leased, const Failure& failure,
                               std::chrono::milliseconds delay, bool counted) {
  const auto& task = leased.task;
  if (counted) log_retry(task, failure, delay);
  if (task.kind != TaskKind::execute) {
    engine_.outbox.add(TaskRetry{.token = task.token,
                                 .tenant_id = task.tenant_id,
                                 .job_id = task.job_id,
                                 .failure = failure,
                                 .retry_in = delay,
                                 .counted = counted});
    return;
  }
  auto report = report_of(task, TaskVerdict::retry);
  report.failure = failure;
  report.retry_in = delay;
  report.counted = counted;
  engine_.outbox.add(std::move(report));
}

void FailureHandler::log_retry(const Task& task, const Failure& failure,
                               std::chrono::milliseconds delay) {
  const bool is_batch = task.kind == TaskKind::execute;
  const std::string attempt = std::to_string(task.attempt);
  const std::string due = format_timestamp(engine_.options.clock->now() + delay);
  const std::string batch = is_batch ? task.batch_id.to_string() : std::string();
  std::vector<LogField> details{{"attempt", attempt}, {"retry_at", due}};
  if (is_batch) details.push_back({"batch_id", batch});
  const std::string_view what = is_batch                      ? "a batch is tried again"
                                : task.kind == TaskKind::plan ? "planning is tried again"
                                                              : "finishing is tried again";
  log_job(*engine_.options.log, LogLevel::warning, what, task.tenant_id, task.job_id, &failure,
          details);
}

void FailureHandler::hand_back(const LeasedTask& leased) {
  const auto& task = leased.task;
  if (task.kind == TaskKind::execute) {
    engine_.outbox.add(report_of(task, TaskVerdict::release));
  } else {
    engine_.outbox.add(
        TaskRetry{.token = task.token, .tenant_id = task.tenant_id, .job_id = task.job_id});
  }
}

void FailureHandler::give_up(const LeasedTask& leased, const Failure& failure) {
  log_job(*engine_.options.log, LogLevel::error, "a batch is given up", leased.task.tenant_id,
          leased.task.job_id, &failure);
  auto report = report_of(leased.task, TaskVerdict::failed);
  report.failure = failure;
  engine_.outbox.add(std::move(report));
}

void FailureHandler::end_job_of(const LeasedTask& leased, JobRuntime& runtime,
                                const EndJob& ending) {
  // Whoever has the lease now may see it otherwise.
  if (engine_.options.clock->steady_now() >= leased.deadline.at()) {
    hand_back(leased);
    return;
  }
  end_job(runtime, ending.status, ending.failure, leased.task.token);
}

void FailureHandler::end_job(JobRuntime& runtime, JobStatus status, const Failure& failure,
                             LeaseToken token) {
  FinishReport report;
  report.token = token;
  report.status = status;
  report.error = failure;
  end(runtime, std::move(report));
}

void FailureHandler::fail_run(JobRuntime& runtime, std::uint64_t run_number,
                              const Failure& failure) {
  if (runtime.end_was_decided.exchange(true)) return;
  FinishReport report;
  report.run_number = run_number;
  report.status = JobStatus::failed;
  report.error = failure;
  end(runtime, std::move(report));
}

void FailureHandler::end(JobRuntime& runtime, FinishReport report) {
  engine_.leases.request_stop(runtime.job_id);
  abandon(runtime);
  report.tenant_id = runtime.tenant_id;
  report.job_id = runtime.job_id;
  engine_.outbox.add(std::move(report));
}

void FailureHandler::abandon(const JobRuntime& runtime) const {
  const auto* connectors = runtime.made_connectors();
  if (connectors == nullptr) return;
  ConnectorContext context;
  context.log = engine_.options.log;
  context.tenant_id = runtime.tenant_id;
  context.job_id = runtime.job_id;
  try {
    connectors->destination->abandon(context);
  } catch (...) {
    // The job has its own reason to end; this one is for whoever runs the node.
    const auto failure = current_failure();
    log_job(*engine_.options.log, LogLevel::warning, "the destination was not cleaned up",
            runtime.tenant_id, runtime.job_id, &failure);
  }
}

void FailureHandler::abandon_cancelled(JobRuntime& runtime) const {
  if (runtime.made_connectors() == nullptr) {
    try {
      const auto job = engine_.stores.jobs.find_job(runtime.tenant_id, runtime.job_id);
      if (!job || !job->started_at || job->status != JobStatus::cancelled) return;
      TaskAttempt attempt;
      attempt.context.log = engine_.options.log;
      attempt.context.tenant_id = runtime.tenant_id;
      attempt.context.job_id = runtime.job_id;
      runtime.connectors(engine_.stores, engine_.registry, attempt);
    } catch (...) {
      const auto failure = current_failure();
      log_job(*engine_.options.log, LogLevel::warning, "the destination was not cleaned up",
              runtime.tenant_id, runtime.job_id, &failure);
      return;
    }
  }
  abandon(runtime);
}

}  // namespace freight::engine
