#include "engine/service.hpp"

#include <algorithm>
#include <exception>
#include <iterator>
#include <set>
#include <utility>

#include "core/fault_point.hpp"
#include "engine/all_rejected.hpp"
#include "engine/batch_executor.hpp"
#include "engine/job_log.hpp"
#include "engine/reject_limits.hpp"
#include "engine/stored_spec.hpp"
#include "engine/submission.hpp"

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

Service::Service(const Surroundings& surroundings, Dispatcher& dispatcher, JobEvents& events,
                 NodeInfo node, std::vector<std::string> affinities)
    : with_(surroundings),
      dispatcher_(dispatcher),
      events_(events),
      node_(std::move(node)),
      affinities_(std::move(affinities)),
      failures_(surroundings) {}

void Service::step() {
  const auto now = with_.options.clock->steady_now();
  if (trouble_.holds_off(now)) {
    with_.wake_up.at(trouble_.next_attempt());
    return;
  }
  try {
    register_once();
    deliver_and_claim();
    if (trouble_.failure()) with_.options.log->log(LogLevel::info, "the storage is back", {});
    trouble_.over();
  } catch (...) {
    const auto failure = current_failure();
    if (!trouble_.failure()) {
      with_.options.log->log(LogLevel::warning, "the storage fails: " + failure.message, {});
    }
    with_.wake_up.at(trouble_.met(failure, with_.options.clock->steady_now()));
  }
  dispatcher_.pump();
}

void Service::register_once() {
  if (registered_) return;
  with_.stores.work.register_node(node_);
  registered_ = true;
}

void Service::take_pending() {
  auto left_behind = with_.outbox.take();
  append(pending_.reports, std::move(left_behind.reports));
  append(pending_.retries, std::move(left_behind.retries));
  append(pending_.endings, std::move(left_behind.endings));
}

void Service::deliver_and_claim() {
  take_pending();
  if (!pending_.endings.empty()) {
    // What was done before the end counts; nothing new is claimed of a job that is about to end.
    acknowledge(claim_of({}));
    end_jobs();
  }
  retry_tasks();
  acknowledge(claim_of(dispatcher_.room()));
}

std::vector<std::string> Service::all_affinities() const {
  auto affinities = affinities_;
  append(affinities, with_.runtimes.affinities());
  return affinities;
}

ClaimRequest Service::claim_of(Dispatcher::Room room) const {
  ClaimRequest request;
  request.node_id = node_.id;
  request.affinities = all_affinities();
  request.only_job = with_.options.only_job;
  request.only_migration = with_.options.only_migration;
  request.max_execute = room.execute;
  request.max_other = room.other;
  // One being written, the others being read or parked; more would only be in memory for longer.
  request.max_ordered = with_.options.workers + 1;
  request.lease = with_.options.lease;
  return request;
}

void Service::acknowledge(const ClaimRequest& next) {
  const bool wants_work = next.max_execute > 0 || next.max_other > 0;
  const auto sent_at = with_.options.clock->steady_now();
  if (pending_.reports.empty()) {
    if (wants_work) {
      hold(with_.stores.work.claim(next), sent_at);
      with_.metrics.claim_took(with_.options.clock->steady_now() - sent_at);
    }
    return;
  }
  AcknowledgeResult result;
  core::fault_point("engine.before_acknowledge");
  try {
    result = with_.stores.work.acknowledge(pending_.reports, next);
  } catch (...) {
    const auto failure = current_failure();
    if (concerns_all_work(failure)) throw;
    acknowledge_one_by_one(next);
    return;
  }
  core::fault_point("engine.after_acknowledge");
  const auto reports = std::exchange(pending_.reports, {});
  with_.metrics.acknowledge_took(with_.options.clock->steady_now() - sent_at);
  hold(std::move(result.claimed), sent_at);
  for (const auto& report : reports) acknowledged(report, result.lost);
  for (const auto& token : result.lost) drop_ending_after(token);
  for (const auto& job : result.cancelled) job_cancelled(job);
  check_limits(reports);
}

