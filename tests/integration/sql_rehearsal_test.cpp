// Writes that are rolled back, units of any name, and ledgers elsewhere, on a real database of each
// backend.
#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "freight/error.hpp"
#include "support/sql_destination_fixture.hpp"
#include "support/temporary_folder.hpp"

namespace freight::testing {
namespace {

class SqlRehearsal : public SqlDestinationFixture {
 protected:
  static std::vector<OutputColumn> numbers() {
    return {typed("id", ValueType::integer), typed("positive", ValueType::integer)};
  }
  WriteResult rehearse(Destination& destination, const OutputRows& rows) {
    const WriteRequest plain = request(rows);
    return destination.write({.unit = plain.unit,
                              .first_ordinal = plain.first_ordinal,
                              .records = plain.records,
                              .content_hash = plain.content_hash,
                              .input_hash = plain.input_hash,
                              .roll_back = true,
                              .rows = rows.batch()},
                             context_);
  }
  std::string tables() {
    const std::string query = on_sqlite() ? "SELECT count(*) FROM sqlite_master"
                                          : "SELECT count(*) FROM pg_class WHERE relnamespace = "
                                            "'public'::regnamespace";
    return database().value(query);
  }
};

FREIGHT_ON_BOTH_BACKENDS(SqlRehearsal);

TEST_P(SqlRehearsal, FindsWhatTheTableRefusesAndKeepsNothing) {
  for (const auto disposition :
       {WriteDisposition::append, WriteDisposition::merge, WriteDisposition::replace}) {
    database().run(
        "DROP TABLE IF EXISTS numbers; CREATE TABLE numbers (id BIGINT PRIMARY KEY, positive "
        "BIGINT "
        "CHECK (positive > 0)); INSERT INTO numbers VALUES (1, 1)");
    const std::string before = tables();
    JobSpec job = spec("numbers");
    sql(job).write_disposition = disposition;
    auto destination = prepared(job, {.columns = numbers(), .read_only = true});
    OutputRows rows(numbers());
    rows.add({"1", "5"}).add({"2", "-1"}).add({"3", "3"});

    for (int times = 0; times < 2; ++times) {
      const WriteResult result = rehearse(*destination, rows);
      EXPECT_EQ(result.exceptions.size(), disposition == WriteDisposition::append ? 2u : 1u);
      EXPECT_EQ(result.exceptions.back().error.code, Code::check_violation);
      EXPECT_FALSE(result.from_ledger);
    }
    EXPECT_EQ(database().value("SELECT positive FROM numbers"), "1");
    EXPECT_EQ(tables(), before);
  }
}

TEST_P(SqlRehearsal, MakesATableThatIsMissingForAsLongAsItTakes) {
  JobSpec job = spec("numbers");
  sql(job).create_table = true;
  auto destination = prepared(
      job,
      {.columns = numbers(), .primary_key = {"id"}, .required = {"positive"}, .read_only = true});
  OutputRows rows(numbers());
  rows.add({"1", "1"}).add({"1", "2"}).add({"2", std::nullopt});

  for (int times = 0; times < 2; ++times) {
    const WriteResult result = rehearse(*destination, rows);
    EXPECT_EQ(result.inserted, 1u);
    ASSERT_EQ(result.exceptions.size(), 2u);
    EXPECT_EQ(result.exceptions[0].error.code, Code::unique_violation);
    EXPECT_EQ(result.exceptions[1].error.code, Code::not_null_violation);
  }
  EXPECT_EQ(tables(), "0");
}

TEST_P(SqlRehearsal, TakesUnitsOfAnyNameWithOrdinalsFarApart) {
  database().run("CREATE TABLE numbers (id BIGINT PRIMARY KEY, positive BIGINT)");
  auto destination = prepared(spec("numbers"), {.columns = numbers()});
  OutputRows rows(numbers(), 7);
  rows.add({"1", "1"});
  rows.skip_ordinals(1000);
  rows.add({"1", "2"}).add({"3", "3"});
  const std::string unit = "p:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

  const WriteResult result = write(*destination, rows, unit);

  EXPECT_EQ(result.inserted, 2u);
  ASSERT_EQ(result.exceptions.size(), 1u);
  EXPECT_EQ(result.exceptions[0].ordinal, 1008u);
  const WriteResult again = write(*destination, rows, unit);
  EXPECT_TRUE(again.from_ledger);
  EXPECT_EQ(again.exceptions[0].ordinal, 1008u);
}

TEST_P(SqlRehearsal, RequiredFieldsOfANewTableAreNotNull) {
  JobSpec job = spec("numbers");
  sql(job).create_table = true;
  prepared(job, {.columns = numbers(), .required = {"positive"}});
  EXPECT_THROW(database().run("INSERT INTO numbers (id) VALUES (1)"), std::exception);
}

TEST_P(SqlRehearsal, KeepsTheLedgerWhereTheSpecSays) {
  database().run("CREATE TABLE numbers (id BIGINT PRIMARY KEY, positive BIGINT)");
  if (!on_sqlite()) database().run("CREATE SCHEMA audit");
  JobSpec job = spec("numbers");
  sql(job).ledger = on_sqlite() ? "main.what_was_done" : "audit.what_was_done";
  auto destination = prepared(job, {.columns = numbers()});
  OutputRows rows(numbers());
  rows.add({"1", "1"});
  write(*destination, rows);
  EXPECT_EQ(database().value("SELECT count(*) FROM " + *sql(job).ledger), "1");
}

TEST_P(SqlRehearsal, SaysWhatWouldMakeALedgerThatCannotBeMade) {
  database().run("CREATE TABLE numbers (id BIGINT PRIMARY KEY, positive BIGINT)");
  JobSpec job = spec("numbers");
  sql(job).ledger = "nowhere.freight_ledger";
  const auto error = error_of([&] { prepared(job, {.columns = numbers()}); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code(), Code::ledger_denied);
  if (on_sqlite()) return;
  EXPECT_NE(error->details().hint.find("CREATE TABLE"), std::string::npos);
  EXPECT_NE(error->details().hint.find("GRANT"), std::string::npos);
}

TEST(SqliteRehearsal, MakesNoFile) {
  const TemporaryFolder folder;
  const auto path = folder / "none.db";
  SqlDestinationSpec destination_spec;
  destination_spec.url = "sqlite:" + path.string();
  destination_spec.table = "numbers";
  destination_spec.create_table = true;
  JobSpec job;
  job.destination = destination_spec;
  const auto database = make_sqlite_test_database();
  const auto destination = database->make(job, JobId::generate());
  ConnectorContext context;
  const std::vector<OutputColumn> columns{typed("id", ValueType::integer)};
  destination->prepare({.columns = columns, .read_only = true}, context);
  OutputRows rows(columns);
  rows.add({"1"});

  const WriteResult result = destination->write(
      {.unit = "r:0", .records = 1, .roll_back = true, .rows = rows.batch()}, context);

  EXPECT_EQ(result.inserted, 1u);
  EXPECT_FALSE(std::filesystem::exists(path));
}

}  // namespace
}  // namespace freight::testing
