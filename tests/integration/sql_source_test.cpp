// What both backends of the sql source promise, on a real database of each.
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "support/source_database.hpp"

namespace freight::testing::sql_source_test {
namespace {

using Rows = std::vector<std::vector<std::string>>;

struct Backend {
  const char* name;
  std::unique_ptr<DestinationDatabase> (*make)();
  /// The first parameter of a query.
  const char* first;
};

class SqlSource : public ::testing::TestWithParam<Backend> {
 protected:
  DestinationDatabase& database() { return *database_; }
  std::unique_ptr<Source> source(SqlSourceSpec spec) const {
    return source_of(database_->url(), std::move(spec));
  }
  Rows rows(SqlSourceSpec spec, std::uint64_t max_records = 2) {
    bool has_gaps = false;
    Rows found = rows_of(*source(std::move(spec)), max_records, has_gaps);
    EXPECT_FALSE(has_gaps);
    return found;
  }
  // What the database itself answers.
  Rows answer(const std::string& query) {
    Rows found;
    for (const auto& row : database().query(query)) {
      auto& texts = found.emplace_back();
      for (const auto& value : row) texts.push_back(value.value_or("NULL"));
    }
    return found;
  }
  Error refusal(SqlSourceSpec spec) const { return refusal_of(*source(std::move(spec))); }
  void fill(int from, int to) {
    for (int id = from; id <= to; ++id) {
      database().run("INSERT INTO t VALUES (" + std::to_string(id) + ", 'n" + std::to_string(id) +
                     "')");
    }
  }
  void make_table(int rows) {
    database().run("CREATE TABLE t (id bigint NOT NULL PRIMARY KEY, name text)");
    fill(1, rows);
  }

