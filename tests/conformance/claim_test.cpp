#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <map>
#include <mutex>
#include <set>

#include "support/storage_fixture.hpp"

// What several workers, nodes and processes see of one storage.

namespace freight::testing {
namespace {

class ClaimTest : public StorageTest {
 protected:
  static constexpr milliseconds short_lease{1500};

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
        auto storage = database_.open();
        auto ask = request(execute, other, enter(*storage));
        ask.lease = short_lease;
        claimed = static_cast<char>(storage->jobs().claim(ask).size());
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

  bool tells_death_at_once() const { return GetParam() == database::Backend::sqlite; }

  std::vector<Task> claim_within(milliseconds limit, std::uint32_t execute, std::uint32_t other) {
    const auto end = std::chrono::steady_clock::now() + limit;
    for (;;) {
      auto tasks = claim(execute, other);
      if (!tasks.empty() || std::chrono::steady_clock::now() > end) return tasks;
      std::this_thread::sleep_for(milliseconds(20));
    }
  }
};
INSTANTIATE_TEST_SUITE_P(Both, ClaimTest, both_backends, backend_name);

TEST_P(ClaimTest, TheBatchOfAKilledNodeIsTakenOver) {
  const auto id = planned_job(1);
  kill_a_node_that_holds(1, 0);
  const auto started = std::chrono::steady_clock::now();
  const auto tasks = claim_within(milliseconds(5000), 1, 0);
  ASSERT_EQ(tasks.size(), 1U);
  EXPECT_EQ(tasks[0].attempt, 1U) << "a node that died answered nothing";
  if (tells_death_at_once()) {
    EXPECT_LT(std::chrono::steady_clock::now() - started, milliseconds(500));
    EXPECT_EQ(database_.number("SELECT count(*) FROM freight.nodes"), 1);
    std::size_t files = 0;
    for ([[maybe_unused]] const auto& file :
         std::filesystem::directory_iterator(database_.folder() / "freight.db.nodes")) {
      ++files;
    }
    EXPECT_EQ(files, 1U) << "the dead node's file is gone";
  }
  EXPECT_TRUE(acknowledge(completed(tasks[0])).lost.empty());
  EXPECT_EQ(job(id).records.read, 10U);
}

TEST_P(ClaimTest, ThePlanOfAKilledNodeIsTakenOver) {
  submit();
  kill_a_node_that_holds(0, 1);
  const auto tasks = claim_within(milliseconds(5000), 0, 1);
  ASSERT_EQ(tasks.size(), 1U);
  EXPECT_EQ(tasks[0].kind, TaskKind::plan);
}

TEST_P(ClaimTest, AJobOfAKilledNodeIsNotRunning) {
  const auto id = planned_job(1);
  kill_a_node_that_holds(1, 0);
  if (!tells_death_at_once()) std::this_thread::sleep_for(short_lease);
  EXPECT_FALSE(jobs().is_running(tenant_, id));
}

TEST_P(ClaimTest, AJobThatAnotherStorageObjectWorksForIsRunning) {
  const auto id = planned_job(1);
  auto second = database_.open();
  const auto node = enter(*second);
  ASSERT_EQ(second->jobs().claim(request(1, 0, node)).size(), 1U);
  EXPECT_TRUE(jobs().is_running(tenant_, id));
  EXPECT_TRUE(claim(1, 0).empty());
}

TEST_P(ClaimTest, ManyWorkersOfTwoStoragesEachGetEveryBatchOnce) {
  constexpr std::uint64_t batch_count = 60;
  const auto first = planned_job(batch_count);
  const auto second_job = planned_job(batch_count);
  auto second = database_.open();
  const std::map<Storage*, NodeId> nodes{{storage_.get(), node_}, {second.get(), enter(*second)}};
  std::mutex mutex;
  std::map<BatchId, int> seen;
  std::atomic<std::uint64_t> lost = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 6; ++i) {
    threads.emplace_back([&, i] {
      auto& storage = i % 2 == 0 ? *storage_ : *second;
      const auto ask = request(2, 0, nodes.at(&storage));
      auto tasks = storage.jobs().claim(ask);
      for (int idle = 0; idle < 20;) {
        if (tasks.empty()) {
          ++idle;
          std::this_thread::sleep_for(milliseconds(5));
          tasks = storage.jobs().claim(ask);
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
        lost += storage.jobs()
                    .renew({.node_id = ask.node_id, .tokens = tokens, .lease = lease})
                    .lost.size();
        auto result = storage.jobs().acknowledge(reports, ask);
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
    EXPECT_EQ(jobs().sum_batches(tenant_, id), job(id).records);
  }
  std::set<JobId> finishing;
  for (const auto& task : claim(0, 9)) {
    EXPECT_EQ(task.kind, TaskKind::finish);
    finishing.insert(task.job_id);
  }
  EXPECT_EQ(finishing, (std::set<JobId>{first, second_job}));
  EXPECT_EQ(database_.number("SELECT count(*) FROM freight.migration_jobs WHERE log_sequence <>"
                             " (SELECT count(*) FROM freight.migration_logs AS l"
                             "  WHERE l.job_id = freight.migration_jobs.job_id)"),
            0);
}

TEST_P(ClaimTest, PlanningAndWritingGoOnAtTheSameTime) {
  const auto id = submit();
  const auto plan = claim(0, 1).at(0);
  std::thread planner([&] {
    for (std::uint64_t i = 0; i < 30; ++i) jobs().append_plan(chunk(plan, i, 1, i == 29));
  });
  std::uint64_t done = 0;
  std::vector<Task> tasks;
  for (int idle = 0; done < 30 && idle < 2000;) {
    std::vector<BatchReport> reports;
    for (const auto& task : tasks) reports.push_back(completed(task));
    done += tasks.size();
    tasks = jobs().acknowledge(reports, request(3, 0)).claimed;
    if (!tasks.empty()) continue;
    ++idle;
    std::this_thread::sleep_for(milliseconds(2));
  }
  planner.join();
  EXPECT_EQ(done, 30U);
  EXPECT_EQ(job(id).records.read, 300U);
  EXPECT_EQ(claim(0, 1).size(), 1U) << "whoever was last brought the finish";
}

TEST_P(ClaimTest, AQuietTenantIsServedWhileALoudOneHasEverythingWaiting) {
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

TEST_P(ClaimTest, LargeBatchesCountForMoreThanSmallOnes) {
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

TEST_P(ClaimTest, SharesFollowTheWeights) {
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

TEST_P(ClaimTest, ATenantThatWaitedForARetryBringsNoCredit) {
  const auto waiting = storage_->tenants().create({.name = "waiting"}).id;
  const auto busy = storage_->tenants().create({.name = "busy"}).id;
  const auto id = planned_job(20, waiting);
  for (const auto& task : claim(20, 0)) {
    acknowledge(with_verdict(task, TaskVerdict::retry, milliseconds(300), false));
  }
  EXPECT_TRUE(jobs().find_job(waiting, id)->waiting_on.has_value());
  planned_job(60, busy);
  for (int i = 0; i < 20; ++i) claim(1, 0);
  std::this_thread::sleep_for(milliseconds(350));
  std::map<TenantId, int> count;
  for (int i = 0; i < 20; ++i) {
    for (const auto& task : claim(1, 0)) ++count[task.tenant_id];
  }
  EXPECT_NEAR(count[busy], 10, 2);
  EXPECT_NEAR(count[waiting], 10, 2);
}

TEST_P(ClaimTest, IdleTenantsInFrontDoNotHideTheWorkOfOthers) {
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

TEST_P(ClaimTest, AClaimIsQuickHoweverMuchWaits) {
  for (int i = 0; i < 20; ++i) {
    planned_job(500, storage_->tenants().create({.name = "t" + std::to_string(i)}).id);
  }
  const auto started = std::chrono::steady_clock::now();
  for (int i = 0; i < 20; ++i) ASSERT_EQ(claim(4, 4).size(), 4U);
  // Milliseconds on an idle machine; the bound only catches work that grows with the queue.
  EXPECT_LT(std::chrono::steady_clock::now() - started, std::chrono::seconds(5));
}

}  // namespace
}  // namespace freight::testing
