// Rejects that are corrected and written after all, and parents that come after their children.

#include <fstream>

#include "support/destination_database.hpp"
#include "support/engine_fixture.hpp"

namespace freight::testing {
namespace {

/// CSV files into SQLite and PostgreSQL.
class EngineReplayTest : public EngineTest {
 protected:
  std::unique_ptr<DestinationDatabase> destination(bool is_postgresql) const {
    return is_postgresql ? make_postgresql_test_database() : make_sqlite_test_database();
  }

  std::string write_csv(const std::string& text) {
    const auto path = folder_ / "people.csv";
    std::ofstream(path, std::ios::binary) << text;
    return path.string();
  }

  static JobSpec spec_for(const std::string& csv, const std::string& url,
                          const std::string& more = {}, std::uint64_t batch = 100) {
    return parse_job_spec(R"({"source":{"type":"csv","path":")" + csv +
                          R"("},"destination":{"type":"sql","url":")" + url +
                          R"(","table":"people"},"batch":{"max_records":)" + std::to_string(batch) +
                          "}" + more + "}")
        .value();
  }

  static bool is_verified(const Job& job) {
    return job.reconciliation.find(R"("status":"verified")") != std::string::npos;
  }

  /// Every fifth record has an amount that is no number.
  std::string write_amounts(std::uint64_t records) {
    std::string text = "id,name,amount\n";
    for (std::uint64_t id = 0; id < records; ++id) {
      const auto number = std::to_string(id);
      text += number + ",\"n, " + number + "\"," + (id % 5 == 0 ? "oops\n" : number + "\n");
    }
    return write_csv(text);
  }

  static constexpr const char* amounts_table =
      "CREATE TABLE people (id bigint PRIMARY KEY, name text, amount bigint)";

  // SQLite itself takes any text for a number.
  static constexpr const char* amounts_schema =
      R"(,"schema":{"fields":[{"name":"id","type":"integer"},{"name":"name"},)"
      R"({"name":"amount","type":"integer"}]})";

  /// Gives the records of `letters` with their amount corrected.
  static CorrectionReader corrected(const std::vector<DeadLetter>& letters) {
    return [letters, next = std::size_t{0}](Correction& correction) mutable {
      if (next == letters.size()) return false;
      const auto number = std::to_string(letters[next].ordinal);
      correction = {.ordinal = letters[next].ordinal,
                    .record = {},
                    .texts = {number, "n, " + number, number}};
      ++next;
      return true;
    };
  }

