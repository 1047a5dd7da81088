#include "freight/testing/storage/claims.hpp"
#include "freight/testing/storage/fairness.hpp"
#include "freight/testing/storage/leases.hpp"
#include "support/storage_fixture.hpp"

// SQLite and PostgreSQL under the suites that others run over their storages.

namespace freight::testing {
namespace {

INSTANTIATE_TEST_SUITE_P(Sql, ClaimSuite, sql_storages, storage_case_name);
INSTANTIATE_TEST_SUITE_P(Sql, FairnessSuite, sql_storages, storage_case_name);
INSTANTIATE_TEST_SUITE_P(Sql, LeaseSuite, sql_storages, storage_case_name);
INSTANTIATE_TEST_SUITE_P(Sql, NodeDeathSuite, sql_storages, storage_case_name);

class SqlNodeDeathTest : public NodeDeathSuite {};
INSTANTIATE_TEST_SUITE_P(Sql, SqlNodeDeathTest,
                         ::testing::Values(sql_storage(database::Backend::sqlite)),
                         storage_case_name);

TEST_P(SqlNodeDeathTest, NeitherRowNorFileOfAKilledNodeIsLeft) {
  planned_job(1);
  kill_a_node_that_holds(1, 0);
  ASSERT_EQ(claim_within(milliseconds(5000), 1, 0).size(), 1U);
  const auto& database = database_of(target());
  EXPECT_EQ(database.number("SELECT count(*) FROM freight.nodes"), 1);
  std::size_t files = 0;
  for ([[maybe_unused]] const auto& file :
       std::filesystem::directory_iterator(database.folder() / "freight.db.nodes")) {
    ++files;
  }
  EXPECT_EQ(files, 1U);
}

}  // namespace
}  // namespace freight::testing
