// What both backends of the sql destination promise, on a real database of each.
#include <chrono>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "freight/destination.hpp"
#include "freight/error.hpp"
#include "freight/job_spec.hpp"
#include "support/output_rows.hpp"
#include "support/sql_destination_fixture.hpp"

namespace freight::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class SqlDestination : public SqlDestinationFixture {};

FREIGHT_ON_BOTH_BACKENDS(SqlDestination);

TEST_P(SqlDestination, KeepsValuesUnchanged) {
  JobSpec job = spec("things");
  sql(job).create_table = true;
  const std::vector<OutputColumn> columns{
      typed("id", ValueType::integer),    typed("text", ValueType::string),
      typed("exact", ValueType::decimal), typed("approximate", ValueType::number),
      typed("yes", ValueType::boolean),   untyped("raw")};
  auto destination = prepared(job, {.columns = columns});
  OutputRows rows(columns);
  rows.add({"9223372036854775807", "", "12345678901234567890.123456789", "0.1", "true", "007"});
  rows.add({"-9223372036854775808", std::nullopt, "0.10", "1e300", "false", ""});
  rows.add({"0", "tab\there\nand\r\nback\\slash \\N \\.", "-1.50", "-2.5", std::nullopt,
            "\xF0\x9F\x98\x80 Zo\xC3\xAB 'quoted' \"twice\""});

  const WriteResult result = write(*destination, rows);

  EXPECT_EQ(result.inserted, 3u);
  EXPECT_TRUE(result.exceptions.empty());
  const auto found = database().query(
      "SELECT id, text, exact, approximate, yes, raw FROM things ORDER BY id DESC");
  ASSERT_EQ(found.size(), 3u);
  const bool sqlite = GetParam().name == std::string("sqlite");
  EXPECT_THAT(found[0], ElementsAre("9223372036854775807", "", "12345678901234567890.123456789",
                                    "0.1", sqlite ? "1" : "t", "007"));
  EXPECT_THAT(found[1],
              ElementsAre("0", "tab\there\nand\r\nback\\slash \\N \\.", "-1.50", "-2.5",
                          std::nullopt, "\xF0\x9F\x98\x80 Zo\xC3\xAB 'quoted' \"twice\""));
  EXPECT_THAT(found[2], ElementsAre("-9223372036854775808", std::nullopt, "0.10",
                                    sqlite ? "1.0e+300" : "1e+300", sqlite ? "0" : "f", ""));
}

TEST_P(SqlDestination, RejectsEachBadRowWithItsOwnErrorAndSavesItsNeighbours) {
  make_people();
  database().run("INSERT INTO people VALUES (100, 'taken@x', 'Old', 1, NULL)");
  auto destination = prepared(spec("people"));
  OutputRows rows(people_columns(), 40);
  rows.add({"1", "a@x", "Ann", "30", "1"});
  rows.add({"100", "b@x", "Bob", "30", "1"});       // 41: the primary key
  rows.add({"2", "taken@x", "Cid", "30", "1"});     // 42: a unique column
  rows.add({"3", "c@x", std::nullopt, "30", "1"});  // 43: not null
  rows.add({"4", "d@x", "Dan", "-7", "1"});         // 44: a check
  rows.add({"5", "e@x", "Eve", "30", "999"});       // 45: a foreign key
  rows.add({"6", "a@x", "Fay", "30", "1"});         // 46: the first row of this batch
  rows.add({"7", "g@x", "Gus", std::nullopt, std::nullopt});

  const WriteResult result = write(*destination, rows);

  EXPECT_EQ(result.inserted, 2u);
  EXPECT_EQ(database().value("SELECT count(*) FROM people"), "3");
  ASSERT_EQ(result.exceptions.size(), 6u);
  const auto& refused = result.exceptions;
  for (std::size_t index = 0; index < refused.size(); ++index) {
    EXPECT_EQ(refused[index].ordinal, 41 + index);
    EXPECT_EQ(refused[index].outcome, Outcome::rejected);
    EXPECT_EQ(refused[index].error.stage, Stage::write);
  }
  EXPECT_EQ(refused[0].error.code, Code::unique_violation);
  EXPECT_EQ(refused[0].error.column, "id");
  EXPECT_EQ(refused[0].error.value, "100");
  EXPECT_EQ(refused[1].error.code, Code::unique_violation);
  EXPECT_EQ(refused[1].error.column, "email");
  EXPECT_EQ(refused[1].error.value, "taken@x");
  EXPECT_EQ(refused[2].error.code, Code::not_null_violation);
  EXPECT_EQ(refused[2].error.column, "name");
  EXPECT_EQ(refused[2].error.value, std::nullopt);
  EXPECT_EQ(refused[3].error.code, Code::check_violation);
  EXPECT_THAT(refused[3].error.message + refused[3].error.expected, HasSubstr("age_is_real"));
  EXPECT_EQ(refused[4].error.code, Code::foreign_key_violation);
  EXPECT_EQ(refused[4].error.column, "boss");
  EXPECT_EQ(refused[4].error.value, "999");
  EXPECT_THAT(refused[4].error.message, HasSubstr("bosses"));
  EXPECT_EQ(refused[5].error.code, Code::unique_violation);
  EXPECT_EQ(refused[5].error.column, "email");
}

