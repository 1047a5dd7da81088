// What the sql source promises on PostgreSQL alone.
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "core/record_json.hpp"
#include "support/source_database.hpp"
#include "support/test_database.hpp"

namespace freight::testing {
namespace {

using namespace std::chrono_literals;

class PostgresqlSource : public ::testing::Test {
 protected:
  std::unique_ptr<Source> source(SqlSourceSpec spec) const {
    return source_of(database_.url(), std::move(spec));
  }
  std::vector<ReadRecord> records(SqlSourceSpec spec) const {
    auto read = source(std::move(spec));
    return read_all(*read, plan_all(*read, {.max_records = 2}));
  }
  Error refusal(SqlSourceSpec spec) const { return refusal_of(*source(std::move(spec))); }

  TestDatabase database_;
  ConnectorContext context_;
};

struct Typed {
  const char* expression;
  const char* text;
  FieldKind kind;
  ValueType type;
};

TEST_F(PostgresqlSource, KeepsEveryTypesTextAndKind) {
  database_.run("ALTER DATABASE " + database_.name() +
                " SET bytea_output = 'escape'; ALTER DATABASE " + database_.name() +
                " SET DateStyle = 'SQL, MDY'; ALTER DATABASE " + database_.name() +
                " SET TimeZone = 'Asia/Tokyo'; CREATE DOMAIN short AS integer; "
                "CREATE TYPE mood AS ENUM ('sad', 'glad')");
  const std::vector<Typed> all{
      {"(-32768)::int2", "-32768", FieldKind::integer, ValueType::integer},
      {"9223372036854775807", "9223372036854775807", FieldKind::integer, ValueType::integer},
      {"7::short", "7", FieldKind::integer, ValueType::integer},
      {"12345678901234567890.1234567890::numeric", "12345678901234567890.1234567890",
       FieldKind::decimal, ValueType::decimal},
      {"'NaN'::numeric", "NaN", FieldKind::string, ValueType::decimal},
      {"0.1::float8", "0.1", FieldKind::decimal, ValueType::number},
      {"'-Infinity'::float8", "-Infinity", FieldKind::string, ValueType::number},
      {"1e300::float8", "1e+300", FieldKind::decimal, ValueType::number},
      {"true", "true", FieldKind::boolean, ValueType::boolean},
      {"false", "false", FieldKind::boolean, ValueType::boolean},
      {"'2024-02-29'::date", "2024-02-29", FieldKind::string, ValueType::date},
      {"'infinity'::date", "infinity", FieldKind::string, ValueType::date},
      {"'23:59:59.5'::time", "23:59:59.5", FieldKind::string, ValueType::time},
      {"'2024-01-02 03:04:05.123456'::timestamp", "2024-01-02 03:04:05.123456", FieldKind::string,
       ValueType::datetime},
      {"'2024-01-02 03:04:05+02'::timestamptz", "2024-01-02 01:04:05+00", FieldKind::string,
       ValueType::datetime},
      {"'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'::uuid", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
       FieldKind::string, ValueType::uuid},
      {"'{\"b\": [1.50, null]}'::json", "{\"b\": [1.50, null]}", FieldKind::json, ValueType::json},
      {"'\"x\"'::jsonb", "\"x\"", FieldKind::json, ValueType::json},
      {"'\\x00ff'::bytea", "\\x00ff", FieldKind::binary, ValueType::binary},
      {"'tab\tquote\" \\ ü'::text", "tab\tquote\" \\ ü", FieldKind::string, ValueType::string},
      {"'ab'::char(4)", "ab  ", FieldKind::string, ValueType::string},
      {"ARRAY[1,2]", "{1,2}", FieldKind::string, ValueType::string},
      {"'1 day 2 hours'::interval", "P1DT2H", FieldKind::string, ValueType::string},
      {"'glad'::mood", "glad", FieldKind::string, ValueType::string},
      {"NULL::int", "", FieldKind::null, ValueType::integer},
  };
  std::string query = "SELECT 1 AS k";
  for (std::size_t index = 0; index < all.size(); ++index) {
    query += std::string(", ") + all[index].expression + " AS c" + std::to_string(index);
  }
  auto typed = source(query_source(query, {"k"}));
  const SourceDescription description = typed->describe(context_);
  const auto read = read_all(*typed, plan_all(*typed, {}));
  ASSERT_EQ(read.size(), 1U);
  for (std::size_t index = 0; index < all.size(); ++index) {
    EXPECT_EQ(read[0].values[index + 1], all[index].text) << all[index].expression;
    EXPECT_EQ(read[0].kinds[index + 1], all[index].kind) << all[index].expression;
    EXPECT_EQ(description.field_types.at(index + 1), all[index].type) << all[index].expression;
  }
}

TEST_F(PostgresqlSource, DecodesTheJsonOfItsRecords) {
  auto typed = source(query_source(
      "SELECT 1 AS a, 1.50::numeric AS b, 'NaN'::numeric AS c, true AS d, E'\"\\n' AS e, "
      "NULL::text AS f, '\"x\"'::jsonb AS g, '[1]'::jsonb AS h, 'null'::jsonb AS i, "
      "NULL::jsonb AS j",
      {"a"}));
  RecordBatch batch;
  typed->read(plan_all(*typed, {}).at(0), batch, context_);
  ASSERT_TRUE(batch.raw_from_fields);
  const std::string raw = core::record_json(*batch.layout, batch.fields.data());
  EXPECT_EQ(raw,
            "{\"a\":1,\"b\":1.50,\"c\":\"NaN\",\"d\":true,\"e\":\"\\\"\\u000a\",\"f\":null,"
            "\"g\":\"\\\"x\\\"\",\"h\":[1],\"i\":\"null\",\"j\":null}");
  const ReadRecord before = copy_of(batch, 0);
  RecordBatch again;
  const std::vector<RawRecord> raws{{.ordinal = 0, .raw = raw}};
  typed->decode(raws, again, context_);
  const ReadRecord after = copy_of(again, 0);
  EXPECT_EQ(after.values, before.values);
  EXPECT_EQ(after.kinds, before.kinds);
}

TEST_F(PostgresqlSource, StepsThroughKeysOfEveryOrderedType) {
  for (const char* type : {"uuid", "numeric", "timestamptz", "date", "char(5)", "bytea", "float8",
                           "interval", "varchar(9)", "text COLLATE \"C\""}) {
    const std::string name = type;
    std::string value = "i::text";
    if (name == "uuid") value = "md5(i::text)::uuid";
    if (name == "timestamptz") value = "'2024-01-01'::timestamptz + i * '1.000001 s'::interval";
    if (name == "date") value = "'2024-01-01'::date + i";
    if (name == "bytea") value = "decode(md5(i::text), 'hex')";
    if (name == "numeric") value = "i / 3.0";
    if (name == "float8") value = "i / 3.0::float8";
    if (name == "interval") value = "i * '1 hour'::interval";
    database_.run("DROP TABLE IF EXISTS t");
    database_.run("CREATE TABLE t (k " + name + " PRIMARY KEY, i integer)");
    database_.run("INSERT INTO t SELECT " + value + ", i FROM generate_series(-10, 10) i");
    auto read = source(table_source("t"));
    const auto rows = read_all(*read, plan_all(*read, {.max_records = 2}));
    EXPECT_EQ(rows.size(), 21U) << name;
    std::string order;
    for (const auto& row : rows) order += (order.empty() ? "" : ",") + row.values[1];
    EXPECT_EQ(order, database_.value("SELECT string_agg(i::text, ',' ORDER BY k) FROM t")) << name;
  }
}

TEST_F(PostgresqlSource, FindsTablesOfSchemasAndInLowerCase) {
  database_.run(
      "CREATE SCHEMA crm; CREATE TABLE crm.people (id int PRIMARY KEY); INSERT INTO crm.people "
      "VALUES (1); CREATE TABLE \"Odd.Name\" (\"Key\" int PRIMARY KEY); "
      "INSERT INTO \"Odd.Name\" VALUES (2)");
  EXPECT_EQ(records(table_source("crm.people")).size(), 1U);
  EXPECT_EQ(records(table_source("CRM.People")).size(), 1U);
  EXPECT_EQ(records(table_source("\"Odd.Name\"")).size(), 1U);
}

TEST_F(PostgresqlSource, ChangesNothingWhateverTheQuerySays) {
  database_.run(
      "CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1), (2); "
      "CREATE FUNCTION wipe() RETURNS int LANGUAGE sql AS 'DELETE FROM t RETURNING 1'");
  EXPECT_EQ(
      refusal(query_source("WITH gone AS (DELETE FROM t RETURNING id) SELECT id FROM gone")).code(),
      Code::source_unreadable);
  EXPECT_EQ(refusal(query_source("SELECT wipe() AS a")).code(), Code::source_unreadable);
  EXPECT_EQ(database_.value("SELECT count(*) FROM t"), "2");
}

TEST_F(PostgresqlSource, TellsTheTypesKeyAndNotNullsOfATable) {
  database_.run("CREATE TABLE t (b int NOT NULL, a int, c text, PRIMARY KEY (a, b))");
  const SourceDescription description = source(table_source("t"))->describe(context_);
  EXPECT_TRUE(description.typed);
  EXPECT_EQ(description.primary_key, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(description.required, (std::vector<std::string>{"b", "a"}));
  EXPECT_TRUE(description.warnings.empty());
}

TEST_F(PostgresqlSource, ReadsTheRangesOfATableByTheIndexOfItsKey) {
  database_.run(
      "CREATE TABLE t (a int, b int, c text, PRIMARY KEY (a, b)); INSERT INTO t SELECT i / 10, i, "
      "repeat('x', 100) FROM generate_series(1, 20000) i; ANALYZE t; "
      "CREATE TABLE scans (n bigint); INSERT INTO scans SELECT seq_tup_read FROM "
      "pg_stat_user_tables WHERE relname = 't'");
  auto read = source(table_source("t"));
  EXPECT_EQ(read_all(*read, plan_all(*read, {.max_records = 500})).size(), 20'000U);
  // The counters are written when the sessions go.
  read.reset();
  const auto deadline = std::chrono::steady_clock::now() + 20s;
  std::string index_reads = "0";
  while (std::stoll(index_reads) < 40'000 && std::chrono::steady_clock::now() < deadline) {
    index_reads = database_.value(
        "SELECT idx_tup_read FROM pg_stat_user_indexes "
        "WHERE indexrelname = 't_pkey'");
    std::this_thread::sleep_for(20ms);
  }
  EXPECT_GE(std::stoll(index_reads), 40'000);
  EXPECT_EQ(database_.value("SELECT seq_tup_read - n FROM pg_stat_user_tables, scans "
                            "WHERE relname = 't'"),
            "0");
}

TEST_F(PostgresqlSource, ReadsATableWithoutAKeyByThePlacesOfItsRows) {
  database_.run(
      "CREATE TABLE t (a int, b text); CREATE INDEX ON t (a); INSERT INTO t SELECT 20000 - i, "
      "repeat('x', 50) FROM generate_series(1, 20000) i; DELETE FROM t WHERE a % 3 = 0; "
      "CREATE TABLE p (a int) PARTITION BY RANGE (a); CREATE TABLE p1 PARTITION OF p FOR VALUES "
      "FROM (0) TO (5); CREATE TABLE p2 PARTITION OF p FOR VALUES FROM (5) TO (9); "
      "INSERT INTO p SELECT generate_series(0, 8); ANALYZE");
  SqlSourceSpec spec = table_source("t");
  spec.where = "a < 15000 AND a % 2 = 1";
  auto read = source(spec);
  EXPECT_TRUE(read->describe(context_).warnings.empty());
  const auto ranges = plan_all(*read, {.max_records = 500});
  EXPECT_EQ(ranges.size(), 10U);
  const auto rows = read_all(*read, ranges);
  EXPECT_EQ(rows.size(), 5000U);
  EXPECT_EQ(rows.front().values[0], "14999");
  EXPECT_EQ(rows.back().values[0], "1");
  EXPECT_EQ(records(table_source("p")).size(), 9U);
  spec.where = "a < 15000 AND a IN (SELECT generate_series(1, 20000, 2))";
  auto joined = source(spec);
  EXPECT_EQ(joined->describe(context_).warnings.size(), 1U);
  EXPECT_EQ(read_all(*joined, plan_all(*joined, {})).size(), 5000U);
}

TEST_F(PostgresqlSource, TakesAKilledSessionForAnOutageAndReadsOn) {
  database_.run("CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1), (2)");
  auto slow = source(query_source("SELECT id, pg_sleep(id * 0.2)::text AS s FROM t", {"id"}));
  const auto ranges = plan_all(*slow, {});
  std::jthread killer([this] {
    const auto deadline = std::chrono::steady_clock::now() + 20s;
    while (std::chrono::steady_clock::now() < deadline) {
      const std::string killed = database_.value(
          "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = "
          "current_database() AND pid <> pg_backend_pid() AND state = 'active' AND query LIKE "
          "'SELECT \"id\"%'");
      if (killed != "0") return;
      std::this_thread::sleep_for(5ms);
    }
  });
  RecordBatch batch;
  try {
    slow->read(ranges.at(0), batch, context_);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::source_unavailable);
    EXPECT_TRUE(error.details().outage);
  }
  batch.clear();
  slow->read(ranges.at(0), batch, context_);
  EXPECT_EQ(batch.records.size(), 2U);
}

TEST_F(PostgresqlSource, EndsASlowReadWhenItIsStopped) {
  auto slow = source(query_source("SELECT 1 AS id, pg_sleep(3600)::text AS s", {"id"}));
  slow->describe(context_);
  std::stop_source stop;
  ConnectorContext context;
  context.stop = stop.get_token();
  std::jthread stopper([&stop] {
    std::this_thread::sleep_for(300ms);
    stop.request_stop();
  });
  try {
    RecordBatch batch;
    slow->read({.records = 1, .locator = R"({"version":1,"last":["1"]})"}, batch, context);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::cancelled);
  }
}

TEST_F(PostgresqlSource, SaysWhyItCannotConnectWithoutThePassword) {
  const std::string url = database_.url();
  const auto at = url.rfind(':');
  const std::string away = url.substr(0, at + 1) + "1" + url.substr(url.find('/', at));
  const Error unreachable = refusal_of(*source_of(away, table_source("t")));
  EXPECT_EQ(unreachable.code(), Code::source_unavailable);
  EXPECT_TRUE(unreachable.details().outage);
  const Error unknown =
      refusal_of(*source_of(database_.url_for("nobody_of_this_name:secret"), table_source("t")));
  EXPECT_EQ(unknown.category(), Category::authentication) << unknown.what();
  EXPECT_EQ(std::string(unknown.what()).find("secret"), std::string::npos);
}

TEST_F(PostgresqlSource, SaysWhichRightIsMissing) {
  const std::string role = database_.name() + "_role";
  database_.run("CREATE TABLE t (id int PRIMARY KEY); CREATE ROLE " + role + " LOGIN");
  const Error denied = refusal_of(*source_of(database_.url_for(role), table_source("t")));
  database_.run("DROP OWNED BY " + role + "; DROP ROLE " + role);
  EXPECT_EQ(denied.category(), Category::authentication) << denied.what();
  EXPECT_EQ(denied.code(), Code::source_denied);
}

TEST_F(PostgresqlSource, RefusesWhereRowLevelSecurityHidesRowsUnlessThatIsAllowed) {
  const std::string role = database_.name() + "_role";
  database_.run(
      "CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t SELECT generate_series(1, 10); "
      "ALTER TABLE t ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON t USING (id % 2 = 0); "
      "CREATE ROLE " +
      role + " LOGIN; GRANT SELECT ON t TO " + role);
  for (SqlSourceSpec spec : {table_source("t"), query_source("SELECT id FROM t", {"id"})}) {
    const Error denied = refusal_of(*source_of(database_.url_for(role), spec));
    EXPECT_EQ(denied.code(), Code::source_denied) << denied.what();
    EXPECT_NE(denied.details().hint.find("row_security"), std::string::npos);

    spec.allow_row_security = true;
    auto allowed = source_of(database_.url_for(role), spec);
    EXPECT_EQ(allowed->describe(context_).warnings.size(), 1U);
    EXPECT_EQ(read_all(*allowed, plan_all(*allowed, {})).size(), 5U);
    EXPECT_EQ(allowed->count(context_), 5U);
    // Nothing is hidden from who made the table.
    auto owner = source_of(database_.url(), spec);
    EXPECT_EQ(owner->describe(context_).warnings.size(), 0U);
    EXPECT_EQ(read_all(*owner, plan_all(*owner, {})).size(), 10U);
  }
  database_.run("DROP OWNED BY " + role + "; DROP ROLE " + role);
}

}  // namespace
}  // namespace freight::testing
