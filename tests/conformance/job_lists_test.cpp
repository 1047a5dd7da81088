// Lists of jobs with filters, orders and pages; batches by id and state.

#include <set>

#include "support/storage_fixture.hpp"

namespace freight::testing {
namespace {

class JobListsTest : public StorageTest {
 protected:
  JobId add(std::string name, std::map<std::string, std::string> labels = {}, int priority = 5) {
    auto request = new_job(tenant_);
    request.name = std::move(name);
    request.labels = std::move(labels);
    request.priority = priority;
    const auto id = JobId::generate();
    jobs().submit(id, request);
    return id;
  }
  std::vector<JobId> list(const JobQuery& query) {
    std::vector<JobId> ids;
    for (const auto& job : jobs().list_jobs(tenant_, query).jobs) ids.push_back(job.id);
    return ids;
  }
  void set(JobId id, const std::string& assignment) {
    database_.run("UPDATE freight.migration_jobs SET " + assignment + " WHERE job_id = '" +
                  id.to_string() + "'");
  }
  static Timestamp at(std::int64_t microseconds) {
    return Timestamp(std::chrono::microseconds(microseconds));
  }
};
INSTANTIATE_TEST_SUITE_P(Both, JobListsTest, both_backends, backend_name);

using Ids = std::vector<JobId>;

TEST_P(JobListsTest, FiltersByStatusNameAndLabels) {
  const auto a = add("Customers-2026", {{"wave", "3"}, {"team", "x"}});
  const auto b = add("orders 100% 'new'", {{"wave", "3"}});
  const auto c = add("customers_old", {{"wave", "4"}});
  jobs().cancel(tenant_, c);
  EXPECT_EQ(list({.statuses = {JobStatus::pending}}), (Ids{b, a}));
  EXPECT_EQ(list({.statuses = {JobStatus::cancelled, JobStatus::failed}}), (Ids{c}));
  EXPECT_EQ(list({.name_contains = "cuSTomers"}), (Ids{c, a}));
  EXPECT_EQ(list({.name_contains = "100% 'N"}), (Ids{b}));
  EXPECT_EQ(list({.name_contains = "%"}), (Ids{b})) << "nothing is a wildcard";
  EXPECT_EQ(list({.labels = {{"wave", "3"}}}), (Ids{b, a}));
  EXPECT_EQ(list({.labels = {{"wave", "3"}, {"team", "x"}}}), (Ids{a}));
  EXPECT_EQ(list({.labels = {{"wave", "5"}}}), Ids{});
  EXPECT_EQ(list({.statuses = {JobStatus::pending}, .name_contains = "customers"}), (Ids{a}));
}

TEST_P(JobListsTest, TimesAreInclusiveFromAndExclusiveBefore) {
  const auto a = add("a");
  const auto b = add("b");
  set(a, "created_at = 1000, finished_at = 5000");
  set(b, "created_at = 2000");
  EXPECT_EQ(list({.created_from = at(1000)}), (Ids{b, a}));
  EXPECT_EQ(list({.created_from = at(1001)}), (Ids{b}));
  EXPECT_EQ(list({.created_before = at(2000)}), (Ids{a}));
  EXPECT_EQ(list({.created_before = at(2001)}), (Ids{b, a}));
  EXPECT_EQ(list({.finished_from = at(5000)}), (Ids{a}));
  EXPECT_EQ(list({.finished_from = at(0), .finished_before = at(5000)}), Ids{});
}

TEST_P(JobListsTest, SortsBothWays) {
  const auto a = add("a", {}, 9);
  const auto b = add("b", {}, 0);
  const auto c = add("c", {}, 5);
  set(a, "created_at = 1, finished_at = 30");
  set(b, "created_at = 2, finished_at = 10");
  set(c, "created_at = 3");
  EXPECT_EQ(list({}), (Ids{c, b, a}));
  EXPECT_EQ(list({.descending = false}), (Ids{a, b, c}));
  EXPECT_EQ(list({.sort = JobSort::finished_at}), (Ids{c, a, b}));
  EXPECT_EQ(list({.sort = JobSort::finished_at, .descending = false}), (Ids{b, a, c}));
  EXPECT_EQ(list({.sort = JobSort::priority}), (Ids{a, c, b}));
  EXPECT_EQ(list({.sort = JobSort::priority, .descending = false}), (Ids{b, c, a}));
}

TEST_P(JobListsTest, PagesHoldEveryJobOnceInEveryOrderWhileJobsAreAdded) {
  std::set<JobId> all;
  for (int i = 0; i < 23; ++i) all.insert(add("job", {}, i % 3));
  // Many alike: the id decides.
  database_.run("UPDATE freight.migration_jobs SET created_at = priority");
  for (const auto sort : {JobSort::created_at, JobSort::finished_at, JobSort::priority}) {
    for (const bool descending : {true, false}) {
      JobQuery query{.sort = sort, .descending = descending, .limit = 5};
      std::set<JobId> seen;
      std::size_t rows = 0;
      do {
        const auto page = jobs().list_jobs(tenant_, query);
        EXPECT_LE(page.jobs.size(), 5U);
        for (const auto& job : page.jobs) {
          if (all.contains(job.id)) ++rows;
          seen.insert(job.id);
        }
        query.cursor = page.next_cursor;
        add("later", {}, 5);
      } while (!query.cursor.empty() && rows < 100);
      EXPECT_EQ(rows, all.size());
      EXPECT_TRUE(std::includes(seen.begin(), seen.end(), all.begin(), all.end()));
    }
  }
}

TEST_P(JobListsTest, RefusesCursorsAndLimitsThatCannotBe) {
  add("a");
  add("b");
  const auto cursor = jobs().list_jobs(tenant_, {.limit = 1}).next_cursor;
  ASSERT_FALSE(cursor.empty());
  for (const auto& query :
       {JobQuery{.limit = 0}, JobQuery{.limit = 1001}, JobQuery{.cursor = "x"},
        JobQuery{.cursor = cursor + "0"}, JobQuery{.sort = JobSort::priority, .cursor = cursor},
        JobQuery{.descending = false, .cursor = cursor}}) {
    EXPECT_EQ(code_of([&] { jobs().list_jobs(tenant_, query); }), Code::invalid_value);
  }
}

TEST_P(JobListsTest, CountsTheTotalUpToACap) {
  for (int i = 0; i < 7; ++i) add(i < 4 ? "a" : "b");
  const auto page =
      jobs().list_jobs(tenant_, {.name_contains = "a", .limit = 2, .with_total = true});
  EXPECT_EQ(page.total, 4U);
  EXPECT_FALSE(page.total_capped);
  EXPECT_EQ(jobs().list_jobs(tenant_, {}).total, std::nullopt);
  std::vector<JobSubmission> many;
  for (int i = 0; i < 1000; ++i) many.push_back({JobId::generate(), new_job(tenant_)});
  for (int i = 0; i < 10; ++i) {
    for (auto& submission : many) submission.id = JobId::generate();
    jobs().submit_many(many);
  }
  const auto capped = jobs().list_jobs(tenant_, {.limit = 2, .with_total = true});
  EXPECT_EQ(capped.total, JobPage::max_total);
  EXPECT_TRUE(capped.total_capped);
}

TEST_P(JobListsTest, ListsNothingOfAnotherTenantOrRemoved) {
  const auto other = storage_->tenants().create({.name = "other"}).id;
  const auto id = add("a");
  EXPECT_TRUE(jobs().list_jobs(other, {.with_total = true}).jobs.empty());
  EXPECT_EQ(jobs().list_jobs(other, {.with_total = true}).total, 0U);
  jobs().cancel(tenant_, id);
  jobs().remove_job(tenant_, id);
  EXPECT_EQ(list({}), Ids{});
}

TEST_P(JobListsTest, BatchesAreFoundByIdAndState) {
  const auto id = planned_job(4);
  const auto tasks = claim(2, 0);
  acknowledge(completed(tasks[0]));
  const auto list = [&](std::vector<BatchStatus> statuses) {
    std::vector<std::uint64_t> sequences;
    for (const auto& batch : jobs().list_batches(tenant_, id, {.statuses = std::move(statuses)})) {
      sequences.push_back(batch.sequence);
    }
    return sequences;
  };
  using Sequences = std::vector<std::uint64_t>;
  EXPECT_EQ(list({BatchStatus::completed}), (Sequences{0}));
  EXPECT_EQ(list({BatchStatus::leased}), (Sequences{1}));
  EXPECT_EQ(list({BatchStatus::ready}), (Sequences{2, 3}));
  EXPECT_EQ(list({BatchStatus::ready, BatchStatus::leased}), (Sequences{1, 2, 3}));
  EXPECT_EQ(jobs().list_batches(tenant_, id, {.first_sequence = 1, .limit = 2}).size(), 2U);

  const auto found = jobs().find_batch(tenant_, tasks[1].batch_id);
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->job_id, id);
  EXPECT_EQ(found->sequence, 1U);
  EXPECT_EQ(found->status, BatchStatus::leased);
  const auto other = storage_->tenants().create({.name = "other"}).id;
  EXPECT_FALSE(jobs().find_batch(other, tasks[1].batch_id));
  EXPECT_FALSE(jobs().find_batch(tenant_, BatchId::generate()));
}

TEST_P(JobListsTest, ABatchThatWasGivenUpIsRetriedAlone) {
  const auto id = planned_job(2);
  const auto tasks = claim(2, 0);
  acknowledge(with_verdict(tasks[0], TaskVerdict::failed));
  EXPECT_EQ(jobs().retry_batch(tenant_, tasks[1].batch_id).refusal, BatchRetryRefusal::not_failed);
  acknowledge(completed(tasks[1]));
  EXPECT_EQ(jobs().retry_batch(tenant_, tasks[1].batch_id).refusal, BatchRetryRefusal::not_failed);

  // While the job runs: the finish that was queued waits for the batch.
  const auto running = jobs().retry_batch(tenant_, tasks[0].batch_id);
  EXPECT_EQ(running.refusal, BatchRetryRefusal::none);
  EXPECT_EQ(running.job_status, JobStatus::running);
  EXPECT_EQ(job(id).batches_failed, 0U);
  auto again = claim(9, 9);
  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(again[0].batch_id, tasks[0].batch_id);
  EXPECT_EQ(again[0].attempt, 1U);
  acknowledge(with_verdict(again[0], TaskVerdict::failed));

  // Of a job that ended: it is pending again.
  const auto last = claim(9, 9);
  ASSERT_EQ(last.size(), 1U);
  EXPECT_EQ(jobs().retry_batch(tenant_, tasks[0].batch_id).refusal, BatchRetryRefusal::job_ending);
  jobs().finish_job(finish(last[0], JobStatus::failed));
  const auto ended = jobs().retry_batch(tenant_, tasks[0].batch_id);
  EXPECT_EQ(ended.refusal, BatchRetryRefusal::none);
  EXPECT_EQ(ended.job_id, id);
  EXPECT_EQ(ended.job_status, JobStatus::pending);
  EXPECT_EQ(ended.batch_status, BatchStatus::ready);
  again = claim(9, 9);
  ASSERT_EQ(again.size(), 1U);
  acknowledge(completed(again[0]));
  EXPECT_EQ(claim(9, 9).at(0).kind, TaskKind::finish);
}

TEST_P(JobListsTest, ABatchOfAJobThatEndedEarlyIsRetriedWithTheJob) {
  const auto id = planned_job(3);
  const auto tasks = claim(2, 0);
  acknowledge(with_verdict(tasks[0], TaskVerdict::failed));
  jobs().finish_job(finish(tasks[1], JobStatus::failed));
  const auto refused = jobs().retry_batch(tenant_, tasks[0].batch_id);
  EXPECT_EQ(refused.refusal, BatchRetryRefusal::job_incomplete);
  EXPECT_EQ(refused.job_status, JobStatus::failed);
  EXPECT_EQ(job(id).status, JobStatus::failed);
  const auto other = storage_->tenants().create({.name = "other"}).id;
  EXPECT_EQ(code_of([&] { jobs().retry_batch(other, tasks[0].batch_id); }), Code::not_found);
}

}  // namespace
}  // namespace freight::testing
