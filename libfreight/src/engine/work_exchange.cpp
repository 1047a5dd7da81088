#include "engine/work_exchange.hpp"

#include <algorithm>
#include <exception>
#include <iterator>
#include <utility>

#include "core/fault_point.hpp"
#include "engine/batch_executor.hpp"
#include "engine/job_log.hpp"

namespace freight::engine {
namespace {

using std::chrono::milliseconds;

/// A job that nobody of this node worked for in so long was ended elsewhere, or can be opened
/// again.
constexpr std::chrono::seconds unused_after{60};

/// True for what the storage says of all work, false for what it may say of one report only.
bool concerns_all_work(const Failure& failure) {
  return failure.category == Category::transient || failure.code == Code::storage_full ||
         failure.code == Code::storage_denied;
}

template <typename Item>
void append(std::vector<Item>& items, std::vector<Item> more) {
  std::move(more.begin(), more.end(), std::back_inserter(items));
}

}  // namespace

WorkExchange::WorkExchange(const EngineParts& parts, Dispatcher& dispatcher, ChangeSignal& changes,
                           NodeInfo node, std::vector<std::string> affinities)
    : engine_(parts),
      dispatcher_(dispatcher),
      changes_(changes),
      node_(std::move(node)),
      affinities_(std::move(affinities)),
      failures_(parts),
      limits_(parts, failures_),
      housekeeping_(parts, failures_) {}

void WorkExchange::step() {
  const auto now = engine_.options.clock->steady_now();
  if (trouble_.holds_off(now)) {
    engine_.wake_up.at(trouble_.next_attempt());
    return;
  }
  try {
    register_once();
    deliver_and_claim();
    if (trouble_.failure()) engine_.options.log->log(LogLevel::info, "the storage is back", {});
    trouble_.over();
  } catch (...) {
    const auto failure = current_failure();
    if (!trouble_.failure()) {
      engine_.options.log->log(LogLevel::warning, "the storage fails: " + failure.message, {});
    }
    engine_.wake_up.at(trouble_.met(failure, engine_.options.clock->steady_now()));
  }
  dispatcher_.pump();
}

void WorkExchange::register_once() {
  if (registered_) return;
  engine_.stores.work.register_node(node_);
  registered_ = true;
}

void WorkExchange::take_pending() {
  auto left_behind = engine_.outbox.take();
  append(pending_.reports, std::move(left_behind.reports));
  append(pending_.retries, std::move(left_behind.retries));
  append(pending_.endings, std::move(left_behind.endings));
}

void WorkExchange::deliver_and_claim() {
  take_pending();
  if (!pending_.endings.empty()) {
    // What was done before the end counts; nothing new is claimed of a job that is about to end.
    acknowledge(claim_of({}));
    end_jobs();
  }
  retry_tasks();
  acknowledge(claim_of(dispatcher_.room()));
}

std::vector<std::string> WorkExchange::all_affinities() const {
  auto affinities = affinities_;
  append(affinities, engine_.runtimes.affinities());
  return affinities;
}

ClaimRequest WorkExchange::claim_of(Dispatcher::Room room) const {
  ClaimRequest request;
  request.node_id = node_.id;
  request.affinities = all_affinities();
  request.only_job = engine_.options.only_job;
  request.only_migration = engine_.options.only_migration;
  request.max_execute = room.execute;
  request.max_other = room.other;
  // One being written, the others being read or parked; more would only be in memory for longer.
  request.max_ordered = engine_.options.workers + 1;
  request.lease = engine_.options.lease;
  return request;
}

void WorkExchange::acknowledge(const ClaimRequest& next) {
  const bool wants_work = next.max_execute > 0 || next.max_other > 0;
  const auto sent_at = engine_.options.clock->steady_now();
  if (pending_.reports.empty()) {
    if (wants_work) {
      hold(engine_.stores.work.claim(next), sent_at);
      engine_.metrics.claim_took(engine_.options.clock->steady_now() - sent_at);
    }
    return;
  }
  AcknowledgeResult result;
  core::fault_point("engine.before_acknowledge");
  try {
    result = engine_.stores.work.acknowledge(pending_.reports, next);
  } catch (...) {
    const auto failure = current_failure();
    if (concerns_all_work(failure)) throw;
    acknowledge_one_by_one(next);
    return;
  }
  core::fault_point("engine.after_acknowledge");
  const auto reports = std::exchange(pending_.reports, {});
  engine_.metrics.acknowledge_took(engine_.options.clock->steady_now() - sent_at);
  hold(std::move(result.claimed), sent_at);
  for (const auto& report : reports) acknowledged(report, result.lost);
  for (const auto& token : result.lost) drop_ending_after(token);
  for (const auto& job : result.cancelled) job_cancelled(job);
  limits_.check(reports, [this](const JobReference& job) {
    hand_back_waiting(job);
    changes_.note();
  });
}

// One report that the storage cannot take must not keep all the others from being delivered.
void WorkExchange::acknowledge_one_by_one(const ClaimRequest& next) {
  std::vector<std::pair<BatchReport, Failure>> refused;
  while (!pending_.reports.empty()) {
    const std::span<const BatchReport> one(&pending_.reports.back(), 1);
    try {
      const auto result = engine_.stores.work.acknowledge(one, claim_of({}));
      acknowledged(pending_.reports.back(), result.lost);
      for (const auto& token : result.lost) drop_ending_after(token);
      for (const auto& job : result.cancelled) job_cancelled(job);
    } catch (...) {
      const auto failure = current_failure();
      if (concerns_all_work(failure)) {
        for (auto& [report, reason] : refused) pending_.reports.push_back(std::move(report));
        throw;
      }
      refused.emplace_back(std::move(pending_.reports.back()), failure);
    }
    pending_.reports.pop_back();
  }
  try {
    hold(engine_.stores.work.claim(next), engine_.options.clock->steady_now());
  } catch (...) {
    // It takes nothing at all: no fault of the reports.
    for (auto& [report, reason] : refused) pending_.reports.push_back(std::move(report));
    throw;
  }
  for (const auto& [report, reason] : refused) {
    engine_.leases.let_go(report.token);
    drop_ending_after(report.token);
    const auto runtime =
        engine_.runtimes.of(report.tenant_id, report.job_id, engine_.options.clock->steady_now());
    failures_.end_job(*runtime, JobStatus::failed, reason, report.token);
  }
}

void WorkExchange::drop_ending_after(LeaseToken token) {
  std::erase_if(pending_.endings, [&](const auto& ending) { return ending.after == token; });
}

void WorkExchange::acknowledged(const BatchReport& report, const std::vector<LeaseToken>& lost) {
  engine_.leases.let_go(report.token);
  settle(report.job_id, report.token);
  if (std::find(lost.begin(), lost.end(), report.token) != lost.end()) return;
  engine_.metrics.acknowledged(report);
  if (report.verdict == TaskVerdict::completed) {
    ++batches_processed_;
    records_processed_ += report.counts.read;
  }
  if (report.verdict == TaskVerdict::retry || report.verdict == TaskVerdict::release) {
    engine_.wake_up.after(report.retry_in);
  }
  if (report.verdict != TaskVerdict::completed || report.counts.read == report.counts.rejected) {
    return;
  }
  if (const auto runtime = engine_.runtimes.find(report.job_id)) runtime->seen_accepted = true;
}

void WorkExchange::hand_back_waiting(const JobReference& job) {
  hand_back(dispatcher_.withdraw(job.job_id));
  engine_.wake_up.now();
}

void WorkExchange::hand_back(const std::vector<std::shared_ptr<LeasedTask>>& withdrawn) {
  for (const auto& leased : withdrawn) {
    const auto& task = leased->task;
    if (task.kind == TaskKind::execute) {
      engine_.outbox.add(report_of(task, TaskVerdict::release));
    } else {
      engine_.outbox.add(
          TaskRetry{.token = task.token, .tenant_id = task.tenant_id, .job_id = task.job_id});
    }
  }
}

void WorkExchange::stop_job(const JobReference& job) {
  engine_.leases.request_stop(job.job_id);
  hand_back_waiting(job);
}

void WorkExchange::job_cancelled(const JobReference& job) {
  log_job(*engine_.options.log, LogLevel::info, "the job was cancelled", job.tenant_id, job.job_id);
  engine_.metrics.job_ended(JobStatus::cancelled);
  auto runtime =
      engine_.runtimes.of(job.tenant_id, job.job_id, engine_.options.clock->steady_now());
  forget(job.job_id);
  {
    const std::lock_guard lock(abandoned_mutex_);
    abandoned_.push_back(std::move(runtime));
  }
  // A destination may take its time: not in the step, nor in the caller's thread.
  engine_.gate.post([this] { clean_up(); });
}

void WorkExchange::clean_up() {
  while (true) {
    std::shared_ptr<JobRuntime> runtime;
    {
      const std::lock_guard lock(abandoned_mutex_);
      if (abandoned_.empty()) return;
      runtime = std::move(abandoned_.back());
      abandoned_.pop_back();
    }
    failures_.abandon_cancelled(*runtime);
  }
}

void WorkExchange::hold(std::vector<Task> claimed, Deadline::TimePoint claimed_at) {
  std::vector<std::shared_ptr<LeasedTask>> held;
  held.reserve(claimed.size());
  for (auto& task : claimed) {
    held.push_back(engine_.leases.hold(std::move(task), claimed_at));
    const auto& kept = held.back()->task;
    if (!kept.ordered) continue;
    engine_.runtimes.of(kept.tenant_id, kept.job_id, engine_.options.clock->steady_now())
        ->turns.enter(held.back());
  }
  for (auto& leased : held) dispatcher_.add(std::move(leased));
}

void WorkExchange::settle(JobId job_id, LeaseToken token) const {
  if (const auto runtime = engine_.runtimes.find(job_id)) runtime->turns.settle(token);
}

void WorkExchange::retry_tasks() {
  while (!pending_.retries.empty()) {
    const auto& retry = pending_.retries.back();
    TaskRetryResult result;
    deliver([&] { result = engine_.stores.work.retry_task(retry); });
    engine_.leases.let_go(retry.token);
    engine_.wake_up.after(retry.retry_in);
    if (retry.failure && retry.counted && !result.lost)
      engine_.metrics.task_retried(*retry.failure);
    if (result.cancelled) job_cancelled({retry.tenant_id, retry.job_id});
    pending_.retries.pop_back();
  }
}

void WorkExchange::end_jobs() {
  if (pending_.endings.empty()) return;
  core::fault_point("finish.before");
  std::vector<FinishReport> reports;
  for (const auto& ending : pending_.endings) reports.push_back(ending.report);
  std::vector<bool> ended(reports.size());
  try {
    ended = engine_.stores.work.finish_jobs(reports);
  } catch (...) {
    if (concerns_all_work(current_failure())) throw;
    for (std::size_t i = 0; i < ended.size(); ++i) {
      deliver([&] { ended[i] = engine_.stores.work.finish_job(reports[i]); });
    }
  }
  core::fault_point("finish.after");
  pending_.endings.clear();
  for (std::size_t i = 0; i < ended.size(); ++i) job_ended(reports[i], ended[i]);
}

void WorkExchange::job_ended(const FinishReport& ending, bool ended) {
  if (ending.token) {
    engine_.leases.let_go(*ending.token);
    settle(ending.job_id, *ending.token);
  }
  if (ended) {
    engine_.metrics.job_ended(ending.status);
    const bool failed = ending.status == JobStatus::failed;
    log_job(*engine_.options.log, failed ? LogLevel::error : LogLevel::info,
            "the job ended " + std::string(to_string(ending.status)), ending.tenant_id,
            ending.job_id, ending.error ? &*ending.error : nullptr);
  }
  if (ended) return forget(ending.job_id);
  if (ending.token) return;
  // It had ended already. What this node has may be of a later run, on which nothing was decided.
  const auto runtime = engine_.runtimes.find(ending.job_id);
  if (!runtime || runtime->end_was_decided) forget(ending.job_id);
}

// What the storage refuses alone is dropped: the task's lease runs out, and it is done again.
void WorkExchange::deliver(const std::function<void()>& call) const {
  try {
    call();
  } catch (...) {
    const auto failure = current_failure();
    if (concerns_all_work(failure)) throw;
    engine_.options.log->log(LogLevel::error, "the storage refuses a task: " + failure.message, {});
  }
}

void WorkExchange::forget(JobId job_id) {
  for (const auto& leased : dispatcher_.withdraw(job_id)) {
    engine_.leases.let_go(leased->task.token);
  }
  if (const auto runtime = engine_.runtimes.find(job_id)) {
    for (const auto& leased : runtime->turns.clear()) engine_.leases.let_go(leased->task.token);
  }
  engine_.leases.request_stop(job_id);
  engine_.runtimes.forget(job_id);
  changes_.note();
}

void WorkExchange::heartbeat() {
  if (registered_) {
    try {
      const auto held_up = engine_.leases.renew(
          {.batches = batches_processed_, .records = records_processed_}, all_affinities());
      for (const auto& job : held_up) hand_back_waiting(job);
      if (auto stuck = dispatcher_.withdraw_stuck(); !stuck.empty()) {
        hand_back(stuck);
        engine_.wake_up.now();
      }
      housekeeping_.keep([this](const JobReference& job) { job_cancelled(job); });
    } catch (...) {
      // The deadlines stay, so writing stops in time; the step says what is the matter.
      engine_.options.log->log(LogLevel::warning,
                               "leases were not renewed: " + current_failure().message, {});
    }
  }
  engine_.runtimes.forget_unused(engine_.options.clock->steady_now() - unused_after);
}

void WorkExchange::close() {
  take_pending();
  for (const auto& leased : engine_.leases.held()) {
    const auto is_reported = [&](const BatchReport& report) {
      return report.token == leased->task.token;
    };
    if (leased->task.kind == TaskKind::execute &&
        std::none_of(pending_.reports.begin(), pending_.reports.end(), is_reported)) {
      pending_.reports.push_back(report_of(leased->task, TaskVerdict::release));
    }
  }
  if (registered_) leave();
  // What was to be done by a task that the end was faster than.
  clean_up();
}

void WorkExchange::leave() {
  try {
    acknowledge(claim_of({}));
    end_jobs();
    retry_tasks();
    engine_.stores.work.remove_node(node_.id);
    registered_ = false;
  } catch (...) {
    engine_.options.log->log(
        LogLevel::warning,
        "the storage could not be told that this node stops; its leases run out: " +
            current_failure().message,
        {});
  }
}

}  // namespace freight::engine