 private:
  std::unique_ptr<DestinationDatabase> database_ = GetParam().make();
};

TEST_P(SqlSource, ReadsTheSmallestAndLargestIntegersInTheOrderOfTheKey) {
  database().run(
      "CREATE TABLE t (id bigint NOT NULL PRIMARY KEY, name text); INSERT INTO t VALUES "
      "(9223372036854775807, 'most'), (-9223372036854775807, 'least'), (0, NULL), (-7, ''), "
      "(7, 'a\"b\\c')");
  EXPECT_EQ(rows(table_source("t")), (Rows{{"-9223372036854775807", "least"},
                                           {"-7", ""},
                                           {"0", "NULL"},
                                           {"7", "a\"b\\c"},
                                           {"9223372036854775807", "most"}}));
}

TEST_P(SqlSource, StepsThroughAKeyOfSeveralColumns) {
  database().run(
      "CREATE TABLE t (b text NOT NULL, a integer NOT NULL, v integer, PRIMARY KEY (a, b)); "
      "INSERT INTO t VALUES ('x', 2, 1), ('y', 1, 2), ('x', 1, 3), ('z', 1, 4), ('y', 2, 5), "
      "('a', 3, 6), ('b', 3, 7)");
  const Rows expected = answer("SELECT * FROM t ORDER BY a, b");
  for (const std::uint64_t size : {1, 2, 3, 4, 7, 8}) {
    EXPECT_EQ(rows(table_source("t"), size), expected) << size;
  }
}

TEST_P(SqlSource, StepsThroughTextsInTheOrderInWhichTheDatabaseComparesThem) {
  database().run(
      "CREATE TABLE t (k varchar(20) NOT NULL PRIMARY KEY); INSERT INTO t VALUES ('b'), ('A'), "
      "('a'), ('B'), (''), ('é'), ('e'), ('z'), ('Z'), ('ä'), ('a b'), ('a-b'), ('ab'), "
      "('it''s'), ('\"q\"'), ('100%'), ('日本')");
  const Rows expected = answer("SELECT k FROM t ORDER BY k");
  EXPECT_EQ(rows(table_source("t"), 1), expected);
  EXPECT_EQ(rows(table_source("t"), 4), expected);
}

TEST_P(SqlSource, TakesAnotherUniqueKeyThanThePrimaryOne) {
  database().run(
      "CREATE TABLE t (id integer NOT NULL PRIMARY KEY, code varchar(9) NOT NULL UNIQUE); "
      "INSERT INTO t VALUES (1, 'c'), (2, 'a'), (3, 'b')");
  EXPECT_EQ(rows(table_source("t", {"code"})), (Rows{{"2", "a"}, {"3", "b"}, {"1", "c"}}));
}

TEST_P(SqlSource, ReadsNothingFromAnEmptyTable) {
  make_table(0);
  auto empty = source(table_source("t"));
  ConnectorContext context;
  EXPECT_EQ(empty->describe(context).fields, (std::vector<std::string>{"id", "name"}));
  EXPECT_TRUE(plan_all(*empty, {}).empty());
  EXPECT_EQ(empty->count(context), 0U);
}

TEST_P(SqlSource, StopsAtTheLimit) {
  make_table(9);
  SqlSourceSpec spec = table_source("t");
  spec.limit = 5;
  EXPECT_EQ(rows(spec).size(), 5U);
  ConnectorContext context;
  EXPECT_EQ(source(spec)->count(context), 5U);
  spec.limit = 0;
  EXPECT_TRUE(rows(spec).empty());
}

TEST_P(SqlSource, ReadsTheRowsOfAConditionWithItsParameters) {
  make_table(9);
  SqlSourceSpec spec = table_source("t");
  const std::string first = GetParam().first;
  const std::string second = std::string(1, first[0]) + "2";
  spec.where = "id > " + first + " AND name <> " + second + " -- and no more";
  spec.params = {{.text = "4", .type = ValueType::integer}, {.text = "n6"}};
  EXPECT_EQ(rows(spec), (Rows{{"5", "n5"}, {"7", "n7"}, {"8", "n8"}, {"9", "n9"}}));
  ConnectorContext context;
  EXPECT_EQ(source(spec)->count(context), 4U);
  spec.params.pop_back();
  EXPECT_EQ(refusal(spec).code(), Code::source_unreadable);
  EXPECT_NE(std::string(refusal(spec).what()).find("takes 2 parameters"), std::string::npos);
}

TEST_P(SqlSource, ReadsAQueryByItsKey) {
  make_table(9);
  SqlSourceSpec spec = query_source(
      std::string("SELECT id * 2 AS twice, name FROM t WHERE id < ") + GetParam().first + ";\n",
      {"twice"});
  spec.params = {{.text = "6", .type = ValueType::integer}};
  EXPECT_EQ(rows(spec), (Rows{{"2", "n1"}, {"4", "n2"}, {"6", "n3"}, {"8", "n4"}, {"10", "n5"}}));
}

TEST_P(SqlSource, CountsOffTheRowsOfAQueryWithoutAKeyAndWarns) {
  make_table(9);
  const SqlSourceSpec spec = query_source("SELECT name FROM t ORDER BY id DESC");
  EXPECT_EQ(rows(spec), answer("SELECT name FROM t ORDER BY id DESC"));
  ConnectorContext context;
  EXPECT_EQ(source(spec)->describe(context).warnings.size(), 1U);
}

TEST_P(SqlSource, ReadsATableAndAViewWithoutAKey) {
  database().run(
      "CREATE TABLE t (v integer); INSERT INTO t VALUES (3), (1), (2), (1), (NULL); "
      "CREATE VIEW w AS SELECT v FROM t");
  const Rows expected{{"3"}, {"1"}, {"2"}, {"1"}, {"NULL"}};
  EXPECT_EQ(rows(table_source("t")), expected);
  EXPECT_EQ(rows(table_source("w")), expected);
}

TEST_P(SqlSource, RefusesAKeyThatTheCatalogDoesNotKnowToBeUniqueAndNotNull) {
  database().run(
      "CREATE TABLE t (id integer NOT NULL PRIMARY KEY, name text NOT NULL, code integer UNIQUE)");
  EXPECT_EQ(refusal(table_source("t", {"name"})).code(), Code::key_not_unique);
  EXPECT_EQ(refusal(table_source("t", {"code"})).code(), Code::key_not_unique);
  const Error unknown = refusal(table_source("t", {"nmae"}));
  EXPECT_EQ(unknown.code(), Code::missing_header);
  EXPECT_NE(unknown.details().hint.find("'name'"), std::string::npos);
}

TEST_P(SqlSource, FindsAKeyOfAQueryThatIsThereTwiceOrNull) {
  database().run("CREATE TABLE t (v integer); INSERT INTO t VALUES (1), (2), (2), (3), (4)");
  const SqlSourceSpec spec = query_source("SELECT v FROM t", {"v"});
  for (const std::uint64_t size : {1, 2, 3, 9}) {
    auto repeated = source(spec);
    try {
      plan_all(*repeated, {.max_records = size});
      FAIL() << size;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Code::key_not_unique) << size;
    }
  }
  database().run("DELETE FROM t WHERE v = 2; INSERT INTO t VALUES (NULL)");
  EXPECT_EQ(refusal(spec).code(), Code::key_not_unique);
}

TEST_P(SqlSource, RefusesColumnsOfOneName) {
  EXPECT_EQ(refusal(query_source("SELECT 1 AS a, 2 AS b, 3 AS a")).code(), Code::duplicate_header);
}

TEST_P(SqlSource, NamesTheNearestTable) {
  database().run("CREATE TABLE customers (id integer PRIMARY KEY)");
  const Error error = refusal(table_source("custmers"));
  EXPECT_EQ(error.code(), Code::source_not_found);
  EXPECT_EQ(error.details().hint, "Did you mean 'customers'?");
  const Error in_query = refusal(query_source("SELECT * FROM custmers"));
  EXPECT_EQ(in_query.code(), Code::source_unreadable);
  EXPECT_EQ(in_query.details().hint, "Did you mean 'customers'?");
}

TEST_P(SqlSource, SaysWhereAQueryOrConditionIsWrong) {
  make_table(1);
  const Error query = refusal(query_source("SELECT id\n  FORM t WHERE"));
  EXPECT_EQ(query.code(), Code::source_unreadable);
  EXPECT_NE(std::string(query.what()).find("source.query cannot be used (line 2, column "),
            std::string::npos)
      << query.what();
  SqlSourceSpec spec = table_source("t");
  spec.where = "nmae = 'x'";
  const Error where = refusal(spec);
  EXPECT_NE(std::string(where.what()).find("source.where cannot be used (line 1, column 1)"),
            std::string::npos)
      << where.what();
  EXPECT_NE(where.details().hint.find("name"), std::string::npos) << where.details().hint;
  spec.where = "id = 1) OR (id = 2";
  EXPECT_EQ(source(spec) == nullptr, false);
}

TEST_P(SqlSource, RefusesAQueryThatIsNotASingleSelect) {
  make_table(3);
  for (const char* query :
       {"DELETE FROM t", "DELETE FROM t RETURNING id", "SELECT 1 AS a; DELETE FROM t",
        "INSERT INTO t VALUES (9, 'x') RETURNING id", "SELECT 1 AS a) AS x, (SELECT 2 AS b",
        "EXPLAIN SELECT 1", "", "-- nothing"}) {
    SqlSourceSpec spec = query_source(query);
    if (spec.query.empty()) continue;
    const Error error = refusal(spec);
    EXPECT_EQ(error.code(), Code::source_unreadable) << query << ": " << error.what();
  }
  EXPECT_EQ(database().value("SELECT count(*) FROM t"), "3");
}

TEST_P(SqlSource, FailsARangeWhoseRowsWereTakenAwayOrAdded) {
  make_table(9);
  auto changing = source(table_source("t"));
  const auto ranges = plan_all(*changing, {.max_records = 3});
  ASSERT_EQ(ranges.size(), 3U);
  database().run("DELETE FROM t WHERE id = 2");
  database().run("DELETE FROM t WHERE id = 8");
  fill(20, 20);
  ConnectorContext context;
  const auto code_of = [&](const BatchRange& range) {
    try {
      RecordBatch batch;
      changing->read(range, batch, context);
    } catch (const Error& error) {
      return error.code();
    }
    return Code::not_found;
  };
  EXPECT_EQ(code_of(ranges[0]), Code::source_changed);
  // Nothing changed here.
  EXPECT_EQ(code_of(ranges[1]), Code::not_found);
  EXPECT_EQ(code_of(ranges[2]), Code::source_changed);
  database().run("INSERT INTO t VALUES (2, 'again'), (0, 'new')");
  EXPECT_EQ(code_of(ranges[0]), Code::source_changed);
}

TEST_P(SqlSource, FailsARangeWithoutAKeyWhoseRowsAreOthers) {
  make_table(6);
  auto changing = source(query_source("SELECT name FROM t ORDER BY id"));
  const auto ranges = plan_all(*changing, {.max_records = 3});
  database().run("UPDATE t SET name = 'other' WHERE id = 5");
  ConnectorContext context;
  RecordBatch batch;
  changing->read(ranges.at(0), batch, context);
  batch.clear();
  try {
    changing->read(ranges.at(1), batch, context);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::source_changed);
  }
}

