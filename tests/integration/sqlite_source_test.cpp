// What the sql source promises on SQLite alone.
#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "core/record_json.hpp"
#include "support/source_database.hpp"

namespace freight::testing {
namespace {

class SqliteSource : public ::testing::Test {
 protected:
  std::unique_ptr<Source> source(SqlSourceSpec spec) const {
    return source_of(database_->url(), std::move(spec));
  }
  std::vector<ReadRecord> records(SqlSourceSpec spec, std::uint64_t max_records = 2) const {
    auto read = source(std::move(spec));
    return read_all(*read, plan_all(*read, {.max_records = max_records}));
  }

  std::unique_ptr<DestinationDatabase> database_ = make_sqlite_test_database();
  ConnectorContext context_;
};

TEST_F(SqliteSource, ReadsEveryStorageClassWhateverTheColumnSays) {
  database_->run(
      "CREATE TABLE t (id INTEGER PRIMARY KEY, v); INSERT INTO t (v) VALUES "
      "(9223372036854775807), (1.0), (0.1), (1e300), (9e999), ('text'), (x'00ff'), (x''), (NULL), "
      "('')");
  const auto read = records(table_source("t"));
  const std::vector<std::pair<std::string, FieldKind>> expected{
      {"9223372036854775807", FieldKind::integer},
      {"1.0", FieldKind::decimal},
      {"0.1", FieldKind::decimal},
      {"1e+300", FieldKind::decimal},
      {"Infinity", FieldKind::string},
      {"text", FieldKind::string},
      {"\\x00ff", FieldKind::binary},
      {"\\x", FieldKind::binary},
      {"", FieldKind::null},
      {"", FieldKind::string}};
  ASSERT_EQ(read.size(), expected.size());
  for (std::size_t index = 0; index < expected.size(); ++index) {
    EXPECT_EQ(read[index].values[1], expected[index].first);
    EXPECT_EQ(read[index].kinds[1], expected[index].second) << expected[index].first;
  }
}

TEST_F(SqliteSource, StepsThroughKeysOfAllStorageClasses) {
  database_->run(
      "CREATE TABLE t (k NOT NULL, v INTEGER, PRIMARY KEY (k)); INSERT INTO t VALUES "
      "(0.1, 3), (-5, 1), (0.30000000000000004, 5), (0.3, 4), ('', 6), ('10', 7), ('9', 8), "
      "(x'', 10), (x'00', 11), (CAST(x'ff41' AS TEXT), 9), (-4.5, 2)");
  const auto read = records(table_source("t"), 1);
  ASSERT_EQ(read.size(), 11U);
  // The one whose text is no UTF-8 is rejected, and hides its number.
  for (std::size_t index = 0; index < read.size(); ++index) {
    if (index == 8) continue;
    EXPECT_EQ(read[index].values[1], std::to_string(index + 1));
  }
}

TEST_F(SqliteSource, ComparesAsTheUniqueIndexDoes) {
  database_->run(
      "CREATE TABLE t (a TEXT COLLATE NOCASE NOT NULL, b TEXT NOT NULL, PRIMARY KEY (a, b)); "
      "INSERT INTO t VALUES ('b', 'x'), ('A', 'y'), ('a', 'x'), ('B', 'y'), ('C', 'z'); "
      "CREATE TABLE u (a TEXT COLLATE NOCASE NOT NULL); "
      "CREATE UNIQUE INDEX binary_a ON u (a COLLATE BINARY); "
      "INSERT INTO u VALUES ('b'), ('A'), ('a'), ('B')");
  std::string order;
  for (const auto& record : records(table_source("t"), 1)) {
    order += record.values[0] + record.values[1] + ' ';
  }
  EXPECT_EQ(order, "ax Ay bx By Cz ");
  order.clear();
  for (const auto& record : records(table_source("u", {"a"}), 1)) order += record.values[0];
  EXPECT_EQ(order, "ABab");
}

TEST_F(SqliteSource, ReadsATableWithoutAPrimaryKeyByItsRowid) {
  database_->run(
      "CREATE TABLE t (v TEXT, rowid TEXT); INSERT INTO t VALUES ('a', 'x'), ('b', 'y'), "
      "('c', 'z'); CREATE TABLE n (k TEXT PRIMARY KEY); INSERT INTO n VALUES (NULL), ('b'), "
      "(NULL), ('a')");
  auto read = source(table_source("t"));
  EXPECT_TRUE(read->describe(context_).warnings.empty());
  EXPECT_EQ(records(table_source("t")).size(), 3U);
  // A primary key that holds NULL puts nothing in order.
  const auto nulls = records(table_source("n"), 1);
  ASSERT_EQ(nulls.size(), 4U);
  EXPECT_EQ(nulls[1].values[0], "b");
}

TEST_F(SqliteSource, RejectsTextThatIsNoUtf8AndKeepsItsBytes) {
  database_->run(
      "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO t VALUES (1, 'ok'), "
      "(2, CAST(x'6dff' AS TEXT)), (3, 'fine')");
  const auto read = records(table_source("t"));
  ASSERT_TRUE(read.at(1).error);
  EXPECT_EQ(read[1].error->code, Code::invalid_utf8);
  EXPECT_EQ(read[1].error->column, "name");
  EXPECT_EQ(read[1].raw, "{\"id\":2,\"name\":\"m\xff\"}");
  EXPECT_EQ(read.at(2).values[1], "fine");
}

TEST_F(SqliteSource, DecodesTheJsonOfItsRecords) {
  database_->run(
      "CREATE TABLE t (id INTEGER PRIMARY KEY, a REAL, b TEXT, c JSON); INSERT INTO t VALUES "
      "(1, 2.0, 'line\n\"', '{\"x\": 1}')");
  auto read = source(table_source("t"));
  RecordBatch batch;
  read->read(plan_all(*read, {}).at(0), batch, context_);
  const std::string raw = core::record_json(*batch.layout, batch.fields.data());
  const ReadRecord before = copy_of(batch, 0);
  RecordBatch again;
  const std::vector<RawRecord> raws{{.ordinal = 0, .raw = raw}};
  read->decode(raws, again, context_);
  EXPECT_EQ(copy_of(again, 0).values, before.values);
  EXPECT_EQ(copy_of(again, 0).kinds, before.kinds);
}

TEST_F(SqliteSource, TellsTheTypesOfItsColumns) {
  database_->run(
      "CREATE TABLE t (a INTEGER PRIMARY KEY, b BIGINT NOT NULL, c REAL, d TEXT, e BOOLEAN, "
      "f DECIMAL(10,2), g DATE, h DATETIME, i JSON, j UUID, k BLOB, l)");
  const SourceDescription description = source(table_source("t"))->describe(context_);
  const std::vector<std::optional<ValueType>> expected{
      ValueType::integer, ValueType::integer, ValueType::number, ValueType::string,
      ValueType::boolean, ValueType::decimal, ValueType::date,   ValueType::datetime,
      ValueType::json,    ValueType::uuid,    ValueType::binary, std::nullopt};
  EXPECT_EQ(description.field_types, expected);
  EXPECT_EQ(description.primary_key, std::vector<std::string>{"a"});
  EXPECT_EQ(description.required, (std::vector<std::string>{"a", "b"}));
}

TEST_F(SqliteSource, OpensTheFileForReadingOnlyAndSaysWhenThereIsNone) {
  database_->run("CREATE TABLE t (id INTEGER PRIMARY KEY)");
  const std::string missing = database_->url() + ".missing";
  const Error error = refusal_of(*source_of(missing, table_source("t")));
  EXPECT_EQ(error.code(), Code::source_not_found);
  EXPECT_FALSE(std::filesystem::exists(missing.substr(std::string("sqlite:").size())));
  EXPECT_EQ(refusal_of(*source(query_source("PRAGMA user_version"))).code(),
            Code::source_unreadable);
}

TEST_F(SqliteSource, ReadsTheRangesOfAKeyOfSeveralColumnsByItsIndex) {
  database_->run(
      "CREATE TABLE t (a INTEGER NOT NULL, b TEXT NOT NULL, c TEXT, PRIMARY KEY (a, b))");
  const auto plan = database_->query(
      "EXPLAIN QUERY PLAN SELECT * FROM main.t WHERE (\"a\", \"b\") > (1, 'x') AND "
      "(\"a\", \"b\") <= (9, 'y') ORDER BY \"a\", \"b\" LIMIT 10");
  ASSERT_EQ(plan.size(), 1U);
  EXPECT_NE(plan[0].at(3)->find("((a,b)>(?,?) AND (a,b)<(?,?))"), std::string::npos)
      << *plan[0].at(3);
}

}  // namespace
}  // namespace freight::testing