TEST_P(SqlDestination, SavesEveryGoodRowWhenEverySecondOneIsBad) {
  database().run(
      "CREATE TABLE numbers (id BIGINT PRIMARY KEY, positive BIGINT CHECK (positive > 0))");
  auto destination = prepared(spec("numbers"));
  OutputRows rows({typed("id", ValueType::integer), typed("positive", ValueType::integer)});
  for (int id = 0; id < 10'000; ++id) {
    rows.add({std::to_string(id), id % 2 == 0 ? "1" : "-1"});
  }

  const WriteResult result = write(*destination, rows);

  EXPECT_EQ(result.inserted, 5000u);
  ASSERT_EQ(result.exceptions.size(), 5000u);
  for (std::size_t index = 0; index < 5000; ++index) {
    ASSERT_EQ(result.exceptions[index].ordinal, 2 * index + 1);
    ASSERT_EQ(result.exceptions[index].error.code, Code::check_violation);
  }
  EXPECT_EQ(database().value("SELECT count(*) FROM numbers WHERE id % 2 = 0"), "5000");
}

TEST_P(SqlDestination, RejectsWithoutEndWhenEveryRowIsBad) {
  database().run(
      "CREATE TABLE numbers (id BIGINT PRIMARY KEY, positive BIGINT CHECK (positive > 0))");
  auto destination = prepared(spec("numbers"));
  OutputRows rows({typed("id", ValueType::integer), typed("positive", ValueType::integer)});
  for (int id = 0; id < 1000; ++id) rows.add({std::to_string(id), "-1"});

  const WriteResult result = write(*destination, rows);

  EXPECT_EQ(result.inserted, 0u);
  EXPECT_EQ(result.exceptions.size(), 1000u);
}

TEST_P(SqlDestination, NamesTheTableThatWasMeant) {
  make_people();
  auto destination = database().make(spec("poeple"), job_id_);

  const auto error = error_of([&] { destination->prepare({}, context_); });

  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->code(), Code::table_not_found);
  EXPECT_EQ(error->category(), Category::configuration);
  EXPECT_THAT(error->what(), HasSubstr("poeple"));
  EXPECT_THAT(error->details().hint, HasSubstr("people"));
  EXPECT_THAT(error->details().hint, HasSubstr("create_table"));
}

TEST_P(SqlDestination, RefusesAView) {
  database().run("CREATE TABLE numbers (id BIGINT); CREATE VIEW seen AS SELECT id FROM numbers;");
  auto destination = database().make(spec("seen"), job_id_);

  const auto error = error_of([&] { destination->prepare({}, context_); });

  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->code(), Code::destination_failed);
  EXPECT_THAT(error->what(), HasSubstr("view"));
}

TEST_P(SqlDestination, MakesTheTableWithItsKeyAndItsRequiredColumns) {
  JobSpec job = spec("made");
  sql(job).create_table = true;
  const PrepareRequest request{
      .columns = {typed("id", ValueType::integer), typed("Name", ValueType::string),
                  typed("note", ValueType::string)},
      .primary_key = {"id"},
      .required = {"Name"}};
  auto destination = database().make(job, job_id_);

  const PrepareResult prepared = destination->prepare(request, context_);
  const PrepareResult again = destination->prepare(request, context_);

  EXPECT_THAT(prepared.catalog.primary_key, ElementsAre("id"));
  ASSERT_EQ(prepared.catalog.columns.size(), 3u);
  EXPECT_EQ(prepared.catalog.columns[1].name, "Name");
  EXPECT_TRUE(prepared.catalog.columns[0].not_null);
  EXPECT_TRUE(prepared.catalog.columns[1].not_null);
  EXPECT_FALSE(prepared.catalog.columns[2].not_null);
  EXPECT_EQ(again.catalog.columns.size(), 3u);
  OutputRows rows(request.columns);
  rows.add({"1", "Ann", std::nullopt}).add({"1", "Bob", "x"}).add({"2", std::nullopt, "x"});
  const WriteResult result = write(*destination, rows);
  EXPECT_EQ(result.inserted, 1u);
  ASSERT_EQ(result.exceptions.size(), 2u);
  EXPECT_EQ(result.exceptions[0].error.code, Code::unique_violation);
  EXPECT_EQ(result.exceptions[1].error.code, Code::not_null_violation);
}