TEST_P(SqlSource, ClosesARangeEarlyWhenItsRowsAreLong) {
  make_table(0);
  database().run("INSERT INTO t VALUES (1, 'a'), (2, '" + std::string(5000, 'x') + "'), (3, '" +
                 std::string(5000, 'y') + "'), (4, 'b'), (5, 'c')");
  auto wide = source(table_source("t"));
  const auto ranges = plan_all(*wide, {.max_records = 10, .max_bytes = 6000});
  ASSERT_EQ(ranges.size(), 2U);
  EXPECT_EQ(ranges[0].records, 2U);
  EXPECT_EQ(read_all(*wide, ranges).size(), 5U);
  // A record that is longer is a batch of its own.
  EXPECT_EQ(plan_all(*wide, {.max_records = 10, .max_bytes = 1000}).size(), 4U);
}

TEST_P(SqlSource, RejectsARowThatIsTooLongAndKeepsItsNeighbours) {
  make_table(0);
  database().run("INSERT INTO t VALUES (1, 'a'), (2, '" + std::string(9'000'000, 'x') +
                 "'), (3, 'b')");
  auto wide = source(table_source("t"));
  const auto records = read_all(*wide, plan_all(*wide, {}));
  ASSERT_EQ(records.size(), 3U);
  EXPECT_EQ(records[0].values.at(1), "a");
  ASSERT_TRUE(records[1].error);
  EXPECT_EQ(records[1].error->code, Code::record_too_long);
  EXPECT_LE(records[1].raw.size(), 65'536U);
  EXPECT_GE(records[1].place.byte_length, 9'000'000U);
  EXPECT_EQ(records[2].values.at(1), "b");
}

TEST_P(SqlSource, ReadsALongRowWhereItMayBeThatLong) {
  make_table(0);
  database().run("INSERT INTO t VALUES (1, 'a'), (2, '" + std::string(9'000'000, 'x') +
                 "'), (3, 'b')");
  SqlSourceSpec spec = table_source("t");
  spec.max_record_bytes = 9'000'100;
  auto wide = source(spec);
  const auto records = read_all(*wide, plan_all(*wide, {}));
  ASSERT_EQ(records.size(), 3U);
  EXPECT_FALSE(records[1].error);
  EXPECT_EQ(records[1].values.at(1).size(), 9'000'000U);
  spec.max_record_bytes = 10;
  auto narrow = source(spec);
  const auto refused = read_all(*narrow, plan_all(*narrow, {}));
  ASSERT_TRUE(refused.at(1).error);
  EXPECT_EQ(refused[1].error->expected, "at most 10 bytes");
  EXPECT_NE(refused[1].error->hint.find("source.max_record_bytes"), std::string::npos);
}

TEST_P(SqlSource, GoesOnFromItsPosition) {
  make_table(9);
  ConnectorContext context;
  const PlanLimits limits{.max_records = 2, .max_ranges = 2};
  const auto first = source(table_source("t"))->plan("", limits, context);
  const auto second = source(table_source("t"))->plan(first.position, limits, context);
  EXPECT_FALSE(second.done);
  EXPECT_EQ(second.ranges.at(0).first_ordinal, 4U);
  try {
    source(table_source("t"))->plan("{\"version\":2}", limits, context);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::newer_format);
  }
}

