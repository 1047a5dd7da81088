// A job that ended with a batch given up and records rejected, and what a retry takes of it.

#include <algorithm>
#include <array>
#include <atomic>

#include "support/engine_fixture.hpp"

namespace freight::testing {
namespace {

/// Of ten batches the one from ordinal 30 is refused and three records of others are no numbers, as
/// long as all is broken.
class EngineRetryTest : public EngineTest {
 protected:
  static constexpr std::array<std::uint64_t, 3> bad_ordinals{5, 41, 42};

  EngineRetryTest() {
    script_->on_write = [this](const WriteRequest& request, ConnectorContext&) {
      if (broken_ && request.first_ordinal == 30) {
        throw Error(Code::serialization_failure, "not now");
      }
    };
    script_->after_read = [this](RecordBatch& batch) {
      if (!broken_) return;
      for (std::size_t index = 0; index < batch.records.size(); ++index) {
        const auto ordinal = batch.records[index].ordinal;
        if (std::find(bad_ordinals.begin(), bad_ordinals.end(), ordinal) == bad_ordinals.end()) {
          continue;
        }
        const auto text = batch.arena.copy("oops");
        batch.fields[index * batch.layout->size()] = {
            text.data(), static_cast<std::uint32_t>(text.size()), FieldKind::unquoted};
      }
    };
  }

  Job failed_job(JobEngine& engine) {
    const auto job =
        wait(engine,
             engine.submit(tenant_,
                           scripted_spec(R"(,"retry":{"max_attempts":1},"schema":{"fields":)"
                                         R"([{"name":"id","type":"integer"},{"name":"name"}]})")));
    EXPECT_EQ(job.status, JobStatus::failed) << describe(job);
    EXPECT_EQ(job.error.value_or(Failure{}).code, Code::batches_failed) << describe(job);
    EXPECT_EQ(job.records, (RecordCounts{.read = 90, .succeeded = 87, .rejected = 3}));
    return job;
  }

  static void expect(const RetryResult& result, std::uint64_t batches, std::uint64_t records) {
    EXPECT_EQ(result.refusal, RetryRefusal::none);
    EXPECT_EQ(result.batches_requeued, batches);
    EXPECT_EQ(result.records_requeued, records);
  }

  std::atomic<bool> broken_ = true;
};
INSTANTIATE_TEST_SUITE_P(Both, EngineRetryTest,
                         ::testing::Values(StorageBackend::sqlite, StorageBackend::postgresql),
                         name_of);

TEST_P(EngineRetryTest, FailedBatchesAreWrittenAndTheRejectsStay) {
  auto engine = start_engine();
  const auto id = failed_job(*engine).id;
  broken_ = false;
  expect(engine->retry(tenant_, id, RetryScope::failed_batches), 1, 0);
  const auto job = wait(*engine, id);
  EXPECT_EQ(job.status, JobStatus::completed_with_errors) << describe(job);
  EXPECT_EQ(job.records, (RecordCounts{.read = 100, .succeeded = 97, .rejected = 3}));
  EXPECT_EQ(script_->written(), 97U);
}

TEST_P(EngineRetryTest, RejectedRecordsAreWrittenAndTheFailedBatchStays) {
  auto engine = start_engine();
  const auto id = failed_job(*engine).id;
  broken_ = false;
  expect(engine->retry(tenant_, id, RetryScope::rejected_records), 0, 3);
  auto job = wait(*engine, id);
  EXPECT_EQ(job.status, JobStatus::failed) << describe(job);
  EXPECT_EQ(job.error.value_or(Failure{}).code, Code::batches_failed) << describe(job);
  EXPECT_EQ(job.records, (RecordCounts{.read = 90, .succeeded = 90}));
  expect(engine->retry(tenant_, id, RetryScope::failed_batches), 1, 0);
  job = wait(*engine, id);
  expect_completed(job, 100);
}

TEST_P(EngineRetryTest, AllBringsEveryRecordIn) {
  auto engine = start_engine();
  const auto id = failed_job(*engine).id;
  broken_ = false;
  expect(engine->retry(tenant_, id, RetryScope::all), 1, 3);
  const auto job = wait(*engine, id);
  expect_completed(job, 100);
  EXPECT_EQ(job.passes.size(), 2U);
  for (const auto scope :
       {RetryScope::failed_batches, RetryScope::rejected_records, RetryScope::all}) {
    EXPECT_EQ(engine->retry(tenant_, id, scope).refusal, RetryRefusal::nothing_to_retry);
  }
}

TEST_P(EngineRetryTest, WhatWasNotMendedFailsAgain) {
  auto engine = start_engine();
  const auto id = failed_job(*engine).id;
  expect(engine->retry(tenant_, id, RetryScope::all), 1, 3);
  const auto job = wait(*engine, id);
  EXPECT_EQ(job.status, JobStatus::failed) << describe(job);
  EXPECT_EQ(job.records, (RecordCounts{.read = 90, .succeeded = 87, .rejected = 3}));
  expect(engine->retry(tenant_, id, RetryScope::all), 1, 3);
}

/// A file is not added to once it stands in its place.
TEST_P(EngineRetryTest, RejectsOfAFileAreOnlyRetriedWithAllTheRest) {
  const auto spec = [&](const std::string& more) {
    return parse_job_spec(
               R"({"source":{"type":"inline","records":[{"id":1},{"id":"x"}]},"schema":{"fields":)"
               R"([{"name":"id","type":"integer"}]},"destination":{"type":"jsonl","path":")" +
               (folder_ / "out.jsonl").string() + "\"}" + more + "}")
        .value();
  };
  auto engine = start_engine();
  const auto done = wait(*engine, engine->submit(tenant_, spec("")));
  EXPECT_EQ(done.status, JobStatus::completed_with_errors) << describe(done);
  for (const auto scope : {RetryScope::rejected_records, RetryScope::all}) {
    const auto result = engine->retry(tenant_, done.id, scope);
    EXPECT_EQ(result.refusal, RetryRefusal::destination_closed) << to_string(scope);
    EXPECT_EQ(result.status, JobStatus::completed_with_errors);
  }
  EXPECT_EQ(engine->retry(tenant_, done.id, RetryScope::failed_batches).refusal,
            RetryRefusal::nothing_to_retry);

  const auto failed =
      wait(*engine, engine->submit(tenant_, spec(R"(,"errors":{"max_rejects":0})")));
  EXPECT_EQ(failed.status, JobStatus::failed) << describe(failed);
  EXPECT_EQ(engine->retry(tenant_, failed.id, RetryScope::rejected_records).refusal,
            RetryRefusal::destination_closed);
  expect(engine->retry(tenant_, failed.id, RetryScope::all), 1, 0);
  EXPECT_EQ(wait(*engine, failed.id).records.read, 2U);
}

TEST_P(EngineRetryTest, AnUnknownJobIsNotFound) {
  auto engine = make_engine();
  try {
    engine->retry(tenant_, JobId::generate(), RetryScope::all);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::not_found);
  }
}

TEST(RetryScope, HasANameAndIsReadBack) {
  for (const auto scope :
       {RetryScope::failed_batches, RetryScope::rejected_records, RetryScope::all}) {
    EXPECT_EQ(parse_retry_scope(to_string(scope)), scope);
  }
  EXPECT_EQ(to_string(RetryScope::rejected_records), "rejected_records");
  EXPECT_EQ(parse_retry_scope("everything"), std::nullopt);
}

}  // namespace
}  // namespace freight::testing