  std::vector<DeadLetter> open_letters(const Job& job) {
    return storage_->jobs().list_dead_letters(
        tenant_, job.id, {.filter = {.state = DeadLetterState::open}, .limit = 10'000});
  }
};

TEST_P(EngineReplayTest, CorrectedRejectsInOneCallCompleteTheJobAndAllAddsUp) {
  for (const bool is_postgresql : {false, true}) {
    const auto target = destination(is_postgresql);
    target->run(amounts_table);
    auto engine = start_engine();
    const auto id =
        engine->submit(tenant_, spec_for(write_amounts(2000), target->url(), amounts_schema));
    auto job = wait(*engine, id);
    ASSERT_EQ(job.records.rejected, 400U) << describe(job);

    const auto result = engine->replay(tenant_, id, corrected(open_letters(job)));
    EXPECT_EQ(result.records, 400U);
    EXPECT_EQ(result.batches, 4U);
    job = wait(*engine, id);
    EXPECT_EQ(job.status, JobStatus::completed) << describe(job);
    EXPECT_EQ(job.records.succeeded, 2000U);
    EXPECT_EQ(job.records.rejected, 0U);
    EXPECT_EQ(job.written.inserted, 2000U);
    EXPECT_TRUE(is_verified(job)) << job.reconciliation;
    EXPECT_EQ(job.passes.size(), 2U);
    EXPECT_EQ(target->value("SELECT count(*) FROM people WHERE amount = id"), "2000");
    EXPECT_EQ(target->value("SELECT name FROM people WHERE id = 5"), "n, 5");
    EXPECT_EQ(target->value("SELECT count(*) FROM freight_ledger WHERE unit LIKE 'p:%'"), "4");
  }
}

TEST_P(EngineReplayTest, WithoutACorrectionTheRecordIsReadAsItWas) {
  for (const char* const more : {"", R"(,"errors":{"store_raw":false})"}) {
    const auto target = make_sqlite_test_database();
    target->run("CREATE TABLE people (id bigint PRIMARY KEY, name text NOT NULL UNIQUE)");
    target->run("INSERT INTO people VALUES (100, 'b'), (101, 'd')");
    auto engine = start_engine();
    const auto id = engine->submit(
        tenant_,
        spec_for(write_csv("id,name\n1,a\n2,b\n3,c\n4,\"d\"\n5,e\n"), target->url(), more, 2));
    auto job = wait(*engine, id);
    ASSERT_EQ(job.records.rejected, 2U) << describe(job);
    target->run("DELETE FROM people WHERE id > 100");

    EXPECT_EQ(engine->replay(tenant_, id, DeadLetterFilter{}).records, 2U);
    job = wait(*engine, id);
    EXPECT_EQ(job.status, JobStatus::completed_with_errors) << describe(job);
    EXPECT_EQ(job.records.rejected, 1U);
    const auto open = open_letters(job);
    ASSERT_EQ(open.size(), 1U);
    EXPECT_EQ(open[0].ordinal, 1U);
    EXPECT_EQ(open[0].attempts, 2U);
    EXPECT_EQ(open[0].line, 3U);
    EXPECT_EQ(target->value("SELECT name FROM people WHERE id = 4"), "d");
    // Somebody else took a row away, which the counts cannot hide.
    EXPECT_FALSE(is_verified(job)) << job.reconciliation;

    EXPECT_EQ(storage_->jobs().discard(tenant_, id, {}), 1U);
    EXPECT_EQ(engine->replay(tenant_, id, DeadLetterFilter{}).refusal, ReplayRefusal::nothing_open);
  }
}

TEST_P(EngineReplayTest, ACorrectionMayBeARecordAndIsCheckedLikeAnyOther) {
  const auto target = make_sqlite_test_database();
  target->run(amounts_table);
  auto engine = start_engine();
  const auto id =
      engine->submit(tenant_, spec_for(write_amounts(10), target->url(), amounts_schema));
  auto job = wait(*engine, id);
  ASSERT_EQ(job.records.rejected, 2U) << describe(job);
  std::vector<Correction> corrections = {
      {.ordinal = 0, .record = R"({"id": 0, "name": "né", "amount": "7"})"},
      {.ordinal = 5, .record = R"({"id": 5, "amout": 7})"},
      {.ordinal = 7, .record = R"({"id": 700})"}};
  const auto reader = [&corrections, next = std::size_t{0}](Correction& correction) mutable {
    if (next == corrections.size()) return false;
    correction = corrections[next++];
    return true;
  };
  EXPECT_EQ(engine->replay(tenant_, id, CorrectionReader(reader)).records, 2U);
  job = wait(*engine, id);
  EXPECT_EQ(job.records.rejected, 1U);
  EXPECT_EQ(target->value("SELECT name || amount FROM people WHERE id = 0"), "né7");
  const auto open = open_letters(job);
  ASSERT_EQ(open.size(), 1U);
  EXPECT_EQ(open[0].errors.at(0).code, Code::unknown_column);
  EXPECT_EQ(open[0].errors.at(0).column, "amout");
  EXPECT_EQ(open[0].raw, "5,\"n, 5\",oops");

  const auto bad = [](Correction& correction) {
    correction = {.ordinal = 5, .record = "[1]", .texts = {}};
    return true;
  };
  try {
    engine->replay(tenant_, id, CorrectionReader(bad));
    ADD_FAILURE() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::invalid_value);
  }
}

TEST_P(EngineReplayTest, ParentsAndChildrenInAnyOrderAllGoIn) {
  // A tree of five levels, leaves first, with two orphans and a child of one of them.
  std::string text = "id,parent\n";
  for (int id = 300; id >= 1; --id) {
    text += std::to_string(id) + ',' + (id <= 4 ? "" : std::to_string(id / 4)) + '\n';
  }
  text += "900,999\n901,998\n902,900\n";
  for (const bool is_postgresql : {false, true}) {
    for (const std::uint64_t batch : {7U, 1000U}) {
      const auto target = destination(is_postgresql);
      target->run(
          "CREATE TABLE people (id bigint PRIMARY KEY, parent bigint REFERENCES people (id))");
      const auto job = run(spec_for(write_csv(text), target->url(), {}, batch));
      EXPECT_EQ(job.status, JobStatus::completed_with_errors) << describe(job);
      EXPECT_EQ(job.records.succeeded, 300U) << batch;
      EXPECT_EQ(job.records.rejected, 3U);
      EXPECT_EQ(job.retries, 0U);
      EXPECT_TRUE(is_verified(job)) << job.reconciliation;
      EXPECT_EQ(target->value("SELECT count(*) FROM people"), "300");
      const auto open = open_letters(job);
      ASSERT_EQ(open.size(), 3U);
      for (const auto& letter : open) {
        EXPECT_EQ(letter.errors.at(0).code, Code::foreign_key_violation);
      }
    }
  }
}

TEST_P(EngineReplayTest, ChildrenBeforeTheirParentsAreNoReasonToGiveTheLoadUp) {
  std::string text = "id,parent\n";
  for (int id = 1500; id >= 1; --id) text += std::to_string(id) + ",9999\n";
  text += "9999,\n";
  const auto target = make_sqlite_test_database();
  target->run("CREATE TABLE people (id bigint PRIMARY KEY, parent bigint REFERENCES people (id))");
  const auto job = run(spec_for(write_csv(text), target->url(), {}, 500));
  EXPECT_EQ(job.status, JobStatus::completed) << describe(job);
  EXPECT_EQ(job.records.succeeded, 1501U);
  EXPECT_TRUE(is_verified(job)) << job.reconciliation;
}

TEST_P(EngineReplayTest, AClosedDestinationRefusesAReplay) {
  const auto target = make_sqlite_test_database();
  target->run(amounts_table);
  auto engine = start_engine();
  auto spec = spec_for(write_amounts(10), target->url(), amounts_schema);
  const auto at = spec.stored_json.find(R"("write_disposition":"append")");
  ASSERT_NE(at, std::string::npos);
  NewJob job{.tenant_id = tenant_, .name = "closed"};
  job.spec = spec.stored_json.replace(at, 28, R"("write_disposition":"replace")");
  const auto id = JobId::generate();
  storage_->jobs().submit(id, job);
  try {
    engine->replay(tenant_, id, DeadLetterFilter{});
    ADD_FAILURE() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::invalid_state);
  }
}

INSTANTIATE_TEST_SUITE_P(Storages, EngineReplayTest,
                         ::testing::Values(StorageBackend::sqlite, StorageBackend::postgresql),
                         name_of);

}  // namespace
}  // namespace freight::testing
