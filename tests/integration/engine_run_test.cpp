// Jobs that go well, and what the engine promises its host.

#include <atomic>
#include <mutex>
#include <set>
#include <thread>

#include <gmock/gmock.h>

#include "support/engine_fixture.hpp"

namespace freight::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class EngineRunTest : public EngineTest {};

TEST_P(EngineRunTest, RunsAJobToItsEndAndReconcilesIt) {
  script_->records = 1000;
  const auto job = run(scripted_spec(R"(,"name":"first")"));
  expect_completed(job, 1000);
  EXPECT_EQ(job.name, "first");
  EXPECT_TRUE(job.planned);
  EXPECT_EQ(job.batches_total, 100U);
  EXPECT_EQ(job.batches_completed, 100U);
  EXPECT_EQ(job.batch_attempts, 100U);
  EXPECT_EQ(job.retries, 0U);
  EXPECT_EQ(job.bytes_read, 10'000U);
  EXPECT_EQ(job.written.inserted, 1000U);
  EXPECT_EQ(job.fingerprint, "scripted input");
  EXPECT_THAT(job.source_fields, ElementsAre("id", "name"));
  EXPECT_EQ(job.destination_count_before, 0U);
}

TEST_P(EngineRunTest, PlansMoreBatchesThanItLooksAhead) {
  script_->records = 1500;
  expect_completed(run(scripted_spec({}, 2)), 1500);
}

TEST_P(EngineRunTest, CompletesAJobWithoutRecords) {
  script_->records = 0;
  const auto job = run(scripted_spec());
  expect_completed(job, 0);
  EXPECT_EQ(job.batches_total, 0U);
}

TEST_P(EngineRunTest, ValidatesWithoutWriting) {
  script_->on_write = [](const WriteRequest&, ConnectorContext&) { ADD_FAILURE() << "written"; };
  const auto job = run(scripted_spec(R"(,"mode":"validate")"));
  EXPECT_EQ(job.status, JobStatus::completed) << describe(job);
  EXPECT_EQ(job.records.succeeded, 100U);
  EXPECT_EQ(job.written.inserted, 0U);
  EXPECT_THAT(job.reconciliation, HasSubstr("a validation writes nothing"));
}

TEST_P(EngineRunTest, AJobOfOneBatchInMemoryIsPlannedWhileItIsSubmitted) {
  const std::string url = "sqlite:" + (folder_ / "out.db").string();
  const auto spec_of = [&](const std::string& records, const std::string& more) {
    return parse_job_spec(R"({"source": {"type": "inline", "records": [)" + records +
                          R"(]}, "destination": {"type": "sql", "url": ")" + url +
                          R"(", "table": "people", "create_table": true})" + more + "}")
        .value();
  };
  auto engine = make_engine();
  const auto one = engine->submit(tenant_, spec_of(R"({"id": 1}, {"id": 2})", ""));
  EXPECT_TRUE(engine->find(tenant_, one)->planned) << "nobody works yet";
  EXPECT_EQ(storage_->jobs().list_batches(tenant_, one, {}).size(), 1U);
  engine->start();
  auto job = wait(*engine, one);
  EXPECT_EQ(job.records.succeeded, 2U) << describe(job);
  EXPECT_EQ(job.destination_count_before, 0U);
  EXPECT_THAT(job.source_fields, ElementsAre("id"));
  EXPECT_THAT(job.reconciliation, HasSubstr(R"("status":"verified")"));

  job = wait(*engine, engine->submit(tenant_, spec_of(R"({"id": 3}, {"id": 4}, {"id": 5})",
                                                      R"(, "batch": {"max_records": 2})")));
  EXPECT_EQ(job.batches_total, 2U) << "a longer one has a plan task";
  EXPECT_EQ(job.records.succeeded, 3U) << describe(job);
  EXPECT_EQ(job.destination_count_before, 2U);
  EXPECT_THAT(job.reconciliation, HasSubstr(R"("status":"verified")"));
}

