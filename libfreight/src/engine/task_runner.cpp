#include "engine/task_runner.hpp"

#include <utility>

namespace freight::engine {

TaskRunner::TaskRunner(const EngineParts& parts)
    : engine_(parts),
      executor_(engine_.stores, engine_.registry, *engine_.options.clock,
                std::size_t{3} * engine_.options.workers),
      planner_(engine_.stores, engine_.registry, *engine_.options.clock,
               [&wake_up = engine_.wake_up] { wake_up.now(); }),
      finisher_(engine_.stores, engine_.registry),
      failures_(engine_) {}

void TaskRunner::run(const LeasedTask& leased) {
  const auto& task = leased.task;
  const auto runtime =
      engine_.runtimes.of(task.tenant_id, task.job_id, engine_.options.clock->steady_now());
  TaskAttempt attempt;
  attempt.job = task.job;
  attempt.context.stop = leased.stop.get_token();
  attempt.context.lease = &leased.deadline;
  attempt.context.log = engine_.options.log;
  attempt.context.attempt = task.attempt;
  attempt.context.tenant_id = task.tenant_id;
  attempt.context.job_id = task.job_id;
  try {
    perform(leased, *runtime, attempt);
  } catch (...) {
    failed(leased, *runtime, attempt, current_failure());
  }
  runtime->turns.leave(task.token);
  engine_.wake_up.now();
}

void TaskRunner::perform(const LeasedTask& leased, JobRuntime& runtime, TaskAttempt& attempt) {
  if (attempt.context.stop.stop_requested()) {
    throw Error(Code::cancelled, "stopped before it began");
  }
  switch (leased.task.kind) {
    case TaskKind::plan:
      return run_plan(leased, runtime, attempt);
    case TaskKind::execute:
      return run_batch(leased, runtime, attempt);
    case TaskKind::finish:
      return run_finish(leased, runtime, attempt);
  }
}

void TaskRunner::run_batch(const LeasedTask& leased, JobRuntime& runtime, TaskAttempt& attempt) {
  const auto pause = runtime.outage.ask(engine_.options.clock->steady_now());
  if (pause > std::chrono::milliseconds::zero()) {
    auto report = report_of(leased.task, TaskVerdict::release);
    report.retry_in = pause;
    engine_.outbox.add(std::move(report));
    return;
  }
  const auto began = engine_.options.clock->steady_now();
  auto report = executor_.execute(leased, runtime, attempt);
  engine_.metrics.batch_took(engine_.options.clock->steady_now() - began);
  if (report && report->verdict == TaskVerdict::completed) {
    runtime.outage.over();
  } else {
    runtime.outage.left_open();
  }
  if (report) deliver(*std::move(report), leased.task, runtime, attempt);
}

void TaskRunner::deliver(BatchReport report, const Task& task, JobRuntime& runtime,
                         TaskAttempt& attempt) {
  std::optional<FinishReport> ending;
  try {
    if (report.verdict == TaskVerdict::completed) {
      ending = finisher_.finish_with(report, task.batch_kind, runtime, attempt);
    }
  } catch (...) {
    // The finish task, which follows the batch's acknowledgement, meets it again and deals with it.
  }
  if (ending && ending->status == JobStatus::completed) {
    engine_.outbox.add(std::move(report), *std::move(ending));
  } else {
    engine_.outbox.add(std::move(report));
  }
}

void TaskRunner::run_plan(const LeasedTask& leased, JobRuntime& runtime, TaskAttempt& attempt) {
  const auto resume_in = planner_.plan(leased, runtime, attempt);
  engine_.leases.let_go(leased.task.token);
  if (resume_in) engine_.wake_up.after(*resume_in);
}

void TaskRunner::run_finish(const LeasedTask& leased, JobRuntime& runtime, TaskAttempt& attempt) {
  auto report = finisher_.finish(leased, runtime, attempt);
  if (report.status == JobStatus::failed) failures_.abandon(runtime);
  engine_.outbox.add(std::move(report));
}

void TaskRunner::failed(const LeasedTask& leased, JobRuntime& runtime, TaskAttempt& attempt,
                        const Failure& failure) {
  auto consequence = failures_.consequence(leased, runtime, attempt, failure);
  if (const auto* reject = std::get_if<RejectRecords>(&consequence)) {
    try {
      engine_.outbox.add(executor_.reject_all(leased, runtime, attempt, reject->failure));
      runtime.turns.done(leased.task.token);
      runtime.outage.left_open();
      return;
    } catch (...) {
      consequence = GiveUpBatch{current_failure()};
    }
  }
  failures_.apply(consequence, leased, runtime, attempt, failure);
}

}  // namespace freight::engine
