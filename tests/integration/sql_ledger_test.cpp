// The ledger of both backends: what was written once is not written again.
#include <atomic>
#include <cstdint>
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

using ::testing::HasSubstr;

class SqlLedger : public SqlDestinationFixture {};

FREIGHT_ON_BOTH_BACKENDS(SqlLedger);

TEST_P(SqlLedger, AnswersASecondWriteOfAUnitFromTheLedger) {
  make_people();
  auto destination = prepared(spec("people"));
  OutputRows rows(people_columns());
  rows.add({"1", "a@x", "Ann", "30", "1"});
  rows.add({"2", "a@x", "Bob", "30", "1"});
  rows.add({"3", "c@x", "Cid", "-1", "1"});
  const WriteResult first = write(*destination, rows);

  // Another object, as another node or a later process would have.
  auto other = prepared(spec("people"));
  const WriteResult second = write(*other, rows);

  EXPECT_FALSE(first.from_ledger);
  EXPECT_TRUE(second.from_ledger);
  EXPECT_EQ(second.inserted, first.inserted);
  ASSERT_EQ(second.exceptions.size(), first.exceptions.size());
  for (std::size_t index = 0; index < first.exceptions.size(); ++index) {
    const RecordError& before = first.exceptions[index].error;
    const RecordError& after = second.exceptions[index].error;
    EXPECT_EQ(second.exceptions[index].ordinal, first.exceptions[index].ordinal);
    EXPECT_EQ(second.exceptions[index].outcome, first.exceptions[index].outcome);
    EXPECT_EQ(after.code, before.code);
    EXPECT_EQ(after.stage, before.stage);
    EXPECT_EQ(after.column, before.column);
    EXPECT_EQ(after.value, before.value);
    EXPECT_EQ(after.expected, before.expected);
    EXPECT_EQ(after.message, before.message);
    EXPECT_EQ(after.hint, before.hint);
    EXPECT_EQ(after.sqlstate, before.sqlstate);
  }
  EXPECT_EQ(database().value("SELECT count(*) FROM people"), "1");
}

TEST_P(SqlLedger, WritesAUnitOnceWhenManyWriteItAtOnce) {
  database().run("CREATE TABLE numbers (id BIGINT)");
  const std::vector<OutputColumn> columns{typed("id", ValueType::integer)};
  auto one = prepared(spec("numbers"));
  auto other = prepared(spec("numbers"));
  OutputRows rows(columns);
  for (int id = 0; id < 2000; ++id) rows.add({std::to_string(id)});
  std::atomic<int> from_ledger{0};
  {
    std::vector<std::jthread> writers;
    for (int writer = 0; writer < 6; ++writer) {
      writers.emplace_back([&, writer] {
        ConnectorContext context;
        Destination& destination = writer % 2 == 0 ? *one : *other;
        const WriteResult result = destination.write(request(rows), context);
        EXPECT_EQ(result.inserted, 2000u);
        if (result.from_ledger) ++from_ledger;
      });
    }
  }
  EXPECT_EQ(from_ledger, 5);
  EXPECT_EQ(database().value("SELECT count(*) FROM numbers"), "2000");
}

TEST_P(SqlLedger, WritesManyUnitsFromManyThreads) {
  database().run("CREATE TABLE numbers (id BIGINT PRIMARY KEY)");
  auto destination = prepared(spec("numbers"));
  {
    std::vector<std::jthread> writers;
    for (int writer = 0; writer < 4; ++writer) {
      writers.emplace_back([&, writer] {
        for (int batch = 0; batch < 5; ++batch) {
          const int first = (writer * 5 + batch) * 100;
          OutputRows rows({typed("id", ValueType::integer)}, static_cast<std::uint64_t>(first));
          for (int id = first; id < first + 100; ++id) rows.add({std::to_string(id)});
          ConnectorContext context;
          const auto result =
              destination->write(request(rows, "r:" + std::to_string(first)), context);
          EXPECT_EQ(result.inserted, 100u);
        }
      });
    }
  }
  EXPECT_EQ(database().value("SELECT count(*) FROM numbers"), "2000");
  EXPECT_EQ(destination->ledger_rows(context_), 2000u);
  EXPECT_EQ(destination->count(false, context_), 2000u);
}

TEST_P(SqlLedger, RefusesAUnitThatTheLedgerHasWithOtherRecords) {
  database().run("CREATE TABLE numbers (id BIGINT)");
  auto destination = prepared(spec("numbers"));
  OutputRows rows({typed("id", ValueType::integer)});
  rows.add({"1"});
  write(*destination, rows);
  OutputRows longer({typed("id", ValueType::integer)});
  longer.add({"1"}).add({"2"});
  WriteRequest changed{.unit = "r:0",
                       .first_ordinal = 0,
                       .records = 1,
                       .content_hash = "another",
                       .input_hash = "1234",
                       .rows = rows.batch()};

  const auto by_count = error_of([&] { write(*destination, longer); });
  const auto by_hash = error_of([&] { destination->write(changed, context_); });

  ASSERT_TRUE(by_count.has_value());
  EXPECT_EQ(by_count->code(), Code::ledger_conflict);
  ASSERT_TRUE(by_hash.has_value());
  EXPECT_EQ(by_hash->code(), Code::ledger_conflict);
  EXPECT_EQ(database().value("SELECT count(*) FROM numbers"), "1");
}