TEST_P(EngineRunTest, ARejectedRecordKeepsNoOther) {
  script_->after_read = [](RecordBatch& batch) {
    batch.fields[0] = {"seven", 5, FieldKind::unquoted};
  };
  const auto job = run(scripted_spec(
      R"(,"schema":{"fields":[{"name":"id","type":"integer"},{"name":"name","type":"string"}]})"));
  EXPECT_EQ(job.status, JobStatus::completed_with_errors) << describe(job);
  EXPECT_EQ(job.records.rejected, 10U);
  EXPECT_EQ(job.records.succeeded, 90U);
  const auto letters =
      storage_->jobs().list_dead_letters(tenant_, job.id, {.first_ordinal = 0, .limit = 100});
  ASSERT_EQ(letters.size(), 10U);
  EXPECT_EQ(letters[1].ordinal, 10U);
  EXPECT_EQ(letters[1].raw, "10,name");
  EXPECT_EQ(letters[1].errors.at(0).code, Code::type_mismatch);
  EXPECT_EQ(letters[1].errors.at(0).value, "seven");
}

TEST_P(EngineRunTest, ARehearsalWritesEachBatchAndKeepsNothing) {
  const auto spec = [](bool rehearse) {
    // Until the parser knows the key: what is attached is what runs.
    auto parsed = scripted_spec(R"(,"mode":"validate")");
    parsed.rehearse = rehearse;
    parsed.needs_secrets = true;
    return parsed;
  };
  auto job = run(spec(true));
  EXPECT_EQ(job.status, JobStatus::completed) << describe(job);
  EXPECT_EQ(job.records.succeeded, 100U);
  EXPECT_EQ(job.written.inserted, 0U);
  EXPECT_EQ(script_->rehearsals, 10U);
  EXPECT_EQ(script_->written(), 0U);

  job = run(spec(false));
  EXPECT_EQ(job.status, JobStatus::completed) << describe(job);
  EXPECT_EQ(script_->rehearsals, 10U) << "a plain validation writes nothing at all";
}

TEST_P(EngineRunTest, ASourceWithOpenFieldsIsToldWhatTheDestinationTakes) {
  script_->open_fields = true;
  for (const char* name : {"name", "extra", "id"}) {
    script_->columns.emplace_back();
    script_->columns.back().name = name;
  }
  expect_completed(run(scripted_spec()), 100);
  std::vector<std::string> names;
  for (const auto& column : script_->written_columns) names.push_back(column.name);
  EXPECT_EQ(names, (std::vector<std::string>{"name", "extra", "id"}));
}

TEST_P(EngineRunTest, ASourceWithOpenFieldsIsToldWhatTheMappingNames) {
  script_->open_fields = true;
  const auto job = run(scripted_spec(R"(,"mapping":[{"to":"x","from":"name"}])"));
  EXPECT_EQ(job.status, JobStatus::completed) << describe(job);
  EXPECT_EQ(job.source_fields, (std::vector<std::string>{"name"}));
  ASSERT_EQ(script_->written_columns.size(), 1U);
  EXPECT_EQ(script_->written_columns[0].name, "x");
}

TEST_P(EngineRunTest, WhatTheDestinationRefusesIsRejectedAndAccountedFor) {
  script_->after_write = [](const WriteRequest& request, WriteResult& result) {
    WriteException refused;
    refused.ordinal = request.rows.ordinals.at(4);
    refused.error.code = Code::unique_violation;
    refused.error.stage = Stage::write;
    refused.error.message = "there already";
    result.exceptions.push_back(refused);
    --result.inserted;
  };
  // What it says and what it keeps differ on purpose, so nothing of the destination is compared.
  script_->has_ledger = false;
  const auto job = run(scripted_spec(R"(,"verify":{"counts":"never"})"));
  EXPECT_EQ(job.status, JobStatus::completed_with_errors) << describe(job);
  EXPECT_EQ(job.records.rejected, 10U);
  EXPECT_EQ(job.records.succeeded, 90U);
  const auto letters =
      storage_->jobs().list_dead_letters(tenant_, job.id, {.first_ordinal = 0, .limit = 100});
  ASSERT_EQ(letters.size(), 10U);
  EXPECT_EQ(letters[0].ordinal, 4U);
  EXPECT_EQ(letters[0].raw, "4,name");
}

TEST_P(EngineRunTest, FailsWhenTheWholeSampleIsRejected) {
  script_->records = 5000;
  script_->id_text = "no number";
  const auto job = run(scripted_spec(
      R"(,"schema":{"fields":[{"name":"id","type":"integer"},{"name":"name","type":"string"}]},)"
      R"("errors":{"min_sample":30})"));
  EXPECT_EQ(job.status, JobStatus::failed);
  ASSERT_TRUE(job.error);
  EXPECT_EQ(job.error->code, Code::all_rejected) << describe(job);
  EXPECT_THAT(job.error->message, HasSubstr("type_mismatch in id"));
  EXPECT_LT(job.records.read, 5000U);
}

