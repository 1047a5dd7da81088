#include "freight/testing/storage/belongings.hpp"
#include "freight/testing/storage/tenants.hpp"
#include "support/storage_fixture.hpp"

// SQLite and PostgreSQL under the suites that others run over their storages.

namespace freight::testing {
namespace {

INSTANTIATE_TEST_SUITE_P(Sql, TenantSuite, sql_storages, storage_case_name);
INSTANTIATE_TEST_SUITE_P(Sql, BelongingsSuite, sql_storages, storage_case_name);

class SqlApiKeyTest : public TenantSuite {};
INSTANTIATE_TEST_SUITE_P(Sql, SqlApiKeyTest, sql_storages, storage_case_name);

TEST_P(SqlApiKeyTest, OfASecretOnlyAHashIsKept) {
  const auto made = tenants().create_key({.tenant_id = tenant_});
  const auto& database = database_of(target());
  EXPECT_EQ(database.number("SELECT count(*) FROM freight.api_keys WHERE secret_hash <> ''"), 1);
  EXPECT_EQ(database.number("SELECT count(*) FROM freight.api_keys WHERE secret_hash LIKE '%" +
                            made.secret + "%'"),
            0);
}

TEST_P(SqlApiKeyTest, AKeyEndsWithItsTime) {
  const auto made =
      tenants().create_key({.tenant_id = tenant_, .expires_in = std::chrono::hours(1)});
  EXPECT_TRUE(tenants().find_key(made.secret).has_value());
  database_of(target()).run("UPDATE freight.api_keys SET expires_at = created_at");
  EXPECT_EQ(tenants().find_key(made.secret), std::nullopt);
}

}  // namespace
}  // namespace freight::testing
