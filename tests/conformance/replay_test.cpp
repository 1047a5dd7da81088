#include "freight/testing/storage/replays.hpp"
#include "support/storage_fixture.hpp"

// SQLite and PostgreSQL under the suites that others run over their storages.

namespace freight::testing {
namespace {

INSTANTIATE_TEST_SUITE_P(Sql, ReplaySuite, sql_storages, storage_case_name);

class SqlReplayTest : public ReplayFixture {};
INSTANTIATE_TEST_SUITE_P(Sql, SqlReplayTest, sql_storages, storage_case_name);

TEST_P(SqlReplayTest, CorrectionsThatWereTakenAreNotKeptTwice) {
  const auto id = ended_job(1, {reject(3)});
  const auto replay_id = ReplayId::generate();
  jobs().stage_corrections(
      tenant_, id, replay_id,
      std::vector<Correction>{{.ordinal = 3, .record = "{}"}, {.ordinal = 7, .record = "{}"}});
  EXPECT_EQ(database_of(target()).number("SELECT count(*) FROM freight.replay_corrections"), 2);
  jobs().replay({.tenant_id = tenant_, .job_id = id, .corrections = replay_id});
  EXPECT_EQ(database_of(target()).number("SELECT count(*) FROM freight.replay_corrections"), 0);
}

}  // namespace
}  // namespace freight::testing
