// Stopping, going on, and taking over.

#include <atomic>
#include <thread>

#include <gmock/gmock.h>

#include "engine/lease_keeper.hpp"
#include "support/engine_fixture.hpp"

namespace freight::testing {
namespace {

using std::chrono::steady_clock;

class EngineLeaseTest : public EngineTest {
 protected:
  /// Blocks batch `ordinal` in its write until it is asked to stop.
  void block_until_stop(std::uint64_t ordinal) {
    script_->on_write = [this, ordinal](const WriteRequest& request, ConnectorContext& context) {
      if (request.first_ordinal != ordinal || unblocked_) return;
      ++blocked_;
      while (!context.stop.stop_requested()) std::this_thread::sleep_for(milliseconds(1));
      throw Error(Code::cancelled, "stopped");
    };
  }

  std::atomic<int> blocked_ = 0;
  std::atomic<bool> unblocked_ = false;
};

TEST_P(EngineLeaseTest, StopsInTheMiddleAndAnotherEngineGoesOn) {
  script_->records = 500;
  block_until_stop(100);
  auto first = start_engine();
  const auto id = first->submit(tenant_, scripted_spec());
  ASSERT_TRUE(eventually([&] { return blocked_ > 0; }));
  first->stop();
  first->stop();
  EXPECT_EQ(first->find(tenant_, id)->status, JobStatus::running);
  EXPECT_FALSE(storage_->jobs().is_running(tenant_, id));

  unblocked_ = true;
  auto second = start_engine();
  const auto job = wait(*second, id);
  expect_completed(job, 500);
  EXPECT_EQ(job.retries, 0U);
}

TEST_P(EngineLeaseTest, WhatIsClaimedWhileItStopsIsToldToStopToo) {
  engine::LeaseKeeper leases(storage_->work(), NodeId::generate(), system_clock(),
                             milliseconds(5000));
  const auto before = leases.hold({.token = LeaseToken::generate()}, steady_clock::now());
  EXPECT_FALSE(before->stop.stop_requested());
  leases.request_stop();
  EXPECT_TRUE(before->stop.stop_requested());
  const auto after = leases.hold({.token = LeaseToken::generate()}, steady_clock::now());
  EXPECT_TRUE(after->stop.stop_requested());
}

TEST_P(EngineLeaseTest, NothingOfAnEngineRunsAfterStop) {
  script_->records = 2000;
  std::atomic<bool> stopped = false;
  std::atomic<int> late = 0;
  script_->on_read = [&](const BatchRange&, ConnectorContext&) {
    if (stopped) ++late;
    std::this_thread::sleep_for(milliseconds(2));
  };
  auto engine = start_engine();
  engine->submit(tenant_, scripted_spec());
  ASSERT_TRUE(eventually([&] { return script_->written() > 50; }));
  engine->stop();
  stopped = true;
  std::this_thread::sleep_for(milliseconds(300));
  EXPECT_EQ(late, 0);
}

TEST_P(EngineLeaseTest, AnEngineIsStartedOnce) {
  auto engine = start_engine();
  EXPECT_THROW(engine->start(), Error);
}

TEST_P(EngineLeaseTest, ALongBatchIsNotTakenOverWhileItsLeaseIsRenewed) {
  script_->records = 10;
  std::atomic<int> writes = 0;
  script_->on_write = [&](const WriteRequest&, ConnectorContext& context) {
    ++writes;
    const auto first_deadline = context.deadline();
    EXPECT_TRUE(eventually([&] { return steady_clock::now() > first_deadline; }));
    EXPECT_GT(context.deadline(), steady_clock::now());
  };
  const EngineOptions options{.lease = milliseconds(3000), .heartbeat = milliseconds(100)};
  auto first = start_engine(options);
  auto second = start_engine(options);
  expect_completed(wait(*first, first->submit(tenant_, scripted_spec())), 10);
  EXPECT_EQ(writes, 1);
}

TEST_P(EngineLeaseTest, ALeaseThatIsNotRenewedIsTakenOverAndTheZombieChangesNothing) {
  script_->records = 30;
  script_->heeds_deadline = false;
  std::atomic<bool> zombie_may_end = false;
  std::atomic<int> writes_of_first = 0;
  script_->on_write = [&](const WriteRequest& request, ConnectorContext&) {
    if (request.first_ordinal != 10 || writes_of_first++ > 0) return;
    while (!zombie_may_end) std::this_thread::sleep_for(milliseconds(1));
  };
  // It does not renew what it holds, as if its process stood still.
  auto zombie = start_engine({.lease = milliseconds(300), .heartbeat = std::chrono::hours(1)});
  const auto id = zombie->submit(tenant_, scripted_spec());
  ASSERT_TRUE(eventually([&] { return writes_of_first > 0; }));

  auto successor = start_engine({.lease = milliseconds(300), .heartbeat = milliseconds(50)});
  const auto job = wait(*successor, id);
  expect_completed(job, 30);
  zombie_may_end = true;
  zombie->stop();
  const auto after = successor->find(tenant_, id);
  EXPECT_EQ(after->records, job.records);
  EXPECT_EQ(after->status, JobStatus::completed);
  EXPECT_EQ(script_->repeated(), 0U);
}

TEST_P(EngineLeaseTest, AWorkerIsToldWhenItsLeaseIsAnothers) {
  script_->records = 10;
  std::atomic<int> writes = 0;
  std::atomic<bool> told = false;
  script_->on_write = [&](const WriteRequest&, ConnectorContext& context) {
    if (writes++ > 0) return;
    told = eventually(
        [&] { return context.stop.stop_requested() && context.deadline() < steady_clock::now(); });
    throw Error(Code::cancelled, "stopped");
  };
  // Its heartbeat comes too late: by then another has the lease.
  auto slow = start_engine({.lease = milliseconds(200), .heartbeat = milliseconds(900)});
  const auto id = slow->submit(tenant_, scripted_spec());
  ASSERT_TRUE(eventually([&] { return writes > 0; }));
  auto successor = start_engine({.lease = milliseconds(200), .heartbeat = milliseconds(50)});
  expect_completed(wait(*successor, id), 10);
  EXPECT_TRUE(eventually([&] { return told.load(); }));
}

TEST_P(EngineLeaseTest, ABatchThatReadsTooLongIsNotWrittenWithoutALease) {
  script_->records = 10;
  std::atomic<int> reads = 0;
  script_->on_read = [&](const BatchRange&, ConnectorContext&) {
    if (reads++ == 0) std::this_thread::sleep_for(milliseconds(2500));
  };
  std::atomic<int> writes = 0;
  script_->on_write = [&](const WriteRequest&, ConnectorContext& context) {
    ++writes;
    EXPECT_GT(context.deadline(), steady_clock::now());
  };
  auto slow = start_engine({.lease = milliseconds(2000), .heartbeat = std::chrono::hours(1)});
  expect_completed(wait(*slow, slow->submit(tenant_, scripted_spec())), 10);
  EXPECT_EQ(writes, 1);
  EXPECT_GE(reads, 2);
}

TEST_P(EngineLeaseTest, GoesOnWithAnotherPlannerWhereTheFirstStopped) {
  script_->records = 4000;
  // What is not read yet is not planned far beyond.
  script_->on_read = [this](const BatchRange& range, ConnectorContext& context) {
    if (range.first_ordinal < 500 || unblocked_) return;
    while (!context.stop.stop_requested()) std::this_thread::sleep_for(milliseconds(1));
    throw Error(Code::cancelled, "stopped");
  };
  auto first = start_engine();
  const auto id = first->submit(tenant_, scripted_spec());
  ASSERT_TRUE(eventually([&] { return script_->written() > 200; }));
  first.reset();
  unblocked_ = true;
  const auto middle = storage_->jobs().find_job(tenant_, id);
  EXPECT_FALSE(middle->planned);
  EXPECT_FALSE(middle->waiting_on);

  auto second = start_engine();
  expect_completed(wait(*second, id), 4000);
}

TEST_P(EngineLeaseTest, RefusesToGoOnWithAnotherInput) {
  script_->records = 500;
  block_until_stop(100);
  auto first = start_engine();
  const auto id = first->submit(tenant_, scripted_spec());
  ASSERT_TRUE(eventually([&] { return blocked_ > 0; }));
  first.reset();
  script_->fingerprint = "another input";
  unblocked_ = true;
  auto second = start_engine();
  const auto job = wait(*second, id);
  ASSERT_TRUE(job.error) << describe(job);
  EXPECT_EQ(job.error->code, Code::source_changed);
}

INSTANTIATE_TEST_SUITE_P(Storages, EngineLeaseTest,
                         ::testing::Values(StorageBackend::sqlite, StorageBackend::postgresql),
                         name_of);

}  // namespace
}  // namespace freight::testing
