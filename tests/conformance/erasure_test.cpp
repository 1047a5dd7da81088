#include "freight/testing/storage/erasures.hpp"
#include "support/storage_fixture.hpp"

// SQLite and PostgreSQL under the suites that others run over their storages.

namespace freight::testing {
namespace {

INSTANTIATE_TEST_SUITE_P(Sql, ErasureSuite, sql_storages, storage_case_name);

}  // namespace
}  // namespace freight::testing
