#include "freight/testing/storage/acknowledgements.hpp"
#include "freight/testing/storage/dead_letters.hpp"
#include "freight/testing/storage/job_ends.hpp"
#include "freight/testing/storage/plans.hpp"
#include "support/storage_fixture.hpp"

// SQLite and PostgreSQL under the suites that others run over their storages.

namespace freight::testing {
namespace {

INSTANTIATE_TEST_SUITE_P(Sql, AcknowledgementSuite, sql_storages, storage_case_name);
INSTANTIATE_TEST_SUITE_P(Sql, DeadLetterSuite, sql_storages, storage_case_name);
INSTANTIATE_TEST_SUITE_P(Sql, JobEndSuite, sql_storages, storage_case_name);
INSTANTIATE_TEST_SUITE_P(Sql, PlanSuite, sql_storages, storage_case_name);

class SqlLogRowsTest : public StorageSuite {};
INSTANTIATE_TEST_SUITE_P(Sql, SqlLogRowsTest, sql_storages, storage_case_name);

TEST_P(SqlLogRowsTest, ABatchTakesOneRowAndOneMoreForEachException) {
  planned_job(1);
  auto report = completed(claim(1, 0).at(0));
  report.counts = {.read = 10, .succeeded = 6, .rejected = 2, .filtered = 2};
  report.exceptions.push_back(rejected_record(2, Code::type_mismatch, "amount", "abc"));
  report.exceptions.push_back(rejected_record(4, Code::type_mismatch, "amount", "xyz"));
  report.ranges.push_back({.outcome = Outcome::filtered, .first_ordinal = 0, .last_ordinal = 1});
  EXPECT_TRUE(acknowledge(report).lost.empty());
  const auto& database = database_of(target());
  EXPECT_EQ(database.number("SELECT count(*) FROM freight.migration_logs WHERE event = 'record'"),
            2);
  EXPECT_EQ(database.number("SELECT count(*) FROM freight.migration_logs WHERE event = 'records'"
                            " AND outcome = 'filtered' AND first_ordinal = 0 AND last_ordinal = 1"),
            1);
  EXPECT_EQ(database.number("SELECT count(*) FROM freight.migration_logs WHERE first_ordinal = 0"
                            " AND last_ordinal = 9 AND event = 'batch_completed' AND attempt = 1"),
            1);
}

TEST_P(SqlLogRowsTest, LogSequencesOfAJobHaveNeitherGapNorDouble) {
  const auto id = planned_job(3);
  auto tasks = claim(3, 0);
  std::vector<BatchReport> reports{completed(tasks[0]), with_verdict(tasks[1], TaskVerdict::retry),
                                   completed(tasks[2])};
  reports[0].exceptions.push_back(rejected_record(1, Code::required, "a", "b"));
  work().acknowledge(reports, request(0, 0));
  acknowledge(completed(claim(1, 0).at(0)));
  work().finish_job(finish(claim(0, 1).at(0)));
  const auto& database = database_of(target());
  EXPECT_EQ(database.number("SELECT max(log_sequence) - count(*) FROM freight.migration_logs"), 0);
  EXPECT_EQ(database.number("SELECT log_sequence FROM freight.migration_jobs"),
            database.number("SELECT count(*) FROM freight.migration_logs"));
  EXPECT_EQ(job(id).status, JobStatus::completed);
}

class SqlClaimTest : public StorageSuite {
 protected:
  void submit_with_plan(std::string spec) {
    auto submitted = new_job(tenant_);
    submitted.spec = std::move(spec);
    submitted.plan = {.batch = {.records = 1}};
    jobs().submit(JobId::generate(), submitted);
  }
};
INSTANTIATE_TEST_SUITE_P(Sql, SqlClaimTest, sql_storages, storage_case_name);

TEST_P(SqlClaimTest, AJobOfOneBatchComesWithItsClaimUnlessItsSpecIsLarge) {
  submit_with_plan("{}");
  submit_with_plan(std::string(20'000, ' '));
  planned_job(2);
  const auto tasks = claim(4, 0);
  ASSERT_EQ(tasks.size(), 4U);
  int told = 0;
  for (const auto& task : tasks) {
    if (!task.job) continue;
    ++told;
    EXPECT_EQ(task.job->id, task.job_id);
    EXPECT_EQ(task.job->spec, "{}");
  }
  EXPECT_EQ(told, 1);
}

}  // namespace
}  // namespace freight::testing
