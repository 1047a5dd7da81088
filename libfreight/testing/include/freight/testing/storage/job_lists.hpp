#pragma once

// Lists of jobs with filters, orders and pages; batches by id and state.

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "freight/testing/storage/storage_fixture.hpp"

namespace freight::testing {

class JobListSuite : public StorageSuite {
 protected:
  using Ids = std::vector<JobId>;

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
  /// The next job is another instant's, on the storage's clock.
  static void let_time_pass() { std::this_thread::sleep_for(milliseconds(3)); }

  /// Walks through all pages in every order while jobs are added: each of `all` is met once.
  void expect_pages_hold(const std::set<JobId>& all) {
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
};

TEST_P(JobListSuite, ListsNewestFirstAndWithoutLargeParts) {
  const auto first = submit();
  const auto second = submit();
  const auto third = submit(tenant_, "other");
  const auto all = jobs().list_jobs(tenant_, {}).jobs;
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0].id, third);
  EXPECT_EQ(all[2].id, first);
  EXPECT_EQ(all[0].spec, "");
  EXPECT_EQ(jobs().list_jobs(tenant_, {.limit = 1}).jobs.size(), 1U);
  const auto alike = jobs().find_jobs_by_identity(tenant_, "identity");
  ASSERT_EQ(alike.size(), 2U);
  EXPECT_EQ(alike[0].id, second);
  EXPECT_EQ(alike[0].spec, R"({"source":{}})");
}

TEST_P(JobListSuite, NothingOfAnotherTenantIsFound) {
  const auto other = storage_->tenants().create({.name = "other"}).id;
  const auto id = planned_job(1);
  EXPECT_EQ(jobs().find_job(other, id), std::nullopt);
  EXPECT_TRUE(jobs().list_jobs(other, {}).jobs.empty());
  EXPECT_TRUE(jobs().find_jobs_by_identity(other, "identity").empty());
  EXPECT_TRUE(jobs().list_batches(other, id, {}).empty());
  EXPECT_EQ(work().sum_batches(other, id), RecordCounts());
  EXPECT_EQ(code_of([&] { jobs().retry({.tenant_id = other, .job_id = id}); }), Code::not_found);
  EXPECT_FALSE(work().finish_job(
      {.token = std::nullopt, .tenant_id = other, .job_id = id, .status = JobStatus::failed}));
  EXPECT_EQ(job(id).status, JobStatus::running);
}

TEST_P(JobListSuite, FiltersByStatusNameAndLabels) {
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

TEST_P(JobListSuite, TimesAreInclusiveFromAndExclusiveBefore) {
  const auto a = add("a");
  let_time_pass();
  const auto b = add("b");
  jobs().cancel(tenant_, a);
  constexpr std::chrono::microseconds tick(1);
  const auto first = job(a).created_at;
  const auto second = job(b).created_at;
  const auto finished = job(a).finished_at.value();
  ASSERT_LT(first, second);
  EXPECT_EQ(list({.created_from = first}), (Ids{b, a}));
  EXPECT_EQ(list({.created_from = first + tick}), (Ids{b}));
  EXPECT_EQ(list({.created_before = second}), (Ids{a}));
  EXPECT_EQ(list({.created_before = second + tick}), (Ids{b, a}));
  EXPECT_EQ(list({.finished_from = finished}), (Ids{a}));
  EXPECT_EQ(list({.finished_from = finished + tick}), Ids{});
  EXPECT_EQ(list({.finished_from = first, .finished_before = finished}), Ids{});
}

TEST_P(JobListSuite, SortsBothWays) {
  const auto a = add("a", {}, 9);
  let_time_pass();
  const auto b = add("b", {}, 0);
  let_time_pass();
  const auto c = add("c", {}, 5);
  jobs().cancel(tenant_, b);
  let_time_pass();
  jobs().cancel(tenant_, a);
  EXPECT_EQ(list({}), (Ids{c, b, a}));
  EXPECT_EQ(list({.descending = false}), (Ids{a, b, c}));
  EXPECT_EQ(list({.sort = JobSort::finished_at}), (Ids{c, a, b}));
  EXPECT_EQ(list({.sort = JobSort::finished_at, .descending = false}), (Ids{b, a, c}));
  EXPECT_EQ(list({.sort = JobSort::priority}), (Ids{a, c, b}));
  EXPECT_EQ(list({.sort = JobSort::priority, .descending = false}), (Ids{b, c, a}));
}

TEST_P(JobListSuite, PagesHoldEveryJobOnceInEveryOrderWhileJobsAreAdded) {
  std::set<JobId> all;
  for (int i = 0; i < 23; ++i) all.insert(add("job", {}, i % 3));
  expect_pages_hold(all);
}

TEST_P(JobListSuite, RefusesCursorsAndLimitsThatCannotBe) {
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

TEST_P(JobListSuite, CountsTheTotalUpToACap) {
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

TEST_P(JobListSuite, ListsNothingOfAnotherTenantOrRemoved) {
  const auto other = storage_->tenants().create({.name = "other"}).id;
  const auto id = add("a");
  EXPECT_TRUE(jobs().list_jobs(other, {.with_total = true}).jobs.empty());
  EXPECT_EQ(jobs().list_jobs(other, {.with_total = true}).total, 0U);
  jobs().cancel(tenant_, id);
  jobs().remove_job(tenant_, id);
  EXPECT_EQ(list({}), Ids{});
}

TEST_P(JobListSuite, BatchesAreFoundByIdAndState) {
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

}  // namespace freight::testing