TEST_P(EngineRunTest, FailsWhenAllOfASmallJobIsRejected) {
  script_->records = 21;
  script_->id_text = "no number";
  const std::string schema =
      R"(,"schema":{"fields":[{"name":"id","type":"integer"},{"name":"name","type":"string"}]})";
  const auto job = run(scripted_spec(schema));
  ASSERT_TRUE(job.error) << describe(job);
  EXPECT_EQ(job.error->code, Code::all_rejected);

  const auto allowed = run(scripted_spec(schema + R"(,"errors":{"allow_all_rejected":true})"));
  EXPECT_EQ(allowed.status, JobStatus::completed_with_errors) << describe(allowed);

  script_->records = 20;
  const auto handful = run(scripted_spec(schema));
  EXPECT_EQ(handful.status, JobStatus::completed_with_errors) << describe(handful);
}

TEST_P(EngineRunTest, FailsWhenTheLedgerDisagrees) {
  script_->ledger_error = 1;
  const auto job = run(scripted_spec());
  EXPECT_EQ(job.status, JobStatus::failed);
  ASSERT_TRUE(job.error);
  EXPECT_EQ(job.error->code, Code::reconciliation);
  EXPECT_THAT(job.reconciliation, HasSubstr(R"("status":"failed")"));
}

TEST_P(EngineRunTest, ADifferingCountIsUnverifiedOrAFailureWhenTheTableIsExclusive) {
  script_->count_error = 2;
  const auto job = run(scripted_spec());
  EXPECT_EQ(job.status, JobStatus::completed) << describe(job);
  EXPECT_THAT(job.reconciliation, HasSubstr(R"("status":"unverified")"));

  script_->ledger.clear();
  script_->arrivals.clear();
  const auto exclusive = run(scripted_spec(R"(,"verify":{"exclusive":true})"));
  ASSERT_TRUE(exclusive.error) << describe(exclusive);
  EXPECT_EQ(exclusive.error->code, Code::reconciliation);
}

TEST_P(EngineRunTest, RunsAHundredSmallJobsOfTenTenants) {
  script_->records = 25;
  script_->has_ledger = false;
  auto engine = start_engine();
  std::vector<std::pair<TenantId, JobId>> jobs;
  for (int tenant = 0; tenant < 10; ++tenant) {
    const auto id = storage_->tenants().find_or_create("tenant " + std::to_string(tenant)).id;
    for (int job = 0; job < 10; ++job) {
      jobs.emplace_back(id, engine->submit(id, scripted_spec(R"(,"verify":{"counts":"never"})")));
    }
  }
  for (const auto& [tenant, id] : jobs) {
    const auto job = engine->wait(tenant, id, std::chrono::seconds(60));
    EXPECT_EQ(job.status, JobStatus::completed) << describe(job);
    EXPECT_EQ(job.records.succeeded, 25U);
  }
  EXPECT_EQ(script_->written(), 2500U);
}

TEST_P(EngineRunTest, TwoEnginesShareAJob) {
  script_->records = 600;
  std::mutex mutex;
  std::set<std::thread::id> writers;
  script_->on_write = [&](const WriteRequest&, ConnectorContext&) {
    // Nobody goes on before both have begun.
    EXPECT_TRUE(eventually([&] {
      const std::lock_guard lock(mutex);
      writers.insert(std::this_thread::get_id());
      return writers.size() >= 2;
    }));
  };
  auto first = start_engine({.workers = 1});
  auto second = start_engine({.workers = 1});
  expect_completed(wait(*first, first->submit(tenant_, scripted_spec())), 600);
}

TEST_P(EngineRunTest, AnEngineOfOneJobLeavesTheOthersAlone) {
  auto submitter = make_engine();
  const auto other = submitter->submit(tenant_, scripted_spec());
  const auto wanted = submitter->submit(tenant_, scripted_spec());
  auto engine = start_engine({.only_job = wanted});
  EXPECT_EQ(wait(*engine, wanted).status, JobStatus::completed);
  std::this_thread::sleep_for(milliseconds(400));
  EXPECT_EQ(engine->find(tenant_, other)->status, JobStatus::pending);
}

TEST_P(EngineRunTest, SecretsStayInTheEngineThatWasGivenThem) {
  auto spec = scripted_spec();
  spec.needs_secrets = true;
  auto submitter = make_engine();
  const auto id = submitter->submit(tenant_, spec);
  auto stranger = start_engine();
  EXPECT_EQ(stranger->wait(tenant_, id, milliseconds(500)).status, JobStatus::pending);

  auto other = scripted_spec();
  other.identity = "another";
  EXPECT_THROW(stranger->attach(tenant_, id, other), Error);
  stranger->attach(tenant_, id, spec);
  expect_completed(wait(*stranger, id), 100);
}

