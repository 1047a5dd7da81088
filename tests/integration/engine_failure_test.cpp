// What goes wrong: retries, outages, isolation of failures.

#include <atomic>
#include <stdexcept>

#include <gmock/gmock.h>

#include "support/engine_fixture.hpp"

namespace freight::testing {
namespace {

using std::chrono::steady_clock;
using ::testing::HasSubstr;

const std::string fast_retries =
    R"(,"retry":{"initial_interval_ms":10,"max_interval_ms":20,"max_attempts":4})";

Error outage(Code code = Code::destination_unavailable) {
  return Error(code, "nobody answers at db.example.org:5432", {.outage = true});
}

class EngineFailureTest : public EngineTest {};

TEST_P(EngineFailureTest, RetriesWhatMayPassTheNextTime) {
  std::atomic<int> failures = 0;
  script_->on_write = [&](const WriteRequest& request, ConnectorContext&) {
    if (request.first_ordinal == 30 && failures++ < 2) {
      throw Error(Code::serialization_failure, "once more, please");
    }
  };
  const auto job = run(scripted_spec(fast_retries));
  expect_completed(job, 100);
  EXPECT_EQ(job.retries, 2U);
  EXPECT_EQ(job.batch_attempts, 12U);
}

TEST_P(EngineFailureTest, GivesABatchUpAfterItsLastAttemptAndRunsTheOthers) {
  std::atomic<bool> broken = true;
  std::atomic<int> attempts = 0;
  script_->on_write = [&](const WriteRequest& request, ConnectorContext& context) {
    if (request.first_ordinal != 30 || !broken) return;
    EXPECT_EQ(context.attempt, static_cast<std::uint32_t>(++attempts));
    throw Error(Code::serialization_failure, "once more, please");
  };
  auto engine = start_engine();
  auto job = wait(*engine, engine->submit(tenant_, scripted_spec(fast_retries)));
  EXPECT_EQ(job.status, JobStatus::failed);
  ASSERT_TRUE(job.error);
  EXPECT_EQ(job.error->code, Code::batches_failed);
  EXPECT_EQ(job.batches_completed, 9U);
  EXPECT_EQ(job.batches_failed, 1U);
  EXPECT_EQ(attempts, 4);
  EXPECT_EQ(script_->abandoned(), 1U);
  const auto batches =
      storage_->jobs().list_batches(tenant_, job.id, {.first_sequence = 3, .limit = 1});
  ASSERT_EQ(batches.size(), 1U);
  ASSERT_TRUE(batches[0].error);
  EXPECT_EQ(batches[0].error->code, Code::attempts_exhausted);
  EXPECT_THAT(batches[0].error->message, HasSubstr("once more, please"));

  broken = false;
  EXPECT_EQ(engine->retry(tenant_, job.id, RetryScope::failed_batches).batches_requeued, 1U);
  job = wait(*engine, job.id);
  expect_completed(job, 100);
}

TEST_P(EngineFailureTest, AForeignExceptionFailsItsBatchOnly) {
  script_->on_read = [](const BatchRange& range, ConnectorContext&) {
    if (range.first_ordinal == 10) throw std::runtime_error("a bug of the connector");
    if (range.first_ordinal == 20) throw 42;
  };
  const auto job = run(scripted_spec());
  ASSERT_TRUE(job.error) << describe(job);
  EXPECT_EQ(job.error->code, Code::batches_failed);
  EXPECT_EQ(job.batches_failed, 2U);
  EXPECT_EQ(job.records.succeeded, 80U);
  const auto batches =
      storage_->jobs().list_batches(tenant_, job.id, {.first_sequence = 1, .limit = 2});
  ASSERT_EQ(batches.size(), 2U);
  EXPECT_EQ(batches[0].error.value().code, Code::internal);
  EXPECT_EQ(batches[1].error.value().code, Code::connector_failed);
}

TEST_P(EngineFailureTest, AWrongConfigurationEndsTheJobAtOnce) {
  script_->records = 5000;
  script_->on_write = [](const WriteRequest& request, ConnectorContext&) {
    if (request.first_ordinal >= 40) throw Error(Code::table_not_found, "no table customers");
  };
  const auto job = run(scripted_spec());
  EXPECT_EQ(job.status, JobStatus::failed);
  ASSERT_TRUE(job.error);
  EXPECT_EQ(job.error->code, Code::table_not_found);
  EXPECT_EQ(job.error->message, "no table customers");
  EXPECT_LT(job.batches_completed, 100U);
  EXPECT_GE(script_->abandoned(), 1U);
}

TEST_P(EngineFailureTest, AJobThatCannotBePreparedFailsWithTheReason) {
  script_->on_prepare = [](ConnectorContext&) {
    throw Error(Code::ledger_denied, "no right to create the ledger");
  };
  const auto job = run(scripted_spec());
  ASSERT_TRUE(job.error) << describe(job);
  EXPECT_EQ(job.error->code, Code::ledger_denied);
  EXPECT_EQ(script_->written(), 0U);
}

TEST_P(EngineFailureTest, PlanningIsRetriedAsWell) {
  std::atomic<int> failures = 0;
  script_->on_plan = [&](ConnectorContext&) {
    if (failures++ < 2) throw Error(Code::source_unavailable, "try later");
  };
  expect_completed(run(scripted_spec(fast_retries)), 100);
}

TEST_P(EngineFailureTest, AJobWhosePlanIsGivenUpFails) {
  script_->on_plan = [](ConnectorContext&) { throw std::logic_error("a bug of the planner"); };
  const auto job = run(scripted_spec());
  ASSERT_TRUE(job.error) << describe(job);
  EXPECT_EQ(job.error->code, Code::internal);
  EXPECT_EQ(job.error->message, "a bug of the planner");
}

TEST_P(EngineFailureTest, FinishingIsRetriedAsWell) {
  std::atomic<int> failures = 0;
  script_->on_finish = [&](ConnectorContext&) {
    if (failures++ < 2) throw Error(Code::serialization_failure, "try later");
  };
  expect_completed(run(scripted_spec(fast_retries)), 100);
  EXPECT_EQ(failures, 3);
}

TEST_P(EngineFailureTest, AnOutageIsNotAnAttempt) {
  const auto back = steady_clock::now() + milliseconds(1500);
  script_->on_write = [&](const WriteRequest&, ConnectorContext&) {
    if (steady_clock::now() < back) throw outage();
  };
  auto engine = start_engine();
  const auto id = engine->submit(tenant_, scripted_spec(R"(,"retry":{"max_attempts":1})"));
  EXPECT_TRUE(eventually([&] {
    const auto job = engine->find(tenant_, id);
    return job->waiting_on && job->waiting_on->code == Code::destination_unavailable &&
           job->waiting_on->message == "nobody answers at db.example.org:5432";
  }));
  const auto job = wait(*engine, id);
  expect_completed(job, 100);
  EXPECT_EQ(job.retries, 0U);
  EXPECT_EQ(job.batch_attempts, 10U);
}

TEST_P(EngineFailureTest, AnOutageAtTheVeryStartIsWaitedFor) {
  const auto back = steady_clock::now() + milliseconds(700);
  script_->on_prepare = [&](ConnectorContext&) {
    if (steady_clock::now() < back) throw outage();
  };
  expect_completed(run(scripted_spec(R"(,"retry":{"max_attempts":1})")), 100);
}

TEST_P(EngineFailureTest, AnOutageIsTriedByOneTaskAtATimeWithPauses) {
  std::atomic<int> attempts = 0;
  const auto back = steady_clock::now() + milliseconds(2000);
  script_->on_write = [&](const WriteRequest&, ConnectorContext&) {
    if (steady_clock::now() >= back) return;
    ++attempts;
    throw outage();
  };
  expect_completed(run(scripted_spec()), 100);
  // 200 + 400 + 800 + 1600 ms, and what was under way when it began.
  EXPECT_LE(attempts, 8);
}

TEST_P(EngineFailureTest, AnOutageThatDoesNotEndFailsTheJob) {
  std::atomic<bool> down = true;
  script_->on_write = [&](const WriteRequest&, ConnectorContext&) {
    if (down) throw outage();
  };
  auto engine = start_engine();
  auto job =
      wait(*engine, engine->submit(tenant_, scripted_spec(R"(,"retry":{"max_outage_s":1})")));
  EXPECT_EQ(job.status, JobStatus::failed);
  ASSERT_TRUE(job.error);
  EXPECT_EQ(job.error->code, Code::destination_unavailable);
  EXPECT_THAT(job.error->message, HasSubstr("not back within 1 s"));
  EXPECT_THAT(job.error->message, HasSubstr("db.example.org"));

  down = false;
  EXPECT_EQ(engine->retry(tenant_, job.id, RetryScope::failed_batches).refusal, RetryRefusal::none);
  expect_completed(wait(*engine, job.id), 100);
}

TEST_P(EngineFailureTest, ASourceThatIsNeverThereFailsTheJob) {
  script_->on_describe = [](ConnectorContext&) { throw outage(Code::source_unavailable); };
  const auto job = run(scripted_spec(R"(,"retry":{"max_outage_s":1})"));
  ASSERT_TRUE(job.error) << describe(job);
  EXPECT_EQ(job.error->code, Code::source_unavailable);
}

TEST_P(EngineFailureTest, AnUnknownCommitIsAskedOfTheLedger) {
  std::atomic<int> broken = 0;
  script_->after_write = [&](const WriteRequest& request, WriteResult&) {
    if (request.first_ordinal % 20 == 0 && broken++ < 3) {
      throw Error(Code::commit_unknown, "the connection broke");
    }
  };
  const auto job = run(scripted_spec(R"(,"retry":{"max_attempts":1})"));
  expect_completed(job, 100);
  EXPECT_EQ(job.retries, 0U);
  EXPECT_GE(broken, 3);
}

TEST_P(EngineFailureTest, AnUnknownCommitWithoutALedgerIsNotRepeated) {
  script_->delivery = Delivery::none;
  script_->has_ledger = false;
  script_->after_write = [&](const WriteRequest& request, WriteResult&) {
    if (request.first_ordinal == 20) throw Error(Code::commit_unknown, "the connection broke");
  };
  const auto job = run(scripted_spec());
  ASSERT_TRUE(job.error) << describe(job);
  EXPECT_EQ(job.error->code, Code::batches_failed);
  EXPECT_EQ(job.batches_failed, 1U);
  EXPECT_EQ(script_->repeated(), 0U);
}

TEST_P(EngineFailureTest, ADestinationThatCountsNonsenseFailsTheBatch) {
  script_->after_write = [&](const WriteRequest& request, WriteResult& result) {
    if (request.first_ordinal == 0) result.inserted = 11;
    if (request.first_ordinal == 10) result.exceptions.push_back({.ordinal = 9});
    if (request.first_ordinal == 20) result.exceptions = {{.ordinal = 21}, {.ordinal = 21}};
  };
  const auto job = run(scripted_spec());
  ASSERT_TRUE(job.error) << describe(job);
  EXPECT_EQ(job.error->code, Code::batches_failed);
  EXPECT_EQ(job.batches_failed, 3U);
  const auto batches = storage_->jobs().list_batches(tenant_, job.id, {.limit = 1});
  EXPECT_EQ(batches.at(0).error.value().code, Code::connector_failed);
}

TEST_P(EngineFailureTest, ASourceWithAnotherNumberOfRecordsHasChanged) {
  script_->after_read = [](RecordBatch& batch) {
    batch.records.pop_back();
    batch.fields.resize(batch.fields.size() - 2);
  };
  const auto job = run(scripted_spec());
  ASSERT_TRUE(job.error) << describe(job);
  EXPECT_EQ(job.error->code, Code::source_changed);
  EXPECT_EQ(script_->written(), 0U);
}

TEST_P(EngineFailureTest, ASourceThatIsExchangedMeanwhileHasChanged) {
  script_->on_finish = [](ConnectorContext&) { ADD_FAILURE() << "finished"; };
  std::atomic<int> writes = 0;
  script_->on_write = [&](const WriteRequest&, ConnectorContext&) {
    if (++writes == 10) script_->fingerprint = "another input";
  };
  const auto job = run(scripted_spec(), {.workers = 1});
  ASSERT_TRUE(job.error) << describe(job);
  EXPECT_EQ(job.error->code, Code::source_changed);
}

class FixedDelay final : public RetryPolicy {
 public:
  explicit FixedDelay(std::chrono::milliseconds delay) : delay_(delay) {}
  RetryDecision decide(const Failure&, const AttemptInfo& info) const override {
    return RetryAt{info.now + delay_};
  }

