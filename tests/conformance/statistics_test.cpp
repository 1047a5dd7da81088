#include "freight/testing/storage/statistics.hpp"

#include "support/storage_fixture.hpp"

// SQLite and PostgreSQL under the suites that others run over their storages.

namespace freight::testing {
namespace {

INSTANTIATE_TEST_SUITE_P(Sql, StatisticsSuite, sql_storages, storage_case_name);

/// As if time had passed.
class SqlStatisticsTest : public StorageSuite {};
INSTANTIATE_TEST_SUITE_P(Sql, SqlStatisticsTest, sql_storages, storage_case_name);

TEST_P(SqlStatisticsTest, ANodeWithoutAHeartbeatIsLost) {
  const auto gone = enter(*storage_);
  database_of(target()).run(
      "UPDATE freight.nodes SET heartbeat_at = heartbeat_at - 20000000 WHERE node_id = '" +
      gone.to_string() + "'");
  std::map<NodeId, NodeStatus> nodes;
  for (const auto& node : jobs().list_nodes()) nodes[node.id] = node;
  ASSERT_EQ(nodes.size(), 2U);
  EXPECT_EQ(nodes[node_].state, NodeState::idle);
  EXPECT_EQ(nodes[gone].state, NodeState::lost);
  EXPECT_GT(nodes[gone].heartbeat_age, std::chrono::seconds(19));
}

TEST_P(SqlStatisticsTest, UseKnowsTheLastHourAndDay) {
  planned_job(3);
  const auto tasks = claim(3, 0);
  auto report = completed(tasks[0]);
  report.counts = {.read = 10, .succeeded = 8, .rejected = 2};
  acknowledge(report);
  acknowledge(completed(tasks[1]));
  acknowledge(completed(tasks[2]));
  const auto& database = database_of(target());
  database.run(
      "UPDATE freight.migration_batches SET finished_at = finished_at - 7200000000"
      " WHERE sequence = 1");
  database.run(
      "UPDATE freight.migration_batches SET finished_at = finished_at - 90000000000"
      " WHERE sequence = 2");
  const auto use = jobs().usage(tenant_);
  EXPECT_EQ(use.records, (RecordCounts{.read = 30, .succeeded = 28, .rejected = 2}));
  EXPECT_EQ(use.last_hour, (RecordCounts{.read = 10, .succeeded = 8, .rejected = 2}));
  EXPECT_EQ(use.last_day, (RecordCounts{.read = 20, .succeeded = 18, .rejected = 2}));
}

}  // namespace
}  // namespace freight::testing
