#include "freight/testing/storage/unserved_jobs.hpp"

#include "support/storage_fixture.hpp"

// SQLite and PostgreSQL under the suites that others run over their storages.

namespace freight::testing {
namespace {

INSTANTIATE_TEST_SUITE_P(Sql, UnservedSuite, sql_storages, storage_case_name);

}  // namespace
}  // namespace freight::testing
