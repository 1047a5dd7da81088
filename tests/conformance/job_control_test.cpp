// Pause, resume, cancel, remove, and what time brings about.

#include <array>

#include "support/storage_fixture.hpp"

namespace freight::testing {
namespace {

class JobControlTest : public StorageTest {
 protected:
  StateChange pause(JobId id) { return jobs().pause(tenant_, id, std::nullopt); }
  StateChange resume(JobId id) { return jobs().resume(tenant_, id); }
  StateChange cancel(JobId id) { return jobs().cancel(tenant_, id); }
  JobStatus status(JobId id) { return job(id).status; }

  JobId scheduled_job(std::chrono::microseconds in) {
    auto request = new_job(tenant_);
    request.run_at = Timestamp(std::chrono::time_point_cast<std::chrono::microseconds>(
                         std::chrono::system_clock::now())) +
                     in;
    const auto id = JobId::generate();
    jobs().submit(id, request);
    return id;
  }

  /// A job in the status, made of what leads there.
  JobId job_in(JobStatus status) {
    switch (status) {
      case JobStatus::scheduled:
        return scheduled_job(std::chrono::hours(1));
      case JobStatus::pending:
        return submit();
      case JobStatus::running:
        return planned_job(1);
      case JobStatus::paused: {
        const auto id = submit();
        pause(id);
        return id;
      }
      case JobStatus::cancelling: {
        const auto id = planned_job(1);
        claim_of(id, 1, 0);
        cancel(id);
        return id;
      }
      default: {
        const auto id = planned_job(0);
        auto report = finish(claim_of(id, 0, 1).at(0), status);
        EXPECT_TRUE(jobs().finish_job(report));
        return id;
      }
    }
  }

