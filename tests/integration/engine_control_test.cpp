// What a person asks of a running job: pause, resume, cancel, priorities, times, keys.

#include <atomic>
#include <thread>

#include "support/engine_fixture.hpp"

namespace freight::testing {
namespace {

using std::chrono::steady_clock;

class EngineControlTest : public EngineTest {
 protected:
  JobStatus status(JobEngine& engine, JobId id) { return engine.find(tenant_, id)->status; }

  static JobSpec spec_at(std::chrono::milliseconds in) {
    auto spec = scripted_spec();
    spec.run_at = Timestamp(std::chrono::time_point_cast<std::chrono::microseconds>(
                      std::chrono::system_clock::now())) +
                  in;
    return spec;
  }

  /// Writes slowly, at record boundaries, as connectors must.
  void write_slowly() {
    script_->on_write = [this](const WriteRequest&, ConnectorContext& context) {
      ++writing_;
      for (int i = 0; i < 20; ++i) {
        if (context.stop.stop_requested()) throw Error(Code::cancelled, "stopped");
        std::this_thread::sleep_for(milliseconds(1));
      }
    };
  }

  std::atomic<int> writing_ = 0;
};

TEST_P(EngineControlTest, AJobCancelledWithTwoThousandBatchesToGoLeavesThem) {
  script_->records = 20'500;
  write_slowly();
  auto engine = start_engine();
  const auto id = engine->submit(tenant_, scripted_spec());
  ASSERT_TRUE(eventually([&] { return script_->written() >= 300; }));
  EXPECT_TRUE(engine->cancel(tenant_, id).accepted);
  const auto job = wait(*engine, id);
  EXPECT_EQ(job.status, JobStatus::cancelled) << describe(job);
  EXPECT_GE(job.batches_total, job.batches_completed + 20);
  EXPECT_EQ(job.records.succeeded, script_->written()) << "its counts say what was written";
  EXPECT_EQ(job.written.inserted, script_->written());
  EXPECT_EQ(job.records.read, job.records.succeeded);
  EXPECT_TRUE(eventually([&] { return script_->abandoned() == 1; }));
  EXPECT_TRUE(engine->cancel(tenant_, id).accepted) << "it is what was asked for";
  EXPECT_FALSE(engine->cancel(tenant_, id).changed);
}

TEST_P(EngineControlTest, OtherNodesNoticeACancellation) {
  script_->records = 1000;
  std::atomic<int> stopped = 0;
  std::atomic<int> blocked = 0;
  script_->on_write = [&](const WriteRequest&, ConnectorContext& context) {
    ++blocked;
    while (!context.stop.stop_requested()) std::this_thread::sleep_for(milliseconds(1));
    ++stopped;
    throw Error(Code::cancelled, "stopped");
  };
  auto worker = start_engine({.heartbeat = milliseconds(200)});
  auto other_storage = open_storage(storage_url());
  const auto other = make_job_engine(*other_storage, connectors_);
  const auto id = worker->submit(tenant_, scripted_spec());
  ASSERT_TRUE(eventually([&] { return blocked > 0; }));
  EXPECT_EQ(other->cancel(tenant_, id).status, JobStatus::cancelling);
  EXPECT_EQ(wait(*worker, id).status, JobStatus::cancelled);
  EXPECT_EQ(stopped, blocked);
  EXPECT_EQ(script_->written(), 0U);
}

TEST_P(EngineControlTest, AJobOfADeadNodeIsCancelledByAnother) {
  script_->records = 100;
  std::atomic<bool> may_end = false;
  std::atomic<int> blocked = 0;
  script_->on_write = [&](const WriteRequest&, ConnectorContext&) {
    ++blocked;
    while (!may_end) std::this_thread::sleep_for(milliseconds(1));
  };
  // It does not renew what it holds and hears of nothing, as if its process stood still.
  auto zombie_storage = open_storage(storage_url());
  auto zombie = make_job_engine(
      *zombie_storage, connectors_,
      {.workers = 2, .lease = milliseconds(400), .heartbeat = std::chrono::hours(1)});
  zombie->start();
  const auto id = zombie->submit(tenant_, scripted_spec());
  ASSERT_TRUE(eventually([&] { return blocked > 0; }));
  // Not started before: its own workers would claim batches, and stand still as well.
  auto engine = make_engine({.heartbeat = milliseconds(50)});
  EXPECT_TRUE(engine->cancel(tenant_, id).accepted);
  engine->start();
  EXPECT_EQ(wait(*engine, id).status, JobStatus::cancelled);
  may_end = true;
  zombie->stop();
  EXPECT_EQ(status(*engine, id), JobStatus::cancelled);
}

TEST_P(EngineControlTest, ACancelledJobIsRetriedAndNothingIsWrittenTwice) {
  script_->records = 2000;
  write_slowly();
  auto engine = start_engine();
  const auto id = engine->submit(tenant_, scripted_spec());
  ASSERT_TRUE(eventually([&] { return script_->written() >= 100; }));
  engine->cancel(tenant_, id);
  ASSERT_EQ(wait(*engine, id).status, JobStatus::cancelled);
  script_->on_write = nullptr;
  EXPECT_EQ(engine->retry(tenant_, id, RetryScope::failed_batches).refusal, RetryRefusal::none);
  expect_completed(wait(*engine, id), 2000);
}

TEST_P(EngineControlTest, APausedJobWritesNothingAndGoesOnWhenItIsResumed) {
  script_->records = 3000;
  write_slowly();
  auto engine = start_engine();
  const auto id = engine->submit(tenant_, scripted_spec());
  ASSERT_TRUE(eventually([&] { return script_->written() >= 50; }));
  EXPECT_TRUE(engine->pause(tenant_, id).changed);
  ASSERT_TRUE(eventually([&] { return !storage_->jobs().is_running(tenant_, id); }));
  const auto written = script_->written();
  std::this_thread::sleep_for(milliseconds(400));
  EXPECT_EQ(script_->written(), written);
  const auto paused = *engine->find(tenant_, id);
  EXPECT_EQ(paused.status, JobStatus::paused);
  EXPECT_EQ(paused.records.succeeded, written);
  EXPECT_EQ(script_->abandoned(), 0U);
  script_->on_write = nullptr;
  EXPECT_TRUE(engine->resume(tenant_, id).changed);
  const auto job = wait(*engine, id);
  expect_completed(job, 3000);
  EXPECT_EQ(job.retries, 0U) << "what was handed back was no attempt";
}

TEST_P(EngineControlTest, APausedJobThatIsCancelledEndsAtOnceAndIsCleanedUp) {
  script_->records = 3000;
  write_slowly();
  JobId id;
  {
    auto engine = start_engine();
    id = engine->submit(tenant_, scripted_spec());
    ASSERT_TRUE(eventually([&] { return script_->written() >= 50; }));
    engine->pause(tenant_, id);
    ASSERT_TRUE(eventually([&] { return !storage_->jobs().is_running(tenant_, id); }));
  }
  auto other = start_engine();
  EXPECT_EQ(other->cancel(tenant_, id).status, JobStatus::cancelled);
  EXPECT_TRUE(eventually([&] { return script_->abandoned() == 1; }))
      << "also by a node that never worked for it";
}

TEST_P(EngineControlTest, AJobThatNeverBeganIsCancelledWithoutTouchingTheDestination) {
  std::atomic<int> prepared = 0;
  script_->on_prepare = [&](ConnectorContext&) { ++prepared; };
  auto engine = start_engine();
  const auto id = engine->submit(tenant_, spec_at(std::chrono::hours(1)));
  EXPECT_EQ(status(*engine, id), JobStatus::scheduled);
  EXPECT_EQ(engine->cancel(tenant_, id).status, JobStatus::cancelled);
  std::this_thread::sleep_for(milliseconds(100));
  EXPECT_EQ(prepared, 0);
  EXPECT_EQ(script_->abandoned(), 0U);
}

TEST_P(EngineControlTest, AScheduledJobIsStartedAtItsTime) {
  auto engine = start_engine({.poll = std::chrono::hours(1)});
  const auto spec = spec_at(milliseconds(2000));
  const auto id = engine->submit(tenant_, spec);
  EXPECT_EQ(status(*engine, id), JobStatus::scheduled);
  const auto job = wait(*engine, id);
  EXPECT_EQ(job.status, JobStatus::completed) << describe(job);
  EXPECT_GE(*job.started_at, *spec.run_at);
}

TEST_P(EngineControlTest, AnUrgentJobGoesBeforeOneThatCameFirst) {
  script_->records = 50;
  auto engine = make_engine({.workers = 1});
  auto late = scripted_spec();
  late.priority = 9;
  auto urgent = scripted_spec();
  urgent.priority = 0;
  const auto ids = engine->submit_many(tenant_, std::vector{late, urgent});
  ASSERT_EQ(ids.size(), 2U);
  engine->start();
  const auto second = wait(*engine, ids[0]);
  const auto first = wait(*engine, ids[1]);
  EXPECT_EQ(first.status, JobStatus::completed) << describe(first);
  EXPECT_LE(*first.finished_at, *second.finished_at);
}

TEST_P(EngineControlTest, ManyJobsAreSubmittedTogetherOrNotAtAll) {
  auto engine = start_engine();
  std::vector<JobSpec> specs(20, scripted_spec());
  for (const auto id : engine->submit_many(tenant_, specs)) {
    EXPECT_EQ(wait(*engine, id).status, JobStatus::completed);
  }
  EXPECT_THROW(engine->submit_many(TenantId::generate(), specs), Error);
  EXPECT_EQ(storage_->jobs().list_jobs(tenant_, {}).jobs.size(), 20U);
}

TEST_P(EngineControlTest, AKeySubmitsASpecOnceAndRefusesAnother) {
  auto engine = make_engine();
  const auto first = engine->submit_once(tenant_, scripted_spec(), "monday");
  EXPECT_TRUE(first.created);
  const auto again = engine->submit_once(tenant_, scripted_spec(), "monday");
  EXPECT_FALSE(again.created);
  EXPECT_EQ(again.job_id, first.job_id);
  try {
    engine->submit_once(tenant_, scripted_spec(R"(,"name":"other")"), "monday");
    ADD_FAILURE() << "another spec was taken";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::idempotency_conflict);
  }
  EXPECT_EQ(storage_->jobs().list_jobs(tenant_, {}).jobs.size(), 1U);
}

TEST_P(EngineControlTest, ABatchThatWasGivenUpIsRetriedAlone) {
  script_->records = 50;
  std::atomic<bool> broken = true;
  script_->on_write = [&](const WriteRequest& request, ConnectorContext&) {
    if (broken && request.first_ordinal == 20) throw std::runtime_error("no");
  };
  auto engine = start_engine();
  const auto id = engine->submit(tenant_, scripted_spec());
  ASSERT_EQ(wait(*engine, id).status, JobStatus::failed);
  broken = false;
  const auto failed =
      storage_->jobs().list_batches(tenant_, id, {.statuses = {BatchStatus::failed}});
  ASSERT_EQ(failed.size(), 1U);
  EXPECT_EQ(engine->retry_batch(tenant_, failed[0].id).refusal, BatchRetryRefusal::none);
  expect_completed(wait(*engine, id), 50);
}

INSTANTIATE_TEST_SUITE_P(Both, EngineControlTest,
                         ::testing::Values(StorageBackend::sqlite, StorageBackend::postgresql),
                         name_of);

}  // namespace
}  // namespace freight::testing