TEST_P(SqlSource, LeavesRowsThatComeBehindItsEndToTheNextJob) {
  make_table(4);
  auto growing = source(table_source("t"));
  ConnectorContext context;
  const PlanLimits limits{.max_records = 2, .max_ranges = 1};
  PlanChunk chunk = growing->plan("", limits, context);
  fill(5, 6);
  EXPECT_EQ(growing->count(context), 4U);
  std::uint64_t records = chunk.ranges.at(0).records;
  while (!chunk.done) {
    chunk = growing->plan(chunk.position, limits, context);
    for (const BatchRange& range : chunk.ranges) records += range.records;
  }
  EXPECT_EQ(records, 4U);
}

TEST_P(SqlSource, StopsReadingWhenAsked) {
  make_table(3);
  auto stopped = source(table_source("t"));
  const auto ranges = plan_all(*stopped, {});
  std::stop_source stop;
  stop.request_stop();
  ConnectorContext context;
  context.stop = stop.get_token();
  try {
    RecordBatch batch;
    stopped->read(ranges.at(0), batch, context);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::cancelled);
  }
}

TEST_P(SqlSource, ReadsAHundredThousandRowsOnceEachWithFourWorkers) {
  constexpr std::uint64_t count = 100'000;
  database().run(
      "CREATE TABLE t (id bigint NOT NULL PRIMARY KEY, name text); INSERT INTO t "
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000) "
      "SELECT i * 3, 'name ' || i FROM n");
  auto large = source(table_source("t"));
  const auto ranges = plan_all(*large, {.max_records = 333});
  EXPECT_EQ(ranges.size(), 301U);
  std::atomic<std::size_t> next{0};
  std::atomic<std::uint64_t> rows{0};
  std::atomic<std::uint64_t> sum{0};
  std::vector<std::jthread> workers;
  for (int worker = 0; worker < 4; ++worker) {
    workers.emplace_back([&] {
      ConnectorContext context;
      RecordBatch batch;
      for (std::size_t index = next++; index < ranges.size(); index = next++) {
        batch.clear();
        large->read(ranges[index], batch, context);
        rows += batch.records.size();
        for (std::size_t record = 0; record < batch.records.size(); ++record) {
          sum += std::stoull(std::string(batch.fields[record * 2].text()));
        }
      }
    });
  }
  workers.clear();
  EXPECT_EQ(rows, count);
  EXPECT_EQ(sum, 3 * count * (count + 1) / 2);
}

INSTANTIATE_TEST_SUITE_P(Backends, SqlSource,
                         ::testing::Values(Backend{"Sqlite", &make_sqlite_test_database, "?1"},
                                           Backend{"Postgresql", &make_postgresql_test_database,
                                                   "$1"}),
                         [](const auto& backend) { return backend.param.name; });

}  // namespace
}  // namespace freight::testing::sql_source_test
