#pragma once

// How tenants share the workers.

#include <chrono>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "freight/testing/storage/storage_fixture.hpp"

namespace freight::testing {

class FairnessSuite : public StorageSuite {};

TEST_P(FairnessSuite, AQuietTenantIsServedWhileALoudOneHasEverythingWaiting) {
  const auto loud = storage_->tenants().create({.name = "loud"}).id;
  const auto quiet = storage_->tenants().create({.name = "quiet"}).id;
  for (int i = 0; i < 5; ++i) planned_job(20, loud);
  // The loud one alone for a while.
  for (int i = 0; i < 10; ++i) {
    for (const auto& task : claim(2, 0)) acknowledge(completed(task));
  }
  planned_job(10, quiet);
  int loud_batches = 0;
  int quiet_batches = 0;
  for (int i = 0; i < 10; ++i) {
    for (const auto& task : claim(2, 0)) {
      (task.tenant_id == quiet ? quiet_batches : loud_batches) += 1;
      acknowledge(completed(task));
    }
  }
  EXPECT_EQ(quiet_batches, 10) << "half of the slots, from its first batch on";
  EXPECT_EQ(loud_batches, 10) << "and no credit for the time it had nothing";
}

TEST_P(FairnessSuite, LargeBatchesCountForMoreThanSmallOnes) {
  const auto large = storage_->tenants().create({.name = "large"}).id;
  const auto small = storage_->tenants().create({.name = "small"}).id;
  planned_job(20, large, 100);
  planned_job(100, small, 10);
  std::map<TenantId, std::uint64_t> records;
  for (int i = 0; i < 55; ++i) {
    for (const auto& task : claim(1, 0)) records[task.tenant_id] += task.range.records;
  }
  EXPECT_NEAR(static_cast<double>(records[large]), static_cast<double>(records[small]), 100);
}

TEST_P(FairnessSuite, SharesFollowTheWeights) {
  const auto heavy = storage_->tenants().create({.name = "heavy", .weight = 3}).id;
  const auto light = storage_->tenants().create({.name = "light", .weight = 1}).id;
  planned_job(60, heavy);
  planned_job(60, light);
  std::map<TenantId, int> count;
  for (int i = 0; i < 10; ++i) {
    for (const auto& task : claim(4, 0)) ++count[task.tenant_id];
  }
  EXPECT_NEAR(count[heavy], 30, 2);
  EXPECT_NEAR(count[light], 10, 2);
}

TEST_P(FairnessSuite, ATenantThatWaitedForARetryBringsNoCredit) {
  const auto waiting = storage_->tenants().create({.name = "waiting"}).id;
  const auto busy = storage_->tenants().create({.name = "busy"}).id;
  const auto id = planned_job(20, waiting);
  for (const auto& task : claim(20, 0)) {
    acknowledge(with_verdict(task, TaskVerdict::retry, soon, false));
  }
  EXPECT_TRUE(jobs().find_job(waiting, id)->waiting_on.has_value());
  planned_job(60, busy);
  for (int i = 0; i < 20; ++i) claim(1, 0);
  std::this_thread::sleep_for(soon);
  std::map<TenantId, int> count;
  for (int i = 0; i < 20; ++i) {
    for (const auto& task : claim(1, 0)) ++count[task.tenant_id];
  }
  EXPECT_NEAR(count[busy], 10, 2);
  EXPECT_NEAR(count[waiting], 10, 2);
}

TEST_P(FairnessSuite, IdleTenantsInFrontDoNotHideTheWorkOfOthers) {
  // More tenants than one look takes in, all with work that is not due.
  std::vector<TenantId> idle;
  for (int i = 0; i < 40; ++i) {
    idle.push_back(storage_->tenants().create({.name = "idle" + std::to_string(i)}).id);
    planned_job(1, idle.back());
  }
  for (const auto& task : claim(40, 0)) {
    acknowledge(with_verdict(task, TaskVerdict::retry, milliseconds(60'000)));
  }
  const auto late = storage_->tenants().create({.name = "late"}).id;
  planned_job(3, late);
  EXPECT_EQ(claim(3, 0).size(), 3U);
}

TEST_P(FairnessSuite, EveryClaimIsFullHoweverMuchWaits) {
  for (int i = 0; i < 20; ++i) {
    planned_job(500, storage_->tenants().create({.name = "t" + std::to_string(i)}).id);
  }
  for (int i = 0; i < 20; ++i) ASSERT_EQ(claim(4, 4).size(), 4U);
}

}  // namespace freight::testing