TEST_P(SqlLedger, RefusesALedgerRowOfANewerFreight) {
  database().run("CREATE TABLE numbers (id BIGINT)");
  auto destination = prepared(spec("numbers"));
  OutputRows rows({typed("id", ValueType::integer)});
  rows.add({"1"});
  write(*destination, rows);
  database().run("UPDATE freight_ledger SET format = 99");

  const auto error = error_of([&] { write(*destination, rows); });

  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->code(), Code::newer_format);
}

TEST_P(SqlLedger, KeepsAnEmptyBatchInTheLedgerToo) {
  database().run("CREATE TABLE numbers (id BIGINT)");
  auto destination = prepared(spec("numbers"));
  const OutputRows none({typed("id", ValueType::integer)});

  EXPECT_FALSE(write(*destination, none).from_ledger);
  EXPECT_TRUE(write(*destination, none).from_ledger);
  EXPECT_EQ(destination->ledger_rows(context_), 0u);
}

TEST_P(SqlLedger, DoesWithoutALedger) {
  database().run("CREATE TABLE numbers (id BIGINT)");
  JobSpec job = spec("numbers");
  sql(job).ledger = std::nullopt;
  auto destination = prepared(job);
  OutputRows rows({typed("id", ValueType::integer)});
  rows.add({"1"});

  EXPECT_EQ(destination->traits().delivery, Delivery::none);
  EXPECT_EQ(write(*destination, rows).inserted, 1u);
  EXPECT_EQ(write(*destination, rows).inserted, 1u);
  EXPECT_EQ(destination->ledger_rows(context_), std::nullopt);
  destination->finish(context_);
  EXPECT_EQ(database().value("SELECT count(*) FROM numbers"), "2");
}

TEST_P(SqlLedger, RefusesALoadThatAnotherJobHasCompleted) {
  database().run("CREATE TABLE numbers (id BIGINT)");
  auto first = prepared(spec("numbers"), {.load_hash = "abc"});
  OutputRows rows({typed("id", ValueType::integer)});
  rows.add({"1"}).add({"2"});
  write(*first, rows);
  const JobId first_job = job_id_;
  job_id_ = JobId::generate();
  first->finish(context_);
  first->finish(context_);

  const auto error = error_of([&] { prepared(spec("numbers"), {.load_hash = "abc"}); });
  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->code(), Code::already_loaded);
  EXPECT_THAT(error->what(), HasSubstr("2 of them"));
  EXPECT_THAT(error->what(), HasSubstr(first_job.to_string()));
  EXPECT_THAT(error->what(), HasSubstr("at 20"));

  prepared(spec("numbers"), {.load_hash = "abc", .refuse_reload = false});
  prepared(spec("numbers"), {.load_hash = "other"});
  job_id_ = first_job;
  prepared(spec("numbers"), {.load_hash = "abc"});
  EXPECT_EQ(first->ledger_rows(context_), 2u);
  EXPECT_EQ(database().value("SELECT count(*) FROM freight_ledger WHERE unit = 'done'"), "1");
}

TEST_P(SqlLedger, RefusesALoadThatAnotherJobHasBegun) {
  database().run("CREATE TABLE numbers (id BIGINT)");
  OutputRows rows({typed("id", ValueType::integer)});
  rows.add({"1"}).add({"2"});
  auto first = prepared(spec("numbers"), {.load_hash = "abc"});
  const JobId first_job = job_id_;
  job_id_ = JobId::generate();
  // Nothing is written yet: both may still be the one.
  auto second = prepared(spec("numbers"), {.load_hash = "abc"});
  const JobId second_job = job_id_;
  job_id_ = first_job;
  write(*first, rows);

  job_id_ = second_job;
  const auto refused = [&](auto&& action) {
    const auto error = error_of(action);
    ASSERT_TRUE(error.has_value());
    EXPECT_EQ(error->code(), Code::partly_loaded);
    EXPECT_THAT(error->what(), HasSubstr("2 of them"));
    EXPECT_THAT(error->what(), HasSubstr(first_job.to_string()));
  };
  refused([&] { write(*second, rows); });
  refused([&] { prepared(spec("numbers"), {.load_hash = "abc"}); });
  EXPECT_EQ(database().value("SELECT count(*) FROM numbers"), "2");

  prepared(spec("numbers"), {.load_hash = "abc", .refuse_reload = false});
  prepared(spec("numbers"), {.load_hash = "other"});
  job_id_ = first_job;
  prepared(spec("numbers"), {.load_hash = "abc"});
}

TEST_P(SqlLedger, AJobThatWroteNothingHasBegunNoLoad) {
  database().run("CREATE TABLE numbers (id BIGINT PRIMARY KEY); INSERT INTO numbers VALUES (1);");
  auto first = prepared(spec("numbers"), {.load_hash = "abc"});
  OutputRows rows({typed("id", ValueType::integer)});
  rows.add({"1"});
  EXPECT_EQ(write(*first, rows).inserted, 0u);
  job_id_ = JobId::generate();
  prepared(spec("numbers"), {.load_hash = "abc"});
}

TEST_P(SqlLedger, RefusesATableThatIsNoLedger) {
  database().run("CREATE TABLE numbers (id BIGINT); CREATE TABLE freight_ledger (other BIGINT);");

  const auto error = error_of([&] { prepared(spec("numbers")); });

  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->code(), Code::ledger_denied);
}

}  // namespace
}  // namespace freight::testing
