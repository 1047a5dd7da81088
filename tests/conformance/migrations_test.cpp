#include "freight/testing/storage/migrations.hpp"

#include "support/storage_fixture.hpp"

// SQLite and PostgreSQL under the suite that others run over their storages.

namespace freight::testing {
namespace {

INSTANTIATE_TEST_SUITE_P(Sql, MigrationSuite, sql_storages, storage_case_name);

}  // namespace
}  // namespace freight::testing