  std::vector<Task> claim_of(JobId id, std::uint32_t execute, std::uint32_t other) {
    auto ask = request(execute, other);
    ask.only_job = id;
    return jobs().claim(ask);
  }
};
INSTANTIATE_TEST_SUITE_P(Both, JobControlTest, both_backends, backend_name);

constexpr std::array all_statuses{JobStatus::scheduled,
                                  JobStatus::pending,
                                  JobStatus::running,
                                  JobStatus::paused,
                                  JobStatus::cancelling,
                                  JobStatus::completed,
                                  JobStatus::completed_with_errors,
                                  JobStatus::failed,
                                  JobStatus::cancelled};

TEST_P(JobControlTest, PauseIsTakenExactlyWhereTheTableHasIt) {
  for (const auto from : all_statuses) {
    const auto id = job_in(from);
    ASSERT_EQ(status(id), from);
    const auto change = pause(id);
    EXPECT_EQ(change.changed, can_transition(from, JobStatus::paused)) << to_string(from);
    EXPECT_EQ(change.accepted, change.changed || from == JobStatus::paused) << to_string(from);
    EXPECT_EQ(change.status, status(id)) << to_string(from);
    EXPECT_EQ(change.status, change.changed ? JobStatus::paused : from);
  }
}

TEST_P(JobControlTest, ResumeIsTakenOfPausedJobsOnly) {
  for (const auto from : all_statuses) {
    const auto id = job_in(from);
    const auto change = resume(id);
    EXPECT_EQ(change.changed, from == JobStatus::paused) << to_string(from);
    EXPECT_EQ(change.accepted, change.changed);
    EXPECT_EQ(change.status, change.changed ? JobStatus::pending : from) << to_string(from);
    EXPECT_EQ(change.status, status(id));
  }
}

TEST_P(JobControlTest, CancelIsTakenOfEveryJobThatHasNotEnded) {
  for (const auto from : all_statuses) {
    const auto id = job_in(from);
    const auto change = cancel(id);
    const bool ended = is_final(from);
    EXPECT_EQ(change.changed, !ended && from != JobStatus::cancelling) << to_string(from);
    EXPECT_EQ(change.accepted, !ended || from == JobStatus::cancelled) << to_string(from);
    EXPECT_EQ(change.status, status(id));
    EXPECT_EQ(change.status, change.changed ? JobStatus::cancelled : from) << to_string(from);
  }
}

TEST_P(JobControlTest, RemoveIsTakenOfEndedJobs) {
  for (const auto from : all_statuses) {
    const auto id = job_in(from);
    EXPECT_EQ(jobs().remove_job(tenant_, id).accepted, is_final(from)) << to_string(from);
    EXPECT_EQ(jobs().find_job(tenant_, id).has_value(), !is_final(from)) << to_string(from);
  }
}

TEST_P(JobControlTest, ActionsSayWhatTheStoreTakes) {
  for (const auto from : all_statuses) {
    const auto id = job_in(from);
    std::vector<std::string_view> taken;
    if (pause(id).changed) taken.emplace_back("pause");
    const auto other = job_in(from);
    if (resume(other).changed) taken.emplace_back("resume");
    if (cancel(job_in(from)).changed) taken.emplace_back("cancel");
    auto actions = actions_of(from);
    std::erase_if(actions, [](auto name) { return name == "retry" || name == "delete"; });
    EXPECT_EQ(actions, taken) << to_string(from);
  }
}

TEST_P(JobControlTest, AJobOfNobodyOrOfAnotherTenantIsNotFound) {
  const auto other = storage_->tenants().create({.name = "other"}).id;
  const auto id = submit();
  for (const JobReference& job :
       {JobReference{tenant_, JobId::generate()}, JobReference{other, id}}) {
    const TenantId tenant = job.tenant_id;
    const JobId job_id = job.job_id;
    EXPECT_EQ(code_of([&] { jobs().pause(tenant, job_id, std::nullopt); }), Code::not_found);
    EXPECT_EQ(code_of([&] { jobs().resume(tenant, job_id); }), Code::not_found);
    EXPECT_EQ(code_of([&] { jobs().cancel(tenant, job_id); }), Code::not_found);
    EXPECT_EQ(code_of([&] { jobs().remove_job(tenant, job_id); }), Code::not_found);
  }
  EXPECT_EQ(status(id), JobStatus::pending);
}

TEST_P(JobControlTest, APausedJobGivesNoWorkUntilItIsResumed) {
  const auto id = planned_job(3);
  const auto task = claim(1, 0).at(0);
  EXPECT_EQ(pause(id).status, JobStatus::paused);
  EXPECT_TRUE(claim(9, 9).empty());
  EXPECT_TRUE(acknowledge(with_verdict(task, TaskVerdict::release)).lost.empty());
  EXPECT_TRUE(claim(9, 9).empty()) << "what is handed back waits as well";
  EXPECT_EQ(resume(id).status, JobStatus::pending);
  EXPECT_EQ(claim(9, 9).size(), 3U);
  EXPECT_EQ(status(id), JobStatus::running);
}

TEST_P(JobControlTest, ALeaseThatRanOutIsNotTakenOverWhileTheJobIsPaused) {
  const auto id = planned_job(1);
  auto ask = request(1, 0);
  ask.lease = milliseconds(1);
  ASSERT_EQ(jobs().claim(ask).size(), 1U);
  pause(id);
  std::this_thread::sleep_for(milliseconds(20));
  EXPECT_TRUE(claim(9, 9).empty());
  EXPECT_EQ(resume(id).status, JobStatus::running) << "its holder may yet say something";
  EXPECT_EQ(claim(9, 9).size(), 1U);
}

TEST_P(JobControlTest, BatchesInFlightEndWhileTheJobIsPausedAndTheFinishWaits) {
  const auto id = planned_job(1);
  const auto task = claim(1, 0).at(0);
  pause(id);
  EXPECT_TRUE(acknowledge(completed(task)).lost.empty());
  EXPECT_EQ(job(id).records.succeeded, 10U);
  EXPECT_TRUE(claim(9, 9).empty());
  resume(id);
  const auto last = claim(9, 9);
  ASSERT_EQ(last.size(), 1U);
  EXPECT_EQ(last[0].kind, TaskKind::finish);
}

TEST_P(JobControlTest, AFinishInFlightEndsAPausedOrResumedJob) {
  for (const bool resumed : {false, true}) {
    const auto id = planned_job(0);
    const auto task = claim(0, 1).at(0);
    pause(id);
    if (resumed) {
      EXPECT_EQ(resume(id).status, JobStatus::running);
    }
    EXPECT_TRUE(jobs().finish_job(finish(task)));
    EXPECT_EQ(status(id), JobStatus::completed);
  }
}

TEST_P(JobControlTest, APlannerOfAPausedJobHandsItsTaskBackWithTheChunk) {
  const auto id = submit();
  const auto task = claim(0, 1).at(0);
  pause(id);
  const auto result = jobs().append_plan(chunk(task, 0, 2, false));
  EXPECT_TRUE(result.paused);
  EXPECT_FALSE(result.lost);
  EXPECT_EQ(job(id).batches_total, 2U);
  EXPECT_TRUE(claim(9, 9).empty());
  resume(id);
  EXPECT_EQ(claim(9, 9).size(), 3U) << "two batches and the plan, which goes on";
}

TEST_P(JobControlTest, AScheduledJobBeginsAtItsTime) {
  const auto id = scheduled_job(milliseconds(300));
  EXPECT_EQ(status(id), JobStatus::scheduled);
  EXPECT_TRUE(claim(9, 9).empty());
  EXPECT_TRUE(jobs().housekeep().cancelled.empty());
  EXPECT_EQ(status(id), JobStatus::scheduled);
  std::this_thread::sleep_for(milliseconds(350));
  EXPECT_EQ(claim(9, 9).size(), 1U);
  EXPECT_EQ(status(id), JobStatus::running);
}

TEST_P(JobControlTest, AScheduledJobThatIsDueAndNotClaimedIsPending) {
  const auto id = scheduled_job(milliseconds(50));
  std::this_thread::sleep_for(milliseconds(80));
  jobs().housekeep();
  EXPECT_EQ(status(id), JobStatus::pending);
}

TEST_P(JobControlTest, ATimeInThePastIsNoSchedule) {
  EXPECT_EQ(status(scheduled_job(-std::chrono::hours(1))), JobStatus::pending);
}

TEST_P(JobControlTest, ResumedBeforeItsTimeAJobIsScheduledAgain) {
  const auto id = scheduled_job(std::chrono::hours(1));
  pause(id);
  EXPECT_EQ(resume(id).status, JobStatus::scheduled);
  EXPECT_TRUE(claim(9, 9).empty());
}

TEST_P(JobControlTest, ACancelledJobEndsWithItsLastBatchInFlight) {
  const auto id = planned_job(5);
  const auto tasks = claim(2, 0);
  EXPECT_EQ(cancel(id).status, JobStatus::cancelling);
  EXPECT_TRUE(claim(9, 9).empty());
  EXPECT_TRUE(acknowledge(completed(tasks[0])).cancelled.empty());
  EXPECT_EQ(status(id), JobStatus::cancelling);
  const auto last = acknowledge(with_verdict(tasks[1], TaskVerdict::release));
  ASSERT_EQ(last.cancelled.size(), 1U);
  EXPECT_EQ(last.cancelled[0].job_id, id);
  const auto found = job(id);
  EXPECT_EQ(found.status, JobStatus::cancelled);
  EXPECT_TRUE(found.finished_at.has_value());
  EXPECT_EQ(found.records, (RecordCounts{.read = 10, .succeeded = 10}));
  EXPECT_EQ(found.batches_completed, 1U);
  std::uint64_t cancelled = 0;
  for (const auto& batch : batches(id)) cancelled += batch.status == BatchStatus::cancelled ? 1 : 0;
  EXPECT_EQ(cancelled, 4U);
  EXPECT_EQ(database_.number("SELECT count(*) FROM freight.batch_queue"), 0);
}

TEST_P(JobControlTest, ARetryOfABatchOfACancelledJobIsTheBatchesEnd) {
  const auto id = planned_job(1);
  const auto task = claim(1, 0).at(0);
  cancel(id);
  EXPECT_EQ(acknowledge(with_verdict(task, TaskVerdict::retry)).cancelled.size(), 1U);
  EXPECT_EQ(status(id), JobStatus::cancelled);
  EXPECT_EQ(batches(id).at(0).status, BatchStatus::cancelled);
}

TEST_P(JobControlTest, ACancelledPlannerHandsItsTaskBack) {
  const auto id = submit();
  const auto task = claim(0, 1).at(0);
  EXPECT_EQ(cancel(id).status, JobStatus::cancelling);
  const auto result = jobs().append_plan(chunk(task, 0, 2, false));
  EXPECT_TRUE(result.cancelling);
  EXPECT_EQ(job(id).batches_total, 0U);
  EXPECT_TRUE(
      jobs().retry_task({.token = task.token, .tenant_id = tenant_, .job_id = id}).cancelled);
  EXPECT_EQ(status(id), JobStatus::cancelled);
}

TEST_P(JobControlTest, AFinishInFlightHasTheLastWordOverACancellation) {
  const auto id = planned_job(0);
  const auto task = claim(0, 1).at(0);
  EXPECT_EQ(cancel(id).status, JobStatus::cancelling);
  EXPECT_TRUE(jobs().finish_job(finish(task)));
  EXPECT_EQ(status(id), JobStatus::completed);
}

TEST_P(JobControlTest, AJobWhoseNodeDiedIsCancelledWhenItsLeaseHasRunOut) {
  const auto id = planned_job(2);
  auto ask = request(1, 0);
  ask.lease = milliseconds(200);
  const auto task = jobs().claim(ask).at(0);
  EXPECT_EQ(cancel(id).status, JobStatus::cancelling);
  EXPECT_TRUE(jobs().housekeep().cancelled.empty()) << "its lease still holds";
  std::this_thread::sleep_for(milliseconds(250));
  const auto kept = jobs().housekeep();
  ASSERT_EQ(kept.cancelled.size(), 1U);
  EXPECT_EQ(kept.cancelled[0], (JobReference{tenant_, id}));
  EXPECT_EQ(status(id), JobStatus::cancelled);
  EXPECT_EQ(acknowledge(completed(task)).lost.size(), 1U) << "the zombie changes nothing";
  EXPECT_EQ(job(id).records.read, 0U);
}

TEST_P(JobControlTest, ALeaseThatRanOutDoesNotKeepAJobFromBeingCancelledAtOnce) {
  const auto id = planned_job(1);
  auto ask = request(1, 0);
  ask.lease = milliseconds(1);
  ASSERT_EQ(jobs().claim(ask).size(), 1U);
  std::this_thread::sleep_for(milliseconds(20));
  EXPECT_EQ(cancel(id).status, JobStatus::cancelled);
}

TEST_P(JobControlTest, ACancelledJobCanBeRetried) {
  const auto id = planned_job(3);
  acknowledge(completed(claim(1, 0).at(0)));
  cancel(id);
  const auto result = jobs().requeue(tenant_, id);
  EXPECT_TRUE(result.requeued);
  EXPECT_EQ(result.batches, 2U);
  EXPECT_EQ(claim(9, 9).size(), 2U);
}

TEST_P(JobControlTest, RenewSaysWhichJobsAreHeld) {
  const auto stopped = planned_job(1);
  const auto paused = planned_job(1);
  const auto free = planned_job(1);
  const auto tasks = claim(3, 0);
  std::vector<LeaseToken> tokens;
  for (const auto& task : tasks) tokens.push_back(task.token);
  cancel(stopped);
  pause(paused);
  const auto result = renew(node_, tokens);
  EXPECT_TRUE(result.lost.empty());
  ASSERT_EQ(result.cancelling.size(), 1U);
  ASSERT_EQ(result.paused.size(), 1U);
  EXPECT_EQ(result.cancelling[0], tasks[0].token);
  EXPECT_EQ(result.paused[0], tasks[1].token);
  EXPECT_EQ(status(free), JobStatus::running);
}

TEST_P(JobControlTest, APauseForALimitSaysWhichAndAResumeBeginsTheLimitsAnew) {
  const auto id = planned_job(2);
  auto report = completed(claim(1, 0).at(0));
  report.counts = {.read = 10, .succeeded = 7, .rejected = 3};
  acknowledge(report);
  const Failure reason{.code = Code::too_many_rejects,
                       .category = Category::limit,
                       .message = "3 of 10 records were rejected",
                       .details = {}};
  EXPECT_TRUE(jobs().pause(tenant_, id, reason).changed);
  auto found = job(id);
  ASSERT_TRUE(found.error.has_value());
  EXPECT_EQ(found.error->code, Code::too_many_rejects);
  EXPECT_EQ(found.error->message, reason.message);
  EXPECT_EQ(found.limits_from_rejected, 0U);
  resume(id);
  found = job(id);
  EXPECT_FALSE(found.error.has_value());
  EXPECT_EQ(found.limits_from_read, 10U);
  EXPECT_EQ(found.limits_from_rejected, 3U);
}

TEST_P(JobControlTest, APersonsPauseLeavesTheLimits) {
  const auto id = planned_job(2);
  auto report = completed(claim(1, 0).at(0));
  report.counts = {.read = 10, .succeeded = 7, .rejected = 3};
  acknowledge(report);
  pause(id);
  resume(id);
  EXPECT_EQ(job(id).limits_from_read, 0U);
}

TEST_P(JobControlTest, ATimeoutCountsFromTheStartAndAnewAfterARetry) {
  auto request = new_job(tenant_);
  request.timeout = std::chrono::seconds(1);
  const auto id = JobId::generate();
  jobs().submit(id, request);
  EXPECT_EQ(job(id).deadline_at, std::nullopt) << "it has not started";
  claim(0, 1);
  const auto found = job(id);
  ASSERT_TRUE(found.deadline_at.has_value());
  const auto allowed = *found.deadline_at - *found.started_at;
  EXPECT_GE(allowed, std::chrono::seconds(1));
  EXPECT_LT(allowed, milliseconds(1100));
  EXPECT_TRUE(jobs().housekeep().timed_out.empty());
  std::this_thread::sleep_for(milliseconds(1050));
  const auto kept = jobs().housekeep();
  ASSERT_EQ(kept.timed_out.size(), 1U);
  EXPECT_EQ(kept.timed_out[0], (JobReference{tenant_, id}));
  jobs().finish_job({.token = std::nullopt,
                     .tenant_id = tenant_,
                     .job_id = id,
                     .status = JobStatus::failed,
                     .error = std::nullopt,
                     .warnings = {},
                     .reconciliation = {}});
  EXPECT_TRUE(jobs().requeue(tenant_, id).requeued);
  EXPECT_EQ(job(id).deadline_at, std::nullopt);
}

}  // namespace
}  // namespace freight::testing
