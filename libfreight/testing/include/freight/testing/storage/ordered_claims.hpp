#pragma once

// Who may claim batches of a job whose batches are written in source order.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "freight/testing/storage/storage_fixture.hpp"

namespace freight::testing {

class OrderedClaimSuite : public StorageSuite {
 protected:
  JobId ordered_job(std::uint64_t batches) {
    const auto id = JobId::generate();
    auto job = new_job(tenant_);
    job.ordered = true;
    jobs().submit(id, job);
    const auto plan = claim(0, 1).at(0);
    EXPECT_FALSE(plan.ordered);
    EXPECT_FALSE(work().append_plan(chunk(plan, 0, batches, true)).lost);
    return id;
  }

  std::vector<std::uint64_t> sequences(std::uint32_t execute, NodeId node,
                                       std::uint32_t ahead = 100) {
    auto ask = request(execute, 0, node);
    ask.max_ordered = ahead;
    std::vector<std::uint64_t> found;
    for (auto& task : work().claim(ask)) {
      EXPECT_TRUE(task.ordered);
      found.push_back(task.sequence);
      held_[task.sequence] = task;
    }
    return found;
  }

  using Sequences = std::vector<std::uint64_t>;
  std::map<std::uint64_t, Task> held_;
};

TEST_P(OrderedClaimSuite, OneNodeHoldsTheBatchesOfAJob) {
  ordered_job(6);
  const auto other = enter(*storage_);
  EXPECT_EQ(sequences(2, node_), (Sequences{0, 1}));
  EXPECT_EQ(sequences(2, other), Sequences{}) << "the first has their predecessors";
  EXPECT_EQ(sequences(2, node_), (Sequences{2, 3}));
  for (std::uint64_t sequence = 0; sequence < 4; ++sequence) {
    acknowledge(completed(held_.at(sequence)));
  }
  EXPECT_EQ(sequences(1, other), Sequences{4});
  EXPECT_EQ(sequences(2, node_), Sequences{});
}

TEST_P(OrderedClaimSuite, ABatchThatWaitsForItsRetryHoldsBackItsSuccessors) {
  ordered_job(4);
  EXPECT_EQ(sequences(2, node_), (Sequences{0, 1}));
  acknowledge(with_verdict(held_.at(0), TaskVerdict::retry, soon));
  acknowledge(with_verdict(held_.at(1), TaskVerdict::release));
  EXPECT_EQ(sequences(4, node_), Sequences{});
  EXPECT_EQ(sequences(4, enter(*storage_)), Sequences{});
  std::this_thread::sleep_for(soon);
  EXPECT_EQ(sequences(4, node_), (Sequences{0, 1, 2, 3}));
}

TEST_P(OrderedClaimSuite, ABatchThatWasGivenUpHoldsUpNobody) {
  ordered_job(3);
  EXPECT_EQ(sequences(1, node_), Sequences{0});
  acknowledge(with_verdict(held_.at(0), TaskVerdict::failed));
  EXPECT_EQ(sequences(3, enter(*storage_)), (Sequences{1, 2}));
}

TEST_P(OrderedClaimSuite, NoBatchFarBehindTheFirstUnfinishedOneIsClaimed) {
  ordered_job(9);
  EXPECT_EQ(sequences(9, node_, 2), (Sequences{0, 1, 2}));
  EXPECT_EQ(sequences(9, node_, 2), Sequences{});
  acknowledge(completed(held_.at(0)));
  EXPECT_EQ(sequences(9, node_, 2), Sequences{3});
}

TEST_P(OrderedClaimSuite, ARequeuedJobKeepsItsOrder) {
  const auto id = ordered_job(3);
  EXPECT_EQ(sequences(2, node_), (Sequences{0, 1}));
  auto end = finish(held_.at(0), JobStatus::failed);
  EXPECT_TRUE(work().finish_job(end));
  EXPECT_EQ(retry(id).refusal, RetryRefusal::none);
  EXPECT_EQ(sequences(1, node_), Sequences{0});
  EXPECT_EQ(sequences(3, enter(*storage_)), Sequences{});
}

TEST_P(OrderedClaimSuite, AJobThatRestartsIsRetriedWhole) {
  const auto id = JobId::generate();
  auto new_one = new_job(tenant_);
  new_one.ordered = new_one.restarts = true;
  jobs().submit(id, new_one);
  EXPECT_FALSE(work().append_plan(chunk(claim(0, 1).at(0), 0, 3, true)).lost);
  EXPECT_EQ(sequences(2, node_), (Sequences{0, 1}));
  acknowledge(completed(held_.at(0)));
  EXPECT_TRUE(work().finish_job(finish(held_.at(1), JobStatus::failed)));
  EXPECT_EQ(job(id).records.read, 10U);

  EXPECT_EQ(retry(id).batches_requeued, 3U);
  EXPECT_EQ(job(id).records, RecordCounts{});
  EXPECT_EQ(job(id).written, WrittenCounts{});
  EXPECT_EQ(job(id).batches_completed, 0U);
  EXPECT_EQ(work().sum_batches(tenant_, id), RecordCounts{});
  EXPECT_EQ(sequences(9, node_), (Sequences{0, 1, 2}));
  for (const auto& [sequence, task] : held_) acknowledge(completed(task));
  EXPECT_EQ(job(id).records.read, 30U);
  EXPECT_EQ(claim(0, 1).at(0).kind, TaskKind::finish);
}

TEST_P(OrderedClaimSuite, OtherJobsAreNotHeldBack) {
  ordered_job(3);
  EXPECT_EQ(sequences(1, node_), Sequences{0});
  planned_job(3);
  EXPECT_EQ(work().claim(request(9, 0, enter(*storage_))).size(), 3U);
}

TEST_P(OrderedClaimSuite, NodesThatClaimAtTheSameInstantNeverShareAJob) {
  constexpr std::uint64_t batch_count = 60;
  const auto id = ordered_job(batch_count);
  auto& second = another_storage();
  const std::map<Storage*, NodeId> nodes{{storage_.get(), node_}, {&second, enter(second)}};
  std::mutex mutex;
  std::map<std::uint64_t, NodeId> holders;
  std::uint64_t done = 0;
  std::atomic<bool> shared = false;
  std::vector<std::thread> threads;
  for (auto* storage : {storage_.get(), &second}) {
    threads.emplace_back([&, storage] {
      auto ask = request(3, 0, nodes.at(storage));
      const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
      while (std::chrono::steady_clock::now() < end) {
        const auto tasks = patiently([&] { return storage->work().claim(ask); });
        {
          const std::lock_guard lock(mutex);
          if (done == batch_count) return;
          for (const auto& task : tasks) holders[task.sequence] = ask.node_id;
          for (const auto& task : tasks) {
            for (const auto& [sequence, node] : holders) {
              if (sequence < task.sequence && node != ask.node_id) shared = true;
            }
          }
        }
        for (const auto& task : tasks) {
          {
            // Before storage knows: from then on it may give the next ones to the other.
            const std::lock_guard lock(mutex);
            holders.erase(task.sequence);
            ++done;
          }
          const auto report = completed(task);
          const auto next = request(0, 0, ask.node_id);
          const auto result = patiently([&] {
            return storage->work().acknowledge({&report, 1}, next);
          });
          EXPECT_TRUE(result.lost.empty());
        }
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_FALSE(shared);
  EXPECT_EQ(job(id).batches_completed, batch_count);
}

}  // namespace freight::testing
