// Records in conflict with rows that are there: append with skip, and merge, on a real database of
// each backend.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "freight/error.hpp"
#include "support/sql_destination_fixture.hpp"

namespace freight::testing {
namespace {

class SqlConflict : public SqlDestinationFixture {
 protected:
  // Rows of id, email, name.
  void make_people() {
    database().run(
        "CREATE TABLE people (id BIGINT PRIMARY KEY, email TEXT UNIQUE, name TEXT, "
        "note TEXT DEFAULT 'none')");
  }
  static std::vector<OutputColumn> people() {
    return {typed("id", ValueType::integer), typed("email", ValueType::string),
            typed("name", ValueType::string)};
  }
  JobSpec skipping() {
    JobSpec job = spec("people");
    sql(job).on_conflict = Conflict::skip;
    return job;
  }
  JobSpec merging(Conflict conflict = Conflict::update) {
    JobSpec job = spec("people");
    sql(job).write_disposition = WriteDisposition::merge;
    sql(job).on_conflict = conflict;
    return job;
  }
  std::string table() {
    std::string text;
    for (const auto& row : database().query("SELECT id, name, note FROM people ORDER BY id")) {
      text += row[0].value_or("-") + ' ' + row[1].value_or("-") + ' ' + row[2].value_or("-") + '\n';
    }
    return text;
  }
};

FREIGHT_ON_BOTH_BACKENDS(SqlConflict);

TEST_P(SqlConflict, AppendWithSkipSkipsWhatATableHasAndSaysWhich) {
  make_people();
  database().run(
      "INSERT INTO people (id, email, name) VALUES (1, 'a@x', 'Old'), (9, 'z@x', 'Old')");
  auto destination = prepared(skipping(), {.columns = people()});
  OutputRows rows(people(), 20);
  rows.add({"1", "n@x", "New"});  // 20: the primary key
  rows.add({"2", "z@x", "New"});  // 21: the unique column
  rows.add({"3", "c@x", "New"});
  rows.add({"3", "d@x", "Late"});  // 23: an earlier record of the batch
  rows.add({"4", "e@x", "New"});

  const WriteResult result = write(*destination, rows);

  EXPECT_EQ(result.inserted, 2u);
  ASSERT_EQ(result.exceptions.size(), 3u);
  const std::vector<std::uint64_t> ordinals{20, 21, 23};
  const std::vector<std::string> columns{"id", "email", "id"};
  const std::vector<std::string> values{"1", "z@x", "3"};
  for (std::size_t index = 0; index < 3; ++index) {
    EXPECT_EQ(result.exceptions[index].ordinal, ordinals[index]);
    EXPECT_EQ(result.exceptions[index].outcome, Outcome::skipped);
    EXPECT_EQ(result.exceptions[index].error.code, Code::unique_violation);
    EXPECT_EQ(result.exceptions[index].error.column, columns[index]);
    EXPECT_EQ(result.exceptions[index].error.value, values[index]);
    EXPECT_NE(result.exceptions[index].error.message, "");
  }
  EXPECT_EQ(table(), "1 Old none\n3 New none\n4 New none\n9 Old none\n");
  EXPECT_EQ(write(*destination, rows).exceptions[1].outcome,
            Outcome::skipped);  // the ledger's word
}

TEST_P(SqlConflict, AppendWithSkipStillRejectsOtherViolations) {
  database().run(
      "CREATE TABLE people (id BIGINT PRIMARY KEY, email TEXT UNIQUE, name TEXT NOT NULL)");
  auto destination = prepared(skipping(), {.columns = people()});
  OutputRows rows(people());
  rows.add({"1", "a@x", std::nullopt}).add({"1", "b@x", "Ann"}).add({"1", "c@x", "Bob"});

  const WriteResult result = write(*destination, rows);

  // The first of the key is refused, so the second is the first that is kept.
  EXPECT_EQ(result.inserted, 1u);
  ASSERT_EQ(result.exceptions.size(), 2u);
  EXPECT_EQ(result.exceptions[0].outcome, Outcome::rejected);
  EXPECT_EQ(result.exceptions[0].error.code, Code::not_null_violation);
  EXPECT_EQ(result.exceptions[1].outcome, Outcome::skipped);
  EXPECT_EQ(database().value("SELECT name FROM people"), "Ann");
}

TEST_P(SqlConflict, AppendWithSkipOfManyDuplicatesKeepsTheLowerOrdinalOfEach) {
  make_people();
  for (int id = 0; id < 10'000; id += 10) {
    database().run("INSERT INTO people (id, name) VALUES (" + std::to_string(id) + ", 'Old')");
  }
  auto destination = prepared(skipping(), {.columns = people()});
  OutputRows rows(people());
  for (int row = 0; row < 10'000; ++row) {
    // Every id twice; the even thousands of them are there in part.
    rows.add({std::to_string(row / 2), std::nullopt, row % 2 == 0 ? "First" : "Second"});
  }

  const WriteResult result = write(*destination, rows);

  EXPECT_EQ(result.inserted, 4500u);
  EXPECT_EQ(result.exceptions.size(), 5500u);
  EXPECT_EQ(database().value("SELECT count(*) FROM people WHERE name = 'Second'"), "0");
  EXPECT_EQ(database().value("SELECT count(*) FROM people WHERE name = 'First'"), "4500");
}

TEST_P(SqlConflict, MergeInsertsUpdatesAndLeavesAlone) {
  make_people();
  database().run(
      "INSERT INTO people VALUES (1, 'a@x', 'Ann', 'mine'), (2, 'b@x', 'Bob', 'mine'), "
      "(3, NULL, NULL, 'mine')");
  auto destination = prepared(merging(), {.columns = people()});
  EXPECT_TRUE(destination->traits().ordered);
  EXPECT_EQ(prepared_.catalog.merge_key, std::vector<std::string>{"id"});
  OutputRows rows(people());
  rows.add({"1", "a@x", "Ann"});  // as it is
  rows.add({"2", "b@x", "Ben"});
  rows.add({"3", std::nullopt, std::nullopt});  // as it is
  rows.add({"4", "d@x", "Dan"});

  const WriteResult result = write(*destination, rows);

  EXPECT_EQ(result.inserted, 1u);
  EXPECT_EQ(result.updated, 1u);
  EXPECT_EQ(result.unchanged, 2u);
  EXPECT_TRUE(result.exceptions.empty());
  EXPECT_EQ(table(), "1 Ann mine\n2 Ben mine\n3 - mine\n4 Dan none\n");
  const WriteResult again = write(*destination, rows);
  EXPECT_TRUE(again.from_ledger);
  EXPECT_EQ(again.updated, 1u);
  EXPECT_EQ(again.unchanged, 2u);
  EXPECT_EQ(destination->ledger_rows(context_), 2u);
  EXPECT_EQ(destination->count(true, context_), std::nullopt);
}

TEST_P(SqlConflict, MergeSendsOnlyTheLastRecordOfAKey) {
  make_people();
  auto destination = prepared(merging(), {.columns = people()});
  OutputRows rows(people());
  rows.add({"1", "a@x", "First"}).add({"2", "b@x", "Bob"}).add({"1", "c@x", "Last"});

  const WriteResult result = write(*destination, rows);

  EXPECT_EQ(result.inserted, 2u);
  EXPECT_TRUE(result.exceptions.empty());
  EXPECT_EQ(table(), "1 Last none\n2 Bob none\n");
}

TEST_P(SqlConflict, MergeFallsBackToTheEarlierRecordWhenTheLastIsRefused) {
  database().run(
      "CREATE TABLE people (id BIGINT PRIMARY KEY, email TEXT, name TEXT CHECK (name <> 'bad'), "
      "note TEXT)");
  auto destination = prepared(merging(), {.columns = people()});
  OutputRows rows(people());
  rows.add({"1", "a@x", "First"}).add({"1", "b@x", "Second"}).add({"1", "c@x", "bad"});
  rows.add({"2", "d@x", "bad"}).add({"3", "e@x", "Eve"});

  const WriteResult result = write(*destination, rows);

  EXPECT_EQ(result.inserted, 2u);
  ASSERT_EQ(result.exceptions.size(), 2u);
  EXPECT_EQ(result.exceptions[0].ordinal, 2u);
  EXPECT_EQ(result.exceptions[0].error.code, Code::check_violation);
  EXPECT_EQ(result.exceptions[1].ordinal, 3u);
  EXPECT_EQ(table(), "1 Second -\n3 Eve -\n");
}

TEST_P(SqlConflict, MergeRejectsNullInItsKeyAndOtherUniqueConflicts) {
  make_people();
  database().run("INSERT INTO people (id, email, name) VALUES (7, 'taken@x', 'Old')");
  auto destination = prepared(merging(), {.columns = people()});
  OutputRows rows(people());
  rows.add({std::nullopt, "a@x", "Ann"}).add({"1", "taken@x", "Bob"}).add({"2", "c@x", "Cid"});

  const WriteResult result = write(*destination, rows);

  EXPECT_EQ(result.inserted, 1u);
  ASSERT_EQ(result.exceptions.size(), 2u);
  EXPECT_EQ(result.exceptions[0].error.code, Code::not_null_violation);
  EXPECT_EQ(result.exceptions[0].error.column, "id");
  EXPECT_EQ(result.exceptions[1].error.code, Code::unique_violation);
  EXPECT_EQ(result.exceptions[1].error.column, "email");
  EXPECT_EQ(result.exceptions[1].outcome, Outcome::rejected);
}

TEST_P(SqlConflict, MergeWithSkipLeavesRowsThatAreThere) {
  make_people();
  database().run(
      "INSERT INTO people (id, email, name) VALUES (1, 'a@x', 'Old'), (5, 'e@x', 'Old')");
  auto destination = prepared(merging(Conflict::skip), {.columns = people()});
  OutputRows rows(people());
  rows.add({"1", "n@x", "New"});
  rows.add({"2", "e@x", "New"});  // another key's conflict is no reason to skip
  rows.add({"3", "c@x", "New"}).add({"3", "d@x", "Last"});

  const WriteResult result = write(*destination, rows);

  EXPECT_EQ(result.inserted, 1u);
  ASSERT_EQ(result.exceptions.size(), 2u);
  EXPECT_EQ(result.exceptions[0].outcome, Outcome::skipped);
  EXPECT_EQ(result.exceptions[1].outcome, Outcome::rejected);
  EXPECT_EQ(table(), "1 Old none\n3 Last none\n5 Old none\n");
}

TEST_P(SqlConflict, MergeTakesAnyWholeUniqueKeyInAnyOrder) {
  database().run(
      "CREATE TABLE people (id BIGINT, email TEXT, name TEXT, note TEXT, UNIQUE (email, name));"
      "INSERT INTO people VALUES (1, 'a', 'b', 'old')");
  JobSpec job = merging();
  sql(job).key = {"name", "email"};
  auto destination = prepared(job, {.columns = people()});
  OutputRows rows(people());
  rows.add({"5", "a", "b"}).add({"6", "a", "c"});

  const WriteResult result = write(*destination, rows);

  EXPECT_EQ(result.updated, 1u);
  EXPECT_EQ(result.inserted, 1u);
  EXPECT_EQ(database().value("SELECT note FROM people WHERE id = 5"), "old");
}

TEST_P(SqlConflict, MergeRefusesAKeyThatIsNoUniqueIndexOfExactlyTheseColumns) {
  database().run(
      "CREATE TABLE people (id BIGINT, email TEXT, name TEXT, UNIQUE (id, email));"
      "CREATE UNIQUE INDEX partly ON people (name) WHERE id > 5");
  for (const auto& key : std::vector<std::vector<std::string>>{{}, {"id"}, {"name"}}) {
    JobSpec job = merging();
    sql(job).key = key;
    const auto error = error_of([&] { prepared(job, {.columns = people()}); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->code(), Code::key_not_unique);
    EXPECT_NE(error->details().hint.find("id, email"), std::string::npos);
  }
  JobSpec job = merging();
  sql(job).key = {"emial"};
  const auto error = error_of([&] { prepared(job, {.columns = people()}); });
  EXPECT_EQ(error->code(), Code::unknown_column);
}

TEST_P(SqlConflict, MergeNeedsItsKeyAmongTheFilledColumns) {
  make_people();
  EXPECT_TRUE(error_of([&] { prepared(merging(), {.columns = {untyped("name")}}); }));
}

TEST_P(SqlConflict, MergeMakesItsTableWithAKey) {
  JobSpec job = merging();
  sql(job).create_table = true;
  sql(job).key = {"email"};
  auto destination = prepared(job, {.columns = people(), .primary_key = {"id"}});
  OutputRows rows(people());
  rows.add({"1", "a@x", "Ann"});
  EXPECT_EQ(write(*destination, rows).inserted, 1u);
  EXPECT_EQ(write(*destination, rows, "p:1").unchanged, 1u);
}

TEST_P(SqlConflict, MergeGivesTheSameTableWhateverTheBatches) {
  make_people();
  auto destination = prepared(merging(), {.columns = people()});
  OutputRows all(people());
  std::uint64_t written = 0;
  for (int batch = 0; batch < 10; ++batch) {
    OutputRows rows(people(), static_cast<std::uint64_t>(batch) * 500);
    for (int row = 0; row < 500; ++row) {
      const int number = batch * 500 + row;
      rows.add({std::to_string(number % 300), std::nullopt, std::to_string(number)});
    }
    const WriteResult result = write(*destination, rows, "r:" + std::to_string(batch * 500));
    EXPECT_TRUE(result.exceptions.empty());
    written += result.inserted;
  }
  EXPECT_EQ(written, 300u);
  EXPECT_EQ(database().value("SELECT min(CAST(name AS BIGINT)) FROM people"), "4700");
}

TEST_P(SqlConflict, MergeFindsParentsWithinTheBatch) {
  database().run("CREATE TABLE people (id BIGINT PRIMARY KEY, boss BIGINT REFERENCES people (id))");
  auto destination = prepared(merging());
  OutputRows rows({typed("id", ValueType::integer), typed("boss", ValueType::integer)});
  rows.add({"3", "2"}).add({"2", "1"}).add({"1", std::nullopt}).add({"4", "99"});

  const WriteResult result = write(*destination, rows);

  EXPECT_EQ(result.inserted, 3u);
  ASSERT_EQ(result.exceptions.size(), 1u);
  EXPECT_EQ(result.exceptions[0].error.code, Code::foreign_key_violation);
}

TEST_P(SqlConflict, MergeWorksWithoutALedger) {
  make_people();
  JobSpec job = merging();
  sql(job).ledger = std::nullopt;
  auto destination = prepared(job, {.columns = people()});
  OutputRows rows(people());
  rows.add({"1", "a@x", "Ann"});
  EXPECT_EQ(write(*destination, rows).inserted, 1u);
  EXPECT_EQ(write(*destination, rows).unchanged, 1u);
  EXPECT_EQ(destination->finish(context_).warnings.size(), 0u);
}

TEST_P(SqlConflict, MergeIsNeverAlreadyLoaded) {
  make_people();
  auto first = prepared(merging(), {.columns = people(), .load_hash = "same"});
  first->finish(context_);
  job_id_ = JobId::generate();
  EXPECT_FALSE(error_of([&] { prepared(merging(), {.columns = people(), .load_hash = "same"}); }));
}

}  // namespace
}  // namespace freight::testing