TEST_P(SqlDestination, MakesOneTableWhenManyPrepareAtOnce) {
  JobSpec job = spec("made");
  sql(job).create_table = true;
  std::vector<std::jthread> nodes;
  for (int node = 0; node < 6; ++node) {
    nodes.emplace_back([&] {
      auto destination = database().make(job, job_id_);
      ConnectorContext context;
      const auto result =
          destination->prepare({.columns = {typed("id", ValueType::integer)}}, context);
      EXPECT_EQ(result.catalog.columns.size(), 1u);
    });
  }
}

TEST_P(SqlDestination, TouchesNothingInAReadOnlyPrepare) {
  JobSpec job = spec("made");
  sql(job).create_table = true;
  auto destination = database().make(job, job_id_);

  const PrepareResult result = destination->prepare(
      {.columns = {typed("id", ValueType::integer), typed("amount", ValueType::decimal)},
       .primary_key = {"id"},
       .read_only = true},
      context_);

  ASSERT_EQ(result.catalog.columns.size(), 2u);
  EXPECT_EQ(result.catalog.columns[0].name, "id");
  EXPECT_TRUE(result.catalog.columns[0].not_null);
  EXPECT_FALSE(result.catalog.columns[1].lossy_decimal);
  EXPECT_THAT(result.catalog.primary_key, ElementsAre("id"));
  EXPECT_TRUE(error_of([&] {
                auto there = database().make(spec("made"), job_id_);
                there->prepare({.read_only = true}, context_);
              }).has_value());
}

TEST_P(SqlDestination, LooksAtAnExistingTableInAReadOnlyPrepareWithoutMakingALedger) {
  make_people();
  auto destination = database().make(spec("people"), job_id_);

  const PrepareResult result = destination->prepare({.read_only = true}, context_);

  EXPECT_EQ(result.catalog.columns.size(), 5u);
  EXPECT_THROW(database().query("SELECT * FROM freight_ledger"), std::runtime_error);
}

TEST_P(SqlDestination, WritesNamesThatNeedQuoting) {
  database().run(R"sql(CREATE TABLE "Odd.Table ""x""" ("a b" BIGINT, "Sel'ect" TEXT))sql");
  auto destination = prepared(spec(R"("Odd.Table ""x""")"));
  OutputRows rows({typed("a b", ValueType::integer), typed("Sel'ect", ValueType::string)});
  rows.add({"1", "x"});

  EXPECT_EQ(write(*destination, rows).inserted, 1u);
  EXPECT_EQ(database().value(R"sql(SELECT "Sel'ect" FROM "Odd.Table ""x""")sql"), "x");
}

TEST_P(SqlDestination, LeavesColumnsThatTheJobDoesNotFillToTheirDefaults) {
  database().run("CREATE TABLE t (id BIGINT, made TEXT DEFAULT 'here')");
  auto destination = prepared(spec("t"));
  OutputRows rows({typed("id", ValueType::integer)});
  rows.add({"1"});

  write(*destination, rows);

  EXPECT_EQ(database().value("SELECT made FROM t"), "here");
}

TEST_P(SqlDestination, FailsTheJobWhenAColumnHasGone) {
  database().run("CREATE TABLE t (id BIGINT, extra TEXT)");
  auto destination = prepared(spec("t"));
  database().run("ALTER TABLE t DROP COLUMN extra");
  OutputRows rows({typed("id", ValueType::integer), typed("extra", ValueType::string)});
  rows.add({"1", "x"});

  const auto error = error_of([&] { write(*destination, rows); });

  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->category(), Category::configuration);
  EXPECT_THAT(error->what(), HasSubstr("extra"));
}

TEST_P(SqlDestination, FailsTheJobWhenTheTableHasGone) {
  database().run("CREATE TABLE t (id BIGINT)");
  auto destination = prepared(spec("t"));
  database().run("DROP TABLE t");
  OutputRows rows({typed("id", ValueType::integer)});
  rows.add({"1"});

  const auto error = error_of([&] { write(*destination, rows); });

  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->category(), Category::configuration);
}

