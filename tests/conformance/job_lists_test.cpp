#include "freight/testing/storage/job_lists.hpp"

#include "support/storage_fixture.hpp"

// SQLite and PostgreSQL under the suites that others run over their storages.

namespace freight::testing {
namespace {

INSTANTIATE_TEST_SUITE_P(Sql, JobListSuite, sql_storages, storage_case_name);

class SqlJobListTest : public JobListSuite {};
INSTANTIATE_TEST_SUITE_P(Sql, SqlJobListTest, sql_storages, storage_case_name);

TEST_P(SqlJobListTest, PagesHoldEveryJobOnceWhenManyAreOfOneInstant) {
  std::set<JobId> all;
  for (int i = 0; i < 23; ++i) all.insert(add("job", {}, i % 3));
  // Many alike: the id decides.
  database_of(target()).run("UPDATE freight.migration_jobs SET created_at = priority");
  expect_pages_hold(all);
}

}  // namespace
}  // namespace freight::testing
