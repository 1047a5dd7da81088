// A table whose rows are replaced: staged beside it and exchanged at once, on a real database of
// each backend.
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "freight/error.hpp"
#include "support/sql_destination_fixture.hpp"

namespace freight::testing {
namespace {

class SqlReplace : public SqlDestinationFixture {
 protected:
  void make_people() {
    database().run(
        "CREATE TABLE people (id BIGINT PRIMARY KEY, email TEXT UNIQUE, "
        "name TEXT CHECK (name <> 'bad'), note TEXT DEFAULT 'none');"
        "CREATE UNIQUE INDEX people_name ON people (name);"
        "CREATE VIEW names AS SELECT name FROM people;"
        "INSERT INTO people VALUES (1, 'a@x', 'Ann', 'mine'), (2, 'b@x', 'Bob', 'mine')");
  }
  static std::vector<OutputColumn> people() {
    return {typed("id", ValueType::integer), typed("email", ValueType::string),
            typed("name", ValueType::string)};
  }
  JobSpec replacing(const std::string& table = "people") {
    JobSpec job = spec(table);
    sql(job).write_disposition = WriteDisposition::replace;
    return job;
  }
  std::string names() {
    std::string text;
    for (const auto& row : database().query("SELECT name FROM people ORDER BY id")) {
      text += row[0].value_or("-") + ' ';
    }
    return text;
  }
  // Tables beside those of the test.
  std::size_t leftovers() {
    const std::string query =
        on_sqlite() ? "SELECT name FROM sqlite_master WHERE name LIKE 'freight_new%'"
                    : "SELECT relname FROM pg_class WHERE relname LIKE 'freight_new%'";
    return database().query(query).size();
  }
};

FREIGHT_ON_BOTH_BACKENDS(SqlReplace);

TEST_P(SqlReplace, ExchangesTheRowsAtTheEndAndKeepsWhatHangsOnTheTable) {
  make_people();
  auto destination = prepared(replacing(), {.columns = people()});
  OutputRows rows(people());
  rows.add({"2", "a@x", "Bea"}).add({"3", "c@x", "Cid"});
  EXPECT_EQ(write(*destination, rows).inserted, 2u);
  EXPECT_EQ(names(), "Ann Bob ");

  destination->finish(context_);

  EXPECT_EQ(names(), "Bea Cid ");
  EXPECT_EQ(database().value("SELECT count(*) FROM names"), "2");
  EXPECT_EQ(database().value("SELECT note FROM people WHERE id = 2"), "none");
  EXPECT_EQ(leftovers(), 0u);
  EXPECT_EQ(destination->count(true, context_), 2u);
  EXPECT_EQ(destination->ledger_rows(context_), 2u);
  EXPECT_THROW(database().run("INSERT INTO people (id, name) VALUES (9, 'Cid')"), std::exception);
}

TEST_P(SqlReplace, FinishesOnce) {
  make_people();
  auto destination = prepared(replacing(), {.columns = people()});
  OutputRows rows(people());
  rows.add({"3", "c@x", "Cid"});
  write(*destination, rows);
  destination->finish(context_);
  database().run("INSERT INTO people (id, name) VALUES (9, 'Eve')");

  destination->finish(context_);
  // Another process that comes too late.
  auto other = prepared(replacing(), {.columns = people()});
  EXPECT_TRUE(write(*other, rows).from_ledger);
  other->finish(context_);
  other->abandon(context_);

  EXPECT_EQ(names(), "Cid Eve ");
  EXPECT_EQ(leftovers(), 0u);
}

TEST_P(SqlReplace, RecordsThatAreReplayedAfterTheExchangeJoinTheOthers) {
  make_people();
  auto destination = prepared(replacing(), {.columns = people()});
  OutputRows rows(people());
  rows.add({"3", "c@x", "Cid"}).add({"4", "d@x", "bad"});
  EXPECT_EQ(write(*destination, rows).exceptions.size(), 1u);
  destination->finish(context_);
  OutputRows again(people(), 1);
  again.add({"4", "d@x", "Dan"});

  EXPECT_EQ(write(*destination, again, "p:1").inserted, 1u);
  destination->finish(context_);

  EXPECT_EQ(names(), "Cid Dan ");
  EXPECT_EQ(destination->ledger_rows(context_), 2u);
}

TEST_P(SqlReplace, RejectsInTheStagingTableWhatTheTargetWouldReject) {
  make_people();
  auto destination = prepared(replacing(), {.columns = people()});
  OutputRows rows(people());
  rows.add({"1", "a@x", "Ann"}).add({"1", "b@x", "Ben"}).add({"3", "a@x", "Cid"});
  rows.add({"4", "d@x", "bad"}).add({"5", "e@x", "Ann"}).add({"6", "f@x", "Fay"});

  const WriteResult result = write(*destination, rows);

  EXPECT_EQ(result.inserted, 2u);
  ASSERT_EQ(result.exceptions.size(), 4u);
  EXPECT_EQ(result.exceptions[0].error.code, Code::unique_violation);
  EXPECT_EQ(result.exceptions[0].error.column, "id");
  EXPECT_EQ(result.exceptions[1].error.column, "email");
  EXPECT_EQ(result.exceptions[2].error.code, Code::check_violation);
  EXPECT_EQ(result.exceptions[3].error.column, "name");
  for (const auto& refused : result.exceptions) {
    EXPECT_EQ(refused.error.message.find("freight_new"), std::string::npos)
        << refused.error.message;
  }
}

TEST_P(SqlReplace, GoesOnWhereAnotherProcessWasKilled) {
  make_people();
  OutputRows first(people());
  first.add({"3", "c@x", "Cid"});
  {
    auto killed = prepared(replacing(), {.columns = people()});
    write(*killed, first);
  }
  auto destination = prepared(replacing(), {.columns = people()});
  EXPECT_TRUE(write(*destination, first).from_ledger);
  OutputRows second(people(), 1);
  second.add({"4", "d@x", "Dan"});
  write(*destination, second, "r:1");
  destination->finish(context_);
  EXPECT_EQ(names(), "Cid Dan ");
}

TEST_P(SqlReplace, RefusesASecondJobAndNamesTheFirst) {
  make_people();
  auto first = prepared(replacing(), {.columns = people()});
  const std::string first_job = job_id_.to_string();
  job_id_ = JobId::generate();

  const auto busy = error_of([&] { prepared(replacing(), {.columns = people()}); });

  ASSERT_TRUE(busy);
  EXPECT_EQ(busy->code(), Code::destination_busy);
  EXPECT_NE(std::string(busy->what()).find(first_job), std::string::npos) << busy->what();
  // The statement that the hint names does away with it.
  const std::string& hint = busy->details().hint;
  const auto drop = hint.find("DROP TABLE");
  ASSERT_NE(drop, std::string::npos) << hint;
  database().run(hint.substr(drop));
  prepared(replacing(), {.columns = people()});
}

TEST_P(SqlReplace, LeavesTheOldRowsWhenItIsGivenUp) {
  make_people();
  auto destination = prepared(replacing(), {.columns = people()});
  OutputRows rows(people());
  rows.add({"3", "c@x", "Cid"});
  write(*destination, rows);

  destination->abandon(context_);
  destination->abandon(context_);

  EXPECT_EQ(names(), "Ann Bob ");
  EXPECT_EQ(leftovers(), 0u);
  // What it had ready is gone: going on would leave half of the rows.
  const auto again = error_of([&] { prepared(replacing(), {.columns = people()}); });
  ASSERT_TRUE(again);
  EXPECT_EQ(again->code(), Code::invalid_state);
  job_id_ = JobId::generate();
  prepared(replacing(), {.columns = people()});
}

TEST_P(SqlReplace, RefusesToEmptyATableUnlessToldTo) {
  make_people();
  auto destination = prepared(replacing(), {.columns = people()});
  const auto empty = error_of([&] { destination->finish(context_); });
  ASSERT_TRUE(empty);
  EXPECT_EQ(empty->code(), Code::empty_source);
  EXPECT_EQ(names(), "Ann Bob ");

  JobSpec job = replacing();
  sql(job).allow_empty = true;
  prepared(job, {.columns = people()})->finish(context_);
  EXPECT_EQ(names(), "");
}

TEST_P(SqlReplace, WorksWithoutALedger) {
  make_people();
  JobSpec job = replacing();
  sql(job).ledger = std::nullopt;
  auto destination = prepared(job, {.columns = people()});
  OutputRows rows(people());
  rows.add({"3", "c@x", "Cid"});
  write(*destination, rows);
  destination->finish(context_);
  EXPECT_EQ(names(), "Cid ");

  // Whoever comes after the exchange does not exchange again.
  prepared(job, {.columns = people()})->finish(context_);
  EXPECT_EQ(names(), "Cid ");
  EXPECT_EQ(leftovers(), 0u);
}

TEST_P(SqlReplace, MakesTheTableWhenItIsMissing) {
  JobSpec job = replacing("fresh");
  sql(job).create_table = true;
  auto destination = prepared(job, {.columns = people(), .primary_key = {"id"}});
  OutputRows rows(people());
  rows.add({"3", "c@x", "Cid"});
  write(*destination, rows);
  destination->finish(context_);
  EXPECT_EQ(database().value("SELECT name FROM fresh"), "Cid");
}

TEST_P(SqlReplace, KeepsRowsInTheirPlaceWhereOthersReferToThem) {
  make_people();
  database().run(
      "CREATE TABLE pets (id BIGINT PRIMARY KEY, owner BIGINT REFERENCES people (id) ON DELETE "
      "CASCADE); INSERT INTO pets VALUES (10, 1), (20, 2)");
  auto destination = prepared(replacing(), {.columns = people()});
  OutputRows rows(people());
  rows.add({"1", "n@x", "New"}).add({"3", "c@x", "Cid"});
  write(*destination, rows);
  destination->finish(context_);

  EXPECT_EQ(names(), "New Cid ");
  EXPECT_EQ(database().value("SELECT note FROM people WHERE id = 1"), "none");
  // Bob's pet goes with Bob, as its key says; Ann's stays.
  EXPECT_EQ(database().value("SELECT count(*) FROM pets"), "1");
  EXPECT_EQ(database().value("SELECT owner FROM pets"), "1");
}

TEST_P(SqlReplace, LeavesEverythingWhenARowThatIsReferredToWouldGo) {
  make_people();
  database().run(
      "CREATE TABLE pets (id BIGINT PRIMARY KEY, owner BIGINT REFERENCES people (id));"
      "INSERT INTO pets VALUES (10, 1)");
  auto destination = prepared(replacing(), {.columns = people()});
  OutputRows rows(people());
  rows.add({"3", "c@x", "Cid"});
  write(*destination, rows);

  EXPECT_TRUE(error_of([&] { destination->finish(context_); }));
  EXPECT_EQ(names(), "Ann Bob ");
  EXPECT_TRUE(error_of([&] { prepared(replacing(), {.columns = {untyped("name")}}); }));
}

TEST_P(SqlReplace, FindsTheParentsAmongTheNewRows) {
  database().run(
      "CREATE TABLE people (id BIGINT PRIMARY KEY, name TEXT, boss BIGINT REFERENCES people (id));"
      "INSERT INTO people VALUES (1, 'Old', NULL), (2, 'Older', 1)");
  const std::vector<OutputColumn> columns{typed("id", ValueType::integer), untyped("name"),
                                          typed("boss", ValueType::integer)};
  auto destination = prepared(replacing(), {.columns = columns});
  OutputRows rows(columns);
  rows.add({"5", "Eve", "4"}).add({"4", "Dan", std::nullopt}).add({"6", "Fay", "1"});

  const WriteResult result = write(*destination, rows);
  destination->finish(context_);

  ASSERT_EQ(result.exceptions.size(), 1u);
  EXPECT_EQ(result.exceptions[0].error.code, Code::foreign_key_violation);
  EXPECT_EQ(names(), "Dan Eve ");
}

TEST_P(SqlReplace, ReadersSeeTheOldRowsOrTheNewOnesAndNothingElse) {
  database().run("CREATE TABLE numbers (id BIGINT PRIMARY KEY, round BIGINT)");
  const std::vector<OutputColumn> columns{typed("id", ValueType::integer),
                                          typed("round", ValueType::integer)};
  const auto replace_all = [&](int round) {
    job_id_ = JobId::generate();
    auto destination = prepared(replacing("numbers"), {.columns = columns});
    OutputRows rows(columns);
    for (int id = 0; id < 2000; ++id) rows.add({std::to_string(id), std::to_string(round)});
    write(*destination, rows);
    destination->finish(context_);
  };
  replace_all(0);
  std::atomic<bool> done{false};
  std::atomic<int> seen{0};
  std::thread reader([&] {
    while (!done) {
      const auto rows = database().query("SELECT count(*), min(round), max(round) FROM numbers");
      EXPECT_EQ(rows.at(0).at(0), "2000");
      EXPECT_EQ(rows.at(0).at(1), rows.at(0).at(2));
      ++seen;
    }
  });
  for (int round = 1; round <= 5; ++round) replace_all(round);
  done = true;
  reader.join();
  EXPECT_GT(seen, 0);
  EXPECT_EQ(database().value("SELECT min(round) FROM numbers"), "5");
}

}  // namespace
}  // namespace freight::testing
