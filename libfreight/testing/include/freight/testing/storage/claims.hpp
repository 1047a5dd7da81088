#pragma once

// Which work is given to whom.

#include <atomic>
#include <map>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include "freight/testing/storage/storage_fixture.hpp"

namespace freight::testing {

class ClaimSuite : public StorageSuite {};

TEST_P(ClaimSuite, TheFirstClaimOfWorkStartsTheJob) {
  const auto id = submit();
  const auto tasks = claim(4, 4);
  ASSERT_EQ(tasks.size(), 1U);
  EXPECT_EQ(tasks[0].kind, TaskKind::plan);
  EXPECT_EQ(tasks[0].job_id, id);
  EXPECT_EQ(tasks[0].tenant_id, tenant_);
  EXPECT_EQ(tasks[0].attempt, 1U);
  EXPECT_EQ(tasks[0].plan_position, "");
  EXPECT_EQ(job(id).status, JobStatus::running);
  EXPECT_TRUE(job(id).started_at.has_value());
  EXPECT_TRUE(claim(4, 4).empty()) << "what is leased is not claimed again";
}

TEST_P(ClaimSuite, ClaimsNoMoreThanItWasAskedFor) {
  planned_job(5);
  submit();
  EXPECT_TRUE(claim(0, 0).empty());
  const auto two = claim(2, 0);
  ASSERT_EQ(two.size(), 2U);
  EXPECT_EQ(two[0].kind, TaskKind::execute);
  EXPECT_EQ(two[0].sequence, 0U);
  EXPECT_EQ(two[1].sequence, 1U);
  const auto other = claim(0, 5);
  ASSERT_EQ(other.size(), 1U);
  EXPECT_EQ(other[0].kind, TaskKind::plan);
  EXPECT_EQ(claim(9, 9).size(), 3U);
}

TEST_P(ClaimSuite, WorkGoesByPriorityThenAge) {
  auto late = new_job(tenant_);
  late.priority = 9;
  auto early = new_job(tenant_);
  early.priority = 0;
  const auto last = JobId::generate();
  const auto second = JobId::generate();
  const auto third = JobId::generate();
  const auto first = JobId::generate();
  jobs().submit(last, late);
  jobs().submit(second, new_job(tenant_));
  jobs().submit(third, new_job(tenant_));
  jobs().submit(first, early);
  std::vector<JobId> order;
  for (const auto& task : claim(0, 4)) order.push_back(task.job_id);
  EXPECT_EQ(order, (std::vector<JobId>{first, second, third, last}));
}

TEST_P(ClaimSuite, OnlyNodesWithTheAffinityClaimAJob) {
  auto local = new_job(tenant_);
  local.node_affinity = "host:a";
  const auto id = JobId::generate();
  jobs().submit(id, local);
  auto ask = request(4, 4);
  EXPECT_TRUE(work().claim(ask).empty());
  ask.affinities = {"host:b"};
  EXPECT_TRUE(work().claim(ask).empty());
  ask.affinities = {"host:b", "host:a"};
  const auto tasks = work().claim(ask);
  ASSERT_EQ(tasks.size(), 1U);
  work().append_plan(chunk(tasks[0], 0, 1, true));
  EXPECT_TRUE(claim(4, 4).empty()) << "its batches have the job's affinity";
  EXPECT_EQ(work().claim(ask).size(), 1U);
}

TEST_P(ClaimSuite, AnEngineOfOneJobLeavesTheRestAlone) {
  const auto other = storage_->tenants().create({.name = "other"}).id;
  submit(other);
  submit();
  const auto mine = submit();
  auto ask = request(9, 9);
  ask.only_job = mine;
  const auto tasks = work().claim(ask);
  ASSERT_EQ(tasks.size(), 1U);
  EXPECT_EQ(tasks[0].job_id, mine);
  EXPECT_TRUE(work().claim(ask).empty());
}

TEST_P(ClaimSuite, NothingOfASuspendedOrDeletedTenantIsClaimed) {
  const auto other = storage_->tenants().create({.name = "other"}).id;
  const auto id = submit(other);
  storage_->tenants().set_status(other, TenantStatus::suspended);
  EXPECT_TRUE(claim(9, 9).empty());
  storage_->tenants().set_status(other, TenantStatus::active);
  ASSERT_EQ(claim(9, 9).size(), 1U);
  const auto gone = storage_->tenants().create({.name = "gone"}).id;
  submit(gone);
  storage_->tenants().remove(gone);
  EXPECT_TRUE(claim(9, 9).empty());
  EXPECT_EQ(code_of([&] { submit(gone); }), Code::not_found);
  EXPECT_EQ(jobs().find_job(other, id)->status, JobStatus::running);
}

TEST_P(ClaimSuite, IsRunningWhileALeaseIsHeld) {
  const auto id = planned_job(1);
  EXPECT_FALSE(jobs().is_running(tenant_, id));
  const auto task = claim(1, 0).at(0);
  EXPECT_TRUE(jobs().is_running(tenant_, id));
  EXPECT_FALSE(jobs().is_running(tenant_, JobId::generate()));
  acknowledge(with_verdict(task, TaskVerdict::release));
  EXPECT_FALSE(jobs().is_running(tenant_, id));
}

TEST_P(ClaimSuite, AJobThatAnotherStorageObjectWorksForIsRunning) {
  const auto id = planned_job(1);
  auto& second = another_storage();
  const auto node = enter(second);
  ASSERT_EQ(second.work().claim(request(1, 0, node)).size(), 1U);
  EXPECT_TRUE(jobs().is_running(tenant_, id));
  EXPECT_TRUE(claim(1, 0).empty());
}

TEST_P(ClaimSuite, ManyWorkersOfTwoStoragesEachGetEveryBatchOnce) {
  constexpr std::uint64_t batch_count = 60;
  const auto first = planned_job(batch_count);
  const auto second_job = planned_job(batch_count);
  auto& second = another_storage();
  const std::map<Storage*, NodeId> nodes{{storage_.get(), node_}, {&second, enter(second)}};
  std::mutex mutex;
  std::map<BatchId, int> seen;
  std::atomic<std::uint64_t> lost = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 6; ++i) {
    threads.emplace_back([&, i] {
      auto& storage = i % 2 == 0 ? *storage_ : second;
      const auto ask = request(2, 0, nodes.at(&storage));
      auto tasks = patiently([&] { return storage.work().claim(ask); });
      for (int idle = 0; idle < 20;) {
        if (tasks.empty()) {
          ++idle;
          std::this_thread::sleep_for(milliseconds(5));
          tasks = patiently([&] { return storage.work().claim(ask); });
          continue;
        }
        std::vector<BatchReport> reports;
        {
          const std::lock_guard lock(mutex);
          for (const auto& task : tasks) ++seen[task.batch_id];
        }
        for (const auto& task : tasks) reports.push_back(completed(task));
        std::vector<LeaseToken> tokens;
        for (const auto& task : tasks) tokens.push_back(task.token);
        lost += patiently([&] {
                  return storage.work().renew(
                      {.node_id = ask.node_id, .tokens = tokens, .lease = lease});
                }).lost.size();
        auto result = patiently([&] { return storage.work().acknowledge(reports, ask); });
        lost += result.lost.size();
        tasks = std::move(result.claimed);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(lost, 0U);
  EXPECT_EQ(seen.size(), 2 * batch_count);
  for (const auto& [batch, times] : seen) EXPECT_EQ(times, 1);
  for (const auto id : {first, second_job}) {
    EXPECT_EQ(job(id).batches_completed, batch_count);
    EXPECT_EQ(job(id).records.succeeded, batch_count * 10);
    EXPECT_EQ(work().sum_batches(tenant_, id), job(id).records);
  }
  std::set<JobId> finishing;
  for (const auto& task : claim(0, 9)) {
    EXPECT_EQ(task.kind, TaskKind::finish);
    finishing.insert(task.job_id);
  }
  EXPECT_EQ(finishing, (std::set<JobId>{first, second_job}));
}

}  // namespace freight::testing
