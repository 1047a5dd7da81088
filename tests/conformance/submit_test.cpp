#include "freight/testing/storage/submissions.hpp"
#include "support/storage_fixture.hpp"

// SQLite and PostgreSQL under the suites that others run over their storages.

namespace freight::testing {
namespace {

INSTANTIATE_TEST_SUITE_P(Sql, SubmissionSuite, sql_storages, storage_case_name);

class SqlSubmissionTest : public StorageSuite {};
INSTANTIATE_TEST_SUITE_P(Sql, SqlSubmissionTest, sql_storages, storage_case_name);

TEST_P(SqlSubmissionTest, AKeyIsForgottenAfterSevenDays) {
  const IdempotencyKey key{.key = "k", .request = "hash"};
  jobs().submit_once(JobId::generate(), new_job(tenant_), key);
  const auto& database = database_of(target());
  database.run("UPDATE freight.idempotency_keys SET created_at = created_at - 604700000000");
  EXPECT_FALSE(jobs().submit_once(JobId::generate(), new_job(tenant_), key).created);
  database.run("UPDATE freight.idempotency_keys SET created_at = created_at - 100000001");
  EXPECT_TRUE(jobs().submit_once(JobId::generate(), new_job(tenant_), key).created);
}

}  // namespace
}  // namespace freight::testing
