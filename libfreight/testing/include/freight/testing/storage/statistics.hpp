#pragma once

// What the store counts: retries, queues, nodes, a tenant's use.

#include <chrono>
#include <map>
#include <thread>

#include "freight/testing/storage/storage_fixture.hpp"

namespace freight::testing {

class StatisticsSuite : public StorageSuite {};

TEST_P(StatisticsSuite, RetryStatusSaysWhatIsTriedAgainAndWhy) {
  const auto id = planned_job(3);
  auto status = jobs().retry_status(tenant_, id);
  ASSERT_TRUE(status.has_value());
  EXPECT_EQ(status->attempts, 0U);
  EXPECT_EQ(status->next_due_at, std::nullopt);
  const auto tasks = claim(3, 0);
  acknowledge(with_verdict(tasks[0], TaskVerdict::retry, std::chrono::hours(1)));
  auto throttled = with_verdict(tasks[1], TaskVerdict::retry, std::chrono::hours(2));
  throttled.failure->category = Category::throttled;
  acknowledge(throttled);
  acknowledge(with_verdict(tasks[2], TaskVerdict::failed));
  status = jobs().retry_status(tenant_, id);
  EXPECT_EQ(status->attempts, 3U);
  EXPECT_EQ(status->retries, 0U);
  EXPECT_EQ(status->waiting, 2U);
  EXPECT_EQ(status->exhausted, 1U);
  EXPECT_EQ(status->by_category, (std::map<Category, std::uint64_t>{{Category::transient, 1},
                                                                    {Category::throttled, 1}}));
  ASSERT_TRUE(status->next_due_at.has_value());
  const auto in = *status->next_due_at - std::chrono::system_clock::now();
  EXPECT_LT(in, std::chrono::minutes(61));
  EXPECT_GT(in, std::chrono::minutes(58));
  const auto other = storage_->tenants().create({.name = "other"}).id;
  EXPECT_FALSE(jobs().retry_status(other, id));
}

TEST_P(StatisticsSuite, QueuesAreCountedByState) {
  const auto other = storage_->tenants().create({.name = "other"}).id;
  submit(other);
  planned_job(4);
  const auto tasks = claim(2, 0);
  acknowledge(with_verdict(tasks[0], TaskVerdict::retry, std::chrono::hours(1)));
  auto later = new_job(tenant_);
  later.run_at = Timestamp(std::chrono::time_point_cast<std::chrono::microseconds>(
                     std::chrono::system_clock::now())) +
                 std::chrono::hours(1);
  jobs().submit(JobId::generate(), later);
  const auto paused = submit();
  jobs().pause(tenant_, paused, std::nullopt);
  std::this_thread::sleep_for(milliseconds(20));
  auto counted = jobs().queue_statistics(tenant_);
  EXPECT_EQ(counted.ready, 2U);
  EXPECT_EQ(counted.leased, 1U);
  EXPECT_EQ(counted.retrying, 1U);
  EXPECT_EQ(counted.scheduled, 1U);
  EXPECT_EQ(counted.held, 1U);
  EXPECT_EQ(counted.dead, 0U);
  EXPECT_GE(counted.oldest_ready, milliseconds(15));
  EXPECT_LT(counted.oldest_ready, std::chrono::seconds(60));
  acknowledge(with_verdict(tasks[1], TaskVerdict::failed));
  counted = jobs().queue_statistics(std::nullopt);
  EXPECT_EQ(counted.ready, 3U) << "of all tenants";
  EXPECT_EQ(counted.dead, 1U);
  EXPECT_EQ(counted.leased, 0U);
  const auto none = jobs().queue_statistics(TenantId::generate());
  EXPECT_EQ(none.ready, 0U);
  EXPECT_EQ(none.oldest_ready, milliseconds(0));
}

TEST_P(StatisticsSuite, NodesAreListedWithWhatTheyHold) {
  const auto id = planned_job(1);
  const auto busy = NodeId::generate();
  work().register_node({.id = busy, .host = "there", .process_id = 7, .workers = 4});
  const auto task = work().claim(request(1, 0, busy)).at(0);
  work().renew({.node_id = busy,
                .tokens = {&task.token, 1},
                .lease = lease,
                .batches_processed = 12,
                .records_processed = 3'000'000'000});
  std::map<NodeId, NodeStatus> nodes;
  for (const auto& node : jobs().list_nodes()) nodes[node.id] = node;
  ASSERT_EQ(nodes.size(), 2U);
  EXPECT_EQ(nodes[node_].state, NodeState::idle);
  EXPECT_TRUE(nodes[node_].tasks.empty());
  const auto& node = nodes[busy];
  EXPECT_EQ(node.state, NodeState::working);
  EXPECT_EQ(node.host, "there");
  EXPECT_EQ(node.process_id, 7);
  EXPECT_EQ(node.workers, 4U);
  EXPECT_EQ(node.batches_processed, 12U);
  EXPECT_EQ(node.records_processed, 3'000'000'000U);
  EXPECT_LT(node.heartbeat_age, std::chrono::seconds(10));
  ASSERT_EQ(node.tasks.size(), 1U);
  EXPECT_EQ(node.tasks[0].tenant_id, tenant_);
  EXPECT_EQ(node.tasks[0].job_id, id);
  EXPECT_EQ(node.tasks[0].batch_id, task.batch_id);
}

TEST_P(StatisticsSuite, UseIsTheTenants) {
  const auto other = storage_->tenants().create({.name = "other"}).id;
  const auto id = planned_job(3);
  const auto tasks = claim(3, 0);
  auto report = completed(tasks[0]);
  report.counts = {.read = 10, .succeeded = 8, .rejected = 2};
  acknowledge(report);
  acknowledge(completed(tasks[1]));
  acknowledge(completed(tasks[2]));
  submit();
  const auto use = jobs().usage(tenant_);
  EXPECT_EQ(use.jobs,
            (std::map<JobStatus, std::uint64_t>{{JobStatus::pending, 1}, {JobStatus::running, 1}}));
  EXPECT_EQ(use.records, (RecordCounts{.read = 30, .succeeded = 28, .rejected = 2}));
  EXPECT_EQ(use.last_hour, use.records);
  EXPECT_EQ(use.last_day, use.records);
  EXPECT_EQ(use.batch_attempts, 3U);
  EXPECT_EQ(jobs().usage(other).records, RecordCounts());
  EXPECT_TRUE(jobs().usage(other).jobs.empty());
  EXPECT_EQ(job(id).records.read, 30U);
}

}  // namespace freight::testing
