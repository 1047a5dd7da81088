#include "freight/testing/storage/job_control.hpp"

#include "freight/testing/storage/cancellations.hpp"
#include "freight/testing/storage/schedules.hpp"
#include "support/storage_fixture.hpp"

// SQLite and PostgreSQL under the suites that others run over their storages.

namespace freight::testing {
namespace {

INSTANTIATE_TEST_SUITE_P(Sql, JobControlSuite, sql_storages, storage_case_name);
INSTANTIATE_TEST_SUITE_P(Sql, CancellationSuite, sql_storages, storage_case_name);
INSTANTIATE_TEST_SUITE_P(Sql, ScheduleSuite, sql_storages, storage_case_name);

}  // namespace
}  // namespace freight::testing