// One report that the storage cannot take must not keep all the others from being delivered.
void Service::acknowledge_one_by_one(const ClaimRequest& next) {
  std::vector<std::pair<BatchReport, Failure>> refused;
  while (!pending_.reports.empty()) {
    const std::span<const BatchReport> one(&pending_.reports.back(), 1);
    try {
      const auto result = with_.stores.work.acknowledge(one, claim_of({}));
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
    hold(with_.stores.work.claim(next), with_.options.clock->steady_now());
  } catch (...) {
    // It takes nothing at all: no fault of the reports.
    for (auto& [report, reason] : refused) pending_.reports.push_back(std::move(report));
    throw;
  }
  for (const auto& [report, reason] : refused) {
    with_.leases.let_go(report.token);
    drop_ending_after(report.token);
    const auto runtime =
        with_.runtimes.of(report.tenant_id, report.job_id, with_.options.clock->steady_now());
    failures_.end_job(*runtime, JobStatus::failed, reason, report.token);
  }
}

void Service::drop_ending_after(LeaseToken token) {
  std::erase_if(pending_.endings, [&](const auto& ending) { return ending.after == token; });
}

void Service::acknowledged(const BatchReport& report, const std::vector<LeaseToken>& lost) {
  with_.leases.let_go(report.token);
  settle(report.job_id, report.token);
  if (std::find(lost.begin(), lost.end(), report.token) != lost.end()) return;
  with_.metrics.acknowledged(report);
  if (report.verdict == TaskVerdict::completed) {
    ++batches_processed_;
    records_processed_ += report.counts.read;
  }
  if (report.verdict == TaskVerdict::retry || report.verdict == TaskVerdict::release) {
    with_.wake_up.after(report.retry_in);
  }
  if (report.verdict != TaskVerdict::completed || report.counts.read == report.counts.rejected) {
    return;
  }
  if (const auto runtime = with_.runtimes.find(report.job_id)) runtime->seen_accepted = true;
}

void Service::check_limits(std::span<const BatchReport> reports) {
  std::set<JobReference> looked_at;
  for (const auto& report : reports) {
    if (report.verdict != TaskVerdict::completed) continue;
    const JobReference reference{report.tenant_id, report.job_id};
    const auto runtime = with_.runtimes.find(report.job_id);
    if (!runtime || runtime->spec() == nullptr || looked_at.contains(reference)) continue;
    const bool may_be_all = report.counts.rejected > 0 &&
                            report.counts.read == report.counts.rejected && !runtime->seen_accepted;
    if (!may_be_all && !has_reject_limits(runtime->spec()->errors)) continue;
    looked_at.insert(reference);
    check_limits(reference, *runtime);
  }
}

void Service::check_limits(const JobReference& reference, JobRuntime& runtime) {
  const auto job = with_.stores.jobs.find_job(reference.tenant_id, reference.job_id);
  if (!job || is_final(job->status)) return;
  const auto& spec = *runtime.spec();
  if (const auto failure = all_rejected(*job, spec, false, with_.stores.jobs)) {
    failures_.fail_run(runtime, job->run_number, *failure);
    with_.wake_up.now();
    return;
  }
  if (job->status == JobStatus::paused) return;
  const auto failure = too_many_rejects(*job, spec.errors);
  if (!failure) return;
  if (spec.errors.on_limit == OnLimit::fail) {
    failures_.fail_run(runtime, job->run_number, *failure);
    with_.wake_up.now();
  } else if (with_.stores.jobs.pause(reference.tenant_id, reference.job_id, failure).changed) {
    log_job(*with_.options.log, LogLevel::warning, "the job is paused", reference.tenant_id,
            reference.job_id, &*failure);
    hand_back_waiting(reference);
    events_.job_ended();
  }
}

void Service::hand_back_waiting(const JobReference& job) {
  hand_back(dispatcher_.withdraw(job.job_id));
  with_.wake_up.now();
}

void Service::hand_back(const std::vector<std::shared_ptr<LeasedTask>>& withdrawn) {
  for (const auto& leased : withdrawn) {
    const auto& task = leased->task;
    if (task.kind == TaskKind::execute) {
      with_.outbox.add(report_of(task, TaskVerdict::release));
    } else {
      with_.outbox.add(
          TaskRetry{.token = task.token, .tenant_id = task.tenant_id, .job_id = task.job_id});
    }
  }
}

void Service::stop_job(const JobReference& job) {
  with_.leases.request_stop(job.job_id);
  hand_back_waiting(job);
}

void Service::job_cancelled(const JobReference& job) {
  log_job(*with_.options.log, LogLevel::info, "the job was cancelled", job.tenant_id, job.job_id);
  with_.metrics.job_ended(JobStatus::cancelled);
  auto runtime = with_.runtimes.of(job.tenant_id, job.job_id, with_.options.clock->steady_now());
  forget(job.job_id);
  {
    const std::lock_guard lock(abandoned_mutex_);
    abandoned_.push_back(std::move(runtime));
  }
  // A destination may take its time: not in the step, nor in the caller's thread.
  with_.gate.post([this] { clean_up(); });
}

void Service::clean_up() {
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

void Service::hold(std::vector<Task> claimed, Deadline::TimePoint claimed_at) {
  std::vector<std::shared_ptr<LeasedTask>> held;
  held.reserve(claimed.size());
  for (auto& task : claimed) {
    held.push_back(with_.leases.hold(std::move(task), claimed_at));
    const auto& kept = held.back()->task;
    if (!kept.ordered) continue;
    with_.runtimes.of(kept.tenant_id, kept.job_id, with_.options.clock->steady_now())
        ->turns.enter(held.back());
  }
  for (auto& leased : held) dispatcher_.add(std::move(leased));
}

void Service::settle(JobId job_id, LeaseToken token) const {
  if (const auto runtime = with_.runtimes.find(job_id)) runtime->turns.settle(token);
}

void Service::retry_tasks() {
  while (!pending_.retries.empty()) {
    const auto& retry = pending_.retries.back();
    TaskRetryResult result;
    deliver([&] { result = with_.stores.work.retry_task(retry); });
    with_.leases.let_go(retry.token);
    with_.wake_up.after(retry.retry_in);
    if (retry.failure && retry.counted && !result.lost) with_.metrics.task_retried(*retry.failure);
    if (result.cancelled) job_cancelled({retry.tenant_id, retry.job_id});
    pending_.retries.pop_back();
  }
}

void Service::end_jobs() {
  if (pending_.endings.empty()) return;
  core::fault_point("finish.before");
  std::vector<FinishReport> reports;
  for (const auto& ending : pending_.endings) reports.push_back(ending.report);
  std::vector<bool> ended(reports.size());
  try {
    ended = with_.stores.work.finish_jobs(reports);
  } catch (...) {
    if (concerns_all_work(current_failure())) throw;
    for (std::size_t i = 0; i < ended.size(); ++i) {
      deliver([&] { ended[i] = with_.stores.work.finish_job(reports[i]); });
    }
  }
  core::fault_point("finish.after");
  pending_.endings.clear();
  for (std::size_t i = 0; i < ended.size(); ++i) job_ended(reports[i], ended[i]);
}

void Service::job_ended(const FinishReport& ending, bool ended) {
  if (ending.token) {
    with_.leases.let_go(*ending.token);
    settle(ending.job_id, *ending.token);
  }
  if (ended) {
    with_.metrics.job_ended(ending.status);
    const bool failed = ending.status == JobStatus::failed;
    log_job(*with_.options.log, failed ? LogLevel::error : LogLevel::info,
            "the job ended " + std::string(to_string(ending.status)), ending.tenant_id,
            ending.job_id, ending.error ? &*ending.error : nullptr);
  }
  if (ended) return forget(ending.job_id);
  if (ending.token) return;
  // It had ended already. What this node has may be of a later run, on which nothing was decided.
  const auto runtime = with_.runtimes.find(ending.job_id);
  if (!runtime || runtime->end_was_decided) forget(ending.job_id);
}

// What the storage refuses alone is dropped: the task's lease runs out, and it is done again.
void Service::deliver(const std::function<void()>& call) const {
  try {
    call();
  } catch (...) {
    const auto failure = current_failure();
    if (concerns_all_work(failure)) throw;
    with_.options.log->log(LogLevel::error, "the storage refuses a task: " + failure.message, {});
  }
}

void Service::forget(JobId job_id) {
  for (const auto& leased : dispatcher_.withdraw(job_id)) {
    with_.leases.let_go(leased->task.token);
  }
  if (const auto runtime = with_.runtimes.find(job_id)) {
    for (const auto& leased : runtime->turns.clear()) with_.leases.let_go(leased->task.token);
  }
  with_.leases.request_stop(job_id);
  with_.runtimes.forget(job_id);
  events_.job_ended();
}

void Service::heartbeat() {
  if (registered_) {
    try {
      const auto held_up = with_.leases.renew(
          {.batches = batches_processed_, .records = records_processed_}, all_affinities());
      for (const auto& job : held_up) hand_back_waiting(job);
      if (auto stuck = dispatcher_.withdraw_stuck(); !stuck.empty()) {
        hand_back(stuck);
        with_.wake_up.now();
      }
      keep_house();
    } catch (...) {
      // The deadlines stay, so writing stops in time; the step says what is the matter.
      with_.options.log->log(LogLevel::warning,
                             "leases were not renewed: " + current_failure().message, {});
    }
  }
  with_.runtimes.forget_unused(with_.options.clock->steady_now() - unused_after);
}

void Service::keep_house() {
  const auto kept = with_.stores.work.housekeep();
  if (kept.clock_step_back) note_clock_step(*kept.clock_step_back);
  for (const auto& job : kept.cancelled) job_cancelled(job);
  for (const auto& job : kept.timed_out) end_timed_out(job);
  note_missing_secrets();
  if (!with_.metrics.wanted()) return;
  with_.metrics.queue(with_.stores.jobs.queue_statistics(std::nullopt));
  with_.metrics.tasks_held(with_.leases.held().size());
}

void Service::note_clock_step(std::chrono::microseconds step) {
  const auto seconds = std::chrono::round<std::chrono::seconds>(step).count();
  with_.options.log->log(LogLevel::warning,
                         "the storage's clock went back by some " + std::to_string(seconds) +
                             " s; leases and retries wait anew from now on",
                         {});
  with_.wake_up.now();
}

// Of a job whose secrets went with the program that had them: it would wait without a word.
void Service::note_missing_secrets() {
  const auto unserved =
      with_.stores.work.list_unserved({.affinity_prefix = std::string(secret_affinity_prefix),
                                       .said = Code::missing_secret,
                                       .unchanged_for = 3 * with_.options.heartbeat});
  for (const auto& reference : unserved) {
    const auto job = with_.stores.jobs.find_job(reference.tenant_id, reference.job_id);
    if (!job) continue;
    const auto reason = waits_for_secret(*job, with_.registry);
    if (!with_.stores.work.note_waiting(reference.tenant_id, reference.job_id, reason)) continue;
    log_job(*with_.options.log, LogLevel::warning, "the job waits", reference.tenant_id,
            reference.job_id, &reason);
  }
}

// Whoever works for the job ends it, and lets its destination clean up; another only when nobody
// does.
void Service::end_timed_out(const JobReference& job) {
  const auto known = with_.runtimes.find(job.job_id);
  const bool works_here = known && known->made_connectors() != nullptr;
  if (!works_here && with_.stores.jobs.is_running(job.tenant_id, job.job_id)) return;
  const auto found = with_.stores.jobs.find_job(job.tenant_id, job.job_id);
  // Ended meanwhile, or taken up again with as much time again.
  if (!found || is_final(found->status) || !found->deadline_at) return;
  const auto runtime =
      with_.runtimes.of(job.tenant_id, job.job_id, with_.options.clock->steady_now());
  Failure failure;
  failure.code = Code::timed_out;
  failure.category = code_info(failure.code).category;
  failure.message = "the job ran for longer than its timeout_s";
  failure.details.hint = "retry the job to go on where it stopped, with as much time again";
  failures_.fail_run(*runtime, found->run_number, failure);
  with_.wake_up.now();
}

void Service::close() {
  take_pending();
  for (const auto& leased : with_.leases.held()) {
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

void Service::leave() {
  try {
    acknowledge(claim_of({}));
    end_jobs();
    retry_tasks();
    with_.stores.work.remove_node(node_.id);
    registered_ = false;
  } catch (...) {
    with_.options.log->log(
        LogLevel::warning,
        "the storage could not be told that this node stops; its leases run out: " +
            current_failure().message,
        {});
  }
}

}  // namespace freight::engine