TEST_P(EngineRunTest, RefusesItsOwnStorageAsADestination) {
  const auto url = GetParam() == StorageBackend::sqlite
                       ? "sqlite:" + (folder_ / "freight.db").string()
                       : storage_url();
  const auto spec =
      parse_job_spec(
          R"({"source":{"type":"inline","records":[{"id":1}]},"destination":{"type":"sql",)"
          R"("url":")" +
          url + R"(","table":")" +
          (GetParam() == StorageBackend::sqlite ? "migration_jobs" : "freight.migration_jobs") +
          R"("}})")
          .value();
  auto engine = make_engine();
  try {
    engine->submit(tenant_, spec);
    FAIL() << "was submitted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::destination_is_storage);
  }
}

TEST_P(EngineRunTest, RefusesASpecWithoutAConnector) {
  connectors_ = default_connectors();
  EXPECT_THROW(make_engine()->submit(tenant_, scripted_spec()), Error);
}

TEST_P(EngineRunTest, OfTwoThatSubmitAfterTheSameJobOneGetsIt) {
  auto engine = make_engine();
  const auto first = engine->submit_after(tenant_, scripted_spec(), std::nullopt);
  ASSERT_TRUE(first);
  EXPECT_FALSE(engine->submit_after(tenant_, scripted_spec(), std::nullopt));
  EXPECT_TRUE(engine->submit_after(tenant_, scripted_spec(), first));
}

TEST_P(EngineRunTest, WaitingForWhatIsNotThereThrows) {
  auto engine = make_engine();
  EXPECT_THROW(engine->wait(tenant_, JobId::generate(), milliseconds(10)), Error);
  EXPECT_FALSE(engine->find(tenant_, JobId::generate()));
}

TEST_P(EngineRunTest, WaitingEndsWithItsTimeout) {
  auto engine = make_engine();
  const auto id = engine->submit(tenant_, scripted_spec());
  EXPECT_EQ(engine->wait(tenant_, id, milliseconds(50)).status, JobStatus::pending);
}

/// Runs tasks on threads of its own and knows them.
class HostExecutor final : public Executor {
 public:
  explicit HostExecutor(unsigned threads) : pool_(make_thread_pool(threads)) {}

  void post(Task task) override { pool_->post(counted(std::move(task))); }
  void post_at(std::chrono::steady_clock::time_point due, Task task) override {
    pool_->post_at(due, counted(std::move(task)));
  }
  bool knows(std::thread::id thread) const {
    const std::lock_guard lock(mutex_);
    return threads_.contains(thread);
  }

 private:
  Task counted(Task task) {
    return [this, task = std::move(task)] {
      {
        const std::lock_guard lock(mutex_);
        threads_.insert(std::this_thread::get_id());
      }
      task();
    };
  }

  mutable std::mutex mutex_;
  std::set<std::thread::id> threads_;
  std::unique_ptr<Executor> pool_;
};

TEST_P(EngineRunTest, WorksOnTheHostsExecutorAndOnNoOtherThread) {
  const auto executor = std::make_shared<HostExecutor>(4);
  std::atomic<int> elsewhere = 0;
  script_->on_read = [&](const BatchRange&, ConnectorContext&) {
    if (!executor->knows(std::this_thread::get_id())) ++elsewhere;
  };
  {
    auto engine = start_engine({.workers = 2, .executor = executor});
    expect_completed(wait(*engine, engine->submit(tenant_, scripted_spec())), 100);
  }
  EXPECT_EQ(elsewhere, 0);
  // Timers of the engine that the host's executor still has must do no harm.
  std::this_thread::sleep_for(milliseconds(1200));
}

TEST_P(EngineRunTest, ClosesTheConnectorsOfAJobThatEnded) {
  auto engine = start_engine();
  wait(*engine, engine->submit(tenant_, scripted_spec()));
  // One reference here and two in the registries of the test and the engine, each in two factories.
  EXPECT_TRUE(eventually([&] { return script_.use_count() <= 5; })) << script_.use_count();
}

INSTANTIATE_TEST_SUITE_P(Storages, EngineRunTest,
                         ::testing::Values(StorageBackend::sqlite, StorageBackend::postgresql),
                         name_of);

}  // namespace
}  // namespace freight::testing
