#include <thread>
#include <vector>

#include "freight/testing/storage/storage_fixture.hpp"
#include "support/storage_fixture.hpp"

// What becomes of waiting work when the storage's clock is set back.

namespace freight::testing {
namespace {

class ClockTest : public StorageSuite {
 protected:
  static constexpr milliseconds short_lease{300};

  /// As if the clock had been set back by an hour: all that was written is an hour ahead.
  void set_clock_back() {
    const auto& database = database_of(target());
    for (const std::string_view change :
         {"UPDATE freight.batch_queue SET due_at = due_at + 3600000000 WHERE delay IS NOT NULL",
          "UPDATE freight.tenant_shares SET claimed_at = claimed_at + 3600000000,"
          " held_until = held_until + 3600000000",
          "UPDATE freight.nodes SET heartbeat_at = heartbeat_at + 3600000000",
          "UPDATE freight.migration_jobs SET updated_at = updated_at + 3600000000,"
          " deadline_at = deadline_at + 3600000000"}) {
      database.run(std::string(change));
    }
  }

  std::vector<Task> claim_for(milliseconds duration) {
    auto asked = request(1, 0);
    asked.lease = duration;
    return work().claim(asked);
  }
};

INSTANTIATE_TEST_SUITE_P(Sql, ClockTest, sql_storages, storage_case_name);

TEST_P(ClockTest, WhatIsReadyAtOnceWaitsForNoTime) {
  submit();
  set_clock_back();
  EXPECT_EQ(claim(0, 1).size(), 1U);
}

TEST_P(ClockTest, BatchesInOrderWaitForNoTimeEither) {
  auto ordered = new_job(tenant_);
  ordered.ordered = true;
  const auto id = JobId::generate();
  jobs().submit(id, ordered);
  EXPECT_FALSE(work().append_plan(chunk(claim(0, 1).at(0), 0, 3, true)).lost);
  set_clock_back();
  auto asked = request(3, 0);
  asked.max_ordered = 3;
  EXPECT_EQ(work().claim(asked).size(), 3U);
}

TEST_P(ClockTest, AStepBackIsSeenAndSaidOnce) {
  planned_job(1);
  ASSERT_EQ(claim(1, 0).size(), 1U);
  EXPECT_FALSE(work().housekeep().clock_step_back.has_value());
  set_clock_back();
  const auto step = work().housekeep().clock_step_back;
  ASSERT_TRUE(step.has_value());
  EXPECT_GT(*step, std::chrono::minutes(59));
  EXPECT_LE(*step, std::chrono::hours(1));
  EXPECT_FALSE(work().housekeep().clock_step_back.has_value());
}

TEST_P(ClockTest, AStepBackIsSeenAlsoAfterNewClaims) {
  planned_job(2);
  ASSERT_EQ(claim(1, 0).size(), 1U);
  set_clock_back();
  ASSERT_EQ(claim(1, 0).size(), 1U);
  renew(node_, {});
  EXPECT_TRUE(work().housekeep().clock_step_back.has_value());
}

TEST_P(ClockTest, ALeaseOfTheDeadEndsWithinALease) {
  planned_job(1);
  const auto lost = claim_for(short_lease);
  ASSERT_EQ(lost.size(), 1U);
  set_clock_back();
  work().housekeep();
  std::this_thread::sleep_for(short_lease * 2);
  const auto found = claim(1, 0);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].batch_id, lost[0].batch_id);
}

TEST_P(ClockTest, ALeaseThatIsRenewedStays) {
  planned_job(1);
  const auto task = claim(1, 0).at(0);
  set_clock_back();
  EXPECT_TRUE(renew(node_, {task.token}).lost.empty());
  work().housekeep();
  EXPECT_TRUE(claim(1, 0).empty());
  EXPECT_TRUE(acknowledge(completed(task)).lost.empty());
}

TEST_P(ClockTest, ARetryComesAfterItsDelay) {
  planned_job(1);
  acknowledge(with_verdict(claim(1, 0).at(0), TaskVerdict::retry, soon));
  set_clock_back();
  work().housekeep();
  EXPECT_TRUE(claim(1, 0).empty());
  std::this_thread::sleep_for(soon);
  EXPECT_EQ(claim(1, 0).size(), 1U);
}

TEST_P(ClockTest, ATenantThatWasHeldBackIsServedAgain) {
  storage_->tenants().update(tenant_, {.limits = TenantLimits{.max_running_batches = 1}});
  planned_job(2);
  const auto first = claim(2, 0);
  ASSERT_EQ(first.size(), 1U);
  ASSERT_TRUE(claim(1, 0).empty());
  acknowledge(completed(first[0]));
  set_clock_back();
  work().housekeep();
  std::vector<Task> found;
  for (int look = 0; look < 200 && found.empty(); ++look) {
    std::this_thread::sleep_for(milliseconds(50));
    found = claim(1, 0);
  }
  EXPECT_EQ(found.size(), 1U);
}

TEST_P(ClockTest, ATimeoutKeepsItsLength) {
  auto request = new_job(tenant_);
  request.timeout = std::chrono::minutes(5);
  const auto id = JobId::generate();
  jobs().submit(id, request);
  ASSERT_EQ(claim(0, 1).size(), 1U);
  const auto before = job(id).deadline_at;
  set_clock_back();
  work().housekeep();
  const auto after = job(id).deadline_at;
  ASSERT_TRUE(before && after);
  EXPECT_LT(std::chrono::abs(*after - *before), std::chrono::minutes(1));
}

TEST_P(ClockTest, AScheduledJobKeepsItsTimeOfTheCalendar) {
  auto scheduled = new_job(tenant_);
  scheduled.run_at = std::chrono::time_point_cast<Timestamp::duration>(
      std::chrono::system_clock::now() + std::chrono::hours(2));
  jobs().submit(JobId::generate(), scheduled);
  planned_job(1);
  set_clock_back();
  EXPECT_TRUE(work().housekeep().clock_step_back.has_value());
  EXPECT_TRUE(claim(0, 1).empty());
  EXPECT_EQ(
      database_of(target()).number("SELECT count(*) FROM freight.batch_queue WHERE delay IS NULL"
                                   " AND due_at > (SELECT max(created_at) + 7000000000"
                                   " FROM freight.migration_jobs)"),
      1);
}

}  // namespace
}  // namespace freight::testing