 private:
  std::chrono::milliseconds delay_;
};

TEST_P(EngineFailureTest, ARetryStartsWhenItIsDueAndNotWithTheNextPoll) {
  script_->records = 10;
  steady_clock::time_point failed;
  steady_clock::time_point tried;
  int attempts = 0;
  script_->on_write = [&](const WriteRequest&, ConnectorContext&) {
    if (++attempts > 1) {
      tried = steady_clock::now();
      return;
    }
    failed = steady_clock::now();
    throw Error(Code::serialization_failure, "once more, please");
  };
  const auto job =
      run(scripted_spec(), {.retry_policy = std::make_shared<FixedDelay>(milliseconds(100)),
                            .poll = std::chrono::hours(1)});
  expect_completed(job, 10);
  EXPECT_GE(tried - failed, milliseconds(100));
}

class RejectingPolicy final : public RetryPolicy {
 public:
  RetryDecision decide(const Failure&, const AttemptInfo&) const override { return Reject{}; }
};

TEST_P(EngineFailureTest, APolicyMayRejectTheRecordsOfABatch) {
  script_->on_write = [](const WriteRequest& request, ConnectorContext&) {
    if (request.first_ordinal == 50) throw Error(Code::serialization_failure, "never again");
  };
  const auto job = run(scripted_spec(), {.retry_policy = std::make_shared<RejectingPolicy>()});
  EXPECT_EQ(job.status, JobStatus::completed_with_errors) << describe(job);
  EXPECT_EQ(job.records.rejected, 10U);
  const auto letters =
      storage_->jobs().list_dead_letters(tenant_, job.id, {.first_ordinal = 0, .limit = 20});
  ASSERT_EQ(letters.size(), 10U);
  EXPECT_EQ(letters[0].ordinal, 50U);
  EXPECT_EQ(letters[0].errors.at(0).message, "never again");
}

INSTANTIATE_TEST_SUITE_P(Storages, EngineFailureTest,
                         ::testing::Values(StorageBackend::sqlite, StorageBackend::postgresql),
                         name_of);

}  // namespace
}  // namespace freight::testing
