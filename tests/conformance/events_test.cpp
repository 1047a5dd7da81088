#include "freight/testing/storage/events.hpp"

#include "support/storage_fixture.hpp"

// SQLite and PostgreSQL under the suites that others run over their storages.

namespace freight::testing {
namespace {

INSTANTIATE_TEST_SUITE_P(Sql, EventSuite, sql_storages, storage_case_name);

class SqlEventTest : public StorageSuite {};
INSTANTIATE_TEST_SUITE_P(Sql, SqlEventTest, sql_storages, storage_case_name);

TEST_P(SqlEventTest, OldEventsGo) {
  const auto& database = database_of(target());
  submit();
  database.run("UPDATE freight.events SET happened_at = happened_at - 604800000001");
  submit();
  const auto before = jobs().list_events(tenant_, {}).size();
  work().housekeep();
  EXPECT_EQ(jobs().list_events(tenant_, {}).size(), before / 2);
  // As if a hundred thousand had been written meanwhile.
  database.run("UPDATE freight.tenant_shares SET event_sequence = 102399");
  submit();
  const auto left = jobs().list_events(tenant_, {});
  ASSERT_FALSE(left.empty());
  EXPECT_GT(left.front().sequence, 1000U);
}

}  // namespace
}  // namespace freight::testing
