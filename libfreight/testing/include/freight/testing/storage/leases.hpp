#pragma once

// Who may go on with a task, and what becomes of it when its holder is gone.

#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <thread>
#include <vector>

#include "freight/testing/storage/storage_fixture.hpp"

namespace freight::testing {

class LeaseSuite : public StorageSuite {};

TEST_P(LeaseSuite, ALeaseThatWasTakenOverChangesNothing) {
  const auto id = planned_job(1);
  auto ask = request(1, 0);
  ask.lease = milliseconds(1);
  const auto old = work().claim(ask).at(0);
  std::this_thread::sleep_for(milliseconds(20));
  const auto now = claim(1, 0);
  ASSERT_EQ(now.size(), 1U) << "a lease that ran out counts as ready";
  EXPECT_EQ(now[0].batch_id, old.batch_id);
  EXPECT_NE(now[0].token, old.token);
  EXPECT_EQ(now[0].attempt, 1U) << "nobody answered";
  EXPECT_EQ(now[0].first_attempt_at, old.first_attempt_at);

  auto zombie = completed(old);
  zombie.exceptions.push_back(rejected_record(3, Code::type_mismatch, "id", "x"));
  EXPECT_EQ(acknowledge(zombie).lost, (std::vector<LeaseToken>{old.token}));
  EXPECT_EQ(acknowledge(with_verdict(old, TaskVerdict::failed)).lost.size(), 1U);
  EXPECT_EQ(acknowledge(with_verdict(old, TaskVerdict::release)).lost.size(), 1U);
  EXPECT_EQ(job(id).records.read, 0U);
  EXPECT_TRUE(jobs().list_dead_letters(tenant_, id, {.first_ordinal = 0, .limit = 10}).empty());
  EXPECT_EQ(renew(node_, {old.token, now[0].token}).lost, (std::vector<LeaseToken>{old.token}));
  EXPECT_TRUE(acknowledge(completed(now[0])).lost.empty());
}

TEST_P(LeaseSuite, AnyTaskOfAJobMayEndItWhileItsLeaseHolds) {
  const auto id = planned_job(2);
  const auto tasks = claim(2, 0);
  acknowledge(completed(tasks[0]));
  EXPECT_FALSE(work().finish_job(finish(tasks[0], JobStatus::failed))) << "not its task any more";
  EXPECT_TRUE(work().finish_job(finish(tasks[1], JobStatus::failed)));
  EXPECT_EQ(job(id).status, JobStatus::failed);
}

TEST_P(LeaseSuite, RenewKeepsALeaseAlive) {
  planned_job(1);
  auto ask = request(1, 0);
  ask.lease = soon;
  const auto task = work().claim(ask).at(0);
  for (int i = 0; i < 6; ++i) {
    std::this_thread::sleep_for(soon / 4);
    EXPECT_TRUE(renew(node_, {task.token}, soon).lost.empty());
    EXPECT_TRUE(claim(1, 0).empty());
  }
  std::this_thread::sleep_for(soon);
  EXPECT_EQ(claim(1, 0).size(), 1U);
  EXPECT_TRUE(renew(node_, {}).lost.empty());
}

TEST_P(LeaseSuite, RenewIsForTheNodesOwnLeases) {
  planned_job(1);
  const auto task = claim(1, 0).at(0);
  const auto stranger = enter(*storage_);
  EXPECT_EQ(renew(stranger, {task.token}).lost, (std::vector<LeaseToken>{task.token}));
}

TEST_P(LeaseSuite, TheLeasesOfANodeThatLeavesAreReadyAtOnce) {
  const auto id = planned_job(1);
  const auto task = claim(1, 0).at(0);
  const auto other = enter(*storage_);
  EXPECT_TRUE(work().claim(request(1, 0, other)).empty());
  work().remove_node(node_);
  work().remove_node(node_);
  EXPECT_FALSE(jobs().is_running(tenant_, id));
  const auto again = work().claim(request(1, 0, other));
  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(again[0].attempt, 1U);
  EXPECT_EQ(acknowledge(completed(task)).lost.size(), 1U);
}

/// What the death of another process brings about. Says nothing of a storage that only one process
/// can open.
class NodeDeathSuite : public StorageSuite {
 protected:
  void SetUp() override {
    if (!GetParam().processes) GTEST_SKIP() << "only one process can open it";
    StorageSuite::SetUp();
  }

  static constexpr milliseconds short_lease{3000};
  /// Where a death is noticed nobody has to wait for the end of a lease.
  static milliseconds lease_of_the_killed() {
    return GetParam().notices_death ? milliseconds(3'600'000) : short_lease;
  }

  /// A process of its own that opens the storage, claims one batch and is killed with the lease
  /// held.
  void kill_a_node_that_holds(std::uint32_t execute, std::uint32_t other) {
    int pipe_ends[2];
    ASSERT_EQ(::pipe(pipe_ends), 0);
    const auto child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      char claimed = 0;
      try {
        auto storage = target().open();
        auto ask = request(execute, other, enter(*storage));
        ask.lease = lease_of_the_killed();
        claimed = static_cast<char>(storage->work().claim(ask).size());
        [[maybe_unused]] const auto written = ::write(pipe_ends[1], &claimed, 1);
        for (;;) ::pause();
      } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
      }
      ::_exit(1);
    }
    char claimed = 0;
    ASSERT_EQ(::read(pipe_ends[0], &claimed, 1), 1);
    ::close(pipe_ends[0]);
    ::close(pipe_ends[1]);
    EXPECT_EQ(claimed, 1);
    EXPECT_TRUE(claim(execute, other).empty()) << "its node is alive";
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
  }

  std::vector<Task> claim_within(milliseconds limit, std::uint32_t execute, std::uint32_t other) {
    const auto end = std::chrono::steady_clock::now() + limit;
    for (;;) {
      auto tasks = claim(execute, other);
      if (!tasks.empty() || std::chrono::steady_clock::now() > end) return tasks;
      std::this_thread::sleep_for(milliseconds(20));
    }
  }
};

TEST_P(NodeDeathSuite, TheBatchOfAKilledNodeIsTakenOver) {
  const auto id = planned_job(1);
  kill_a_node_that_holds(1, 0);
  const auto tasks = claim_within(milliseconds(60'000), 1, 0);
  ASSERT_EQ(tasks.size(), 1U);
  EXPECT_EQ(tasks[0].attempt, 1U) << "a node that died answered nothing";
  EXPECT_TRUE(acknowledge(completed(tasks[0])).lost.empty());
  EXPECT_EQ(job(id).records.read, 10U);
}

TEST_P(NodeDeathSuite, ThePlanOfAKilledNodeIsTakenOver) {
  submit();
  kill_a_node_that_holds(0, 1);
  const auto tasks = claim_within(milliseconds(5000), 0, 1);
  ASSERT_EQ(tasks.size(), 1U);
  EXPECT_EQ(tasks[0].kind, TaskKind::plan);
}

TEST_P(NodeDeathSuite, AJobOfAKilledNodeIsNotRunning) {
  const auto id = planned_job(1);
  kill_a_node_that_holds(1, 0);
  if (!GetParam().notices_death) std::this_thread::sleep_for(short_lease);
  EXPECT_FALSE(jobs().is_running(tenant_, id));
}

}  // namespace freight::testing