TEST_P(SqlDestination, LetsChildrenInWhoseParentsComeLaterInTheBatch) {
  database().run(
      "CREATE TABLE tree (id BIGINT PRIMARY KEY, parent BIGINT REFERENCES tree (id), "
      "name TEXT NOT NULL)");
  auto destination = prepared(spec("tree"));
  OutputRows rows({typed("id", ValueType::integer), typed("parent", ValueType::integer),
                   typed("name", ValueType::string)});
  for (int id = 0; id < 100; ++id) rows.add({std::to_string(id), std::to_string(id + 1), "n"});
  rows.add({"100", std::nullopt, "root"});
  rows.add({"200", "999", "orphan"});
  rows.add({"201", "200", "child of the orphan"});
  rows.add({"202", "0", std::nullopt});

  const WriteResult result = write(*destination, rows);

  EXPECT_EQ(result.inserted, 101u);
  ASSERT_EQ(result.exceptions.size(), 3u);
  EXPECT_EQ(result.exceptions[0].error.code, Code::foreign_key_violation);
  EXPECT_EQ(result.exceptions[1].error.code, Code::foreign_key_violation);
  EXPECT_EQ(result.exceptions[2].error.code, Code::not_null_violation);
}

TEST_P(SqlDestination, IsolatesRowsThatADeferredForeignKeyRefuses) {
  database().run(
      "CREATE TABLE bosses (id BIGINT PRIMARY KEY); INSERT INTO bosses VALUES (1);"
      "CREATE TABLE people (id BIGINT, boss BIGINT REFERENCES bosses (id) "
      "DEFERRABLE INITIALLY DEFERRED);");
  auto destination = prepared(spec("people"));
  OutputRows rows({typed("id", ValueType::integer), typed("boss", ValueType::integer)});
  for (int id = 0; id < 300; ++id) {
    rows.add({std::to_string(id), id == 7 || id == 299 ? "5" : "1"});
  }

  const WriteResult result = write(*destination, rows);

  EXPECT_EQ(result.inserted, 298u);
  ASSERT_EQ(result.exceptions.size(), 2u);
  EXPECT_EQ(result.exceptions[0].ordinal, 7u);
  EXPECT_EQ(result.exceptions[0].error.code, Code::foreign_key_violation);
  EXPECT_EQ(result.exceptions[0].error.column, "boss");
  EXPECT_EQ(result.exceptions[1].ordinal, 299u);
  EXPECT_EQ(database().value("SELECT count(*) FROM people"), "298");
}

TEST_P(SqlDestination, CommitsNothingAfterTheDeadline) {
  database().run("CREATE TABLE t (id BIGINT)");
  auto destination = prepared(spec("t"));
  OutputRows rows({typed("id", ValueType::integer)});
  rows.add({"1"});
  const Deadline passed(std::chrono::steady_clock::now() - std::chrono::seconds(1));
  ConnectorContext late;
  late.lease = &passed;

  const auto error = error_of([&] { destination->write(request(rows), late); });

  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->code(), Code::lease_lost);
  EXPECT_EQ(database().value("SELECT count(*) FROM t"), "0");
  EXPECT_EQ(database().value("SELECT count(*) FROM freight_ledger"), "0");
}

TEST_P(SqlDestination, CommitsNothingOnceItIsAskedToStop) {
  database().run("CREATE TABLE t (id BIGINT)");
  auto destination = prepared(spec("t"));
  OutputRows rows({typed("id", ValueType::integer)});
  rows.add({"1"});
  std::stop_source stop;
  stop.request_stop();
  ConnectorContext stopped;
  stopped.stop = stop.get_token();

  const auto error = error_of([&] { destination->write(request(rows), stopped); });

  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->code(), Code::cancelled);
  EXPECT_EQ(write(*destination, rows).inserted, 1u);
}

TEST_P(SqlDestination, KeepsALongValueShortInAnError) {
  database().run("CREATE TABLE t (id TEXT PRIMARY KEY)");
  auto destination = prepared(spec("t"));
  OutputRows rows({typed("id", ValueType::string)});
  const std::string key(2000, 'k');
  rows.add({key}).add({key});

  const WriteResult result = write(*destination, rows);

  ASSERT_EQ(result.exceptions.size(), 1u);
  EXPECT_EQ(result.exceptions[0].error.value->size(), 1024u);
  EXPECT_LT(result.exceptions[0].error.message.size(), 4096u);
}

}  // namespace
}  // namespace freight::testing