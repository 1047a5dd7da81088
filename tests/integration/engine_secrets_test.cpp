// Jobs whose passwords are in the memory of one program only.

#include <atomic>

#include <gmock/gmock.h>

#include "support/engine_fixture.hpp"

namespace freight::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class EngineSecretsTest : public EngineTest {
 protected:
  static constexpr milliseconds heartbeat{50};

  static JobSpec parse(const std::string& text) {
    SpecOptions options;
    options.custom_sources = {"scripted"};
    options.custom_destinations = {"scripted"};
    return parse_job_spec(text, options).value();
  }

  static JobSpec spec() {
    return parse(R"({"source":{"type":"scripted"},"destination":{"type":"scripted",)"
                 R"("url":"postgresql://ada:gre4tSecret@db.example.org/crm"},)"
                 R"("schema":{"fields":[{"name":"id","type":"integer"},{"name":"name"}]},)"
                 R"("batch":{"max_records":10}})");
  }
  static JobSpec without_password() { return parse(spec().stored_json); }

  std::unique_ptr<JobEngine> start(unsigned workers = 2) {
    return start_engine({.workers = workers, .heartbeat = heartbeat});
  }

  /// The job of a program that has ended.
  JobId left_behind() { return make_engine()->submit(tenant_, spec()); }

  template <typename Work>
  void expect_missing_secret(Work&& work) {
    try {
      work();
      ADD_FAILURE() << "nothing was thrown";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Code::missing_secret);
      EXPECT_THAT(error.what(), HasSubstr("/destination/url"));
      EXPECT_THAT(error.what(), Not(HasSubstr("gre4tSecret")));
    }
  }

  void expect_that_it_says_so(JobEngine& engine, JobId id) {
    EXPECT_TRUE(eventually([&] { return engine.find(tenant_, id)->waiting_on.has_value(); }));
    const auto job = engine.find(tenant_, id).value();
    ASSERT_TRUE(job.waiting_on.has_value());
    EXPECT_EQ(job.waiting_on->code, Code::missing_secret);
    EXPECT_THAT(job.waiting_on->message, HasSubstr("/destination/url"));
    EXPECT_THAT(job.waiting_on->message, HasSubstr("give it again"));
    EXPECT_THAT(job.waiting_on->message, Not(HasSubstr("gre4tSecret")));
    EXPECT_EQ(job.status, JobStatus::pending);
  }
};
INSTANTIATE_TEST_SUITE_P(Both, EngineSecretsTest,
                         ::testing::Values(StorageBackend::sqlite, StorageBackend::postgresql),
                         name_of);

TEST_P(EngineSecretsTest, ASpecWithoutItsPasswordIsNotSubmitted) {
  auto engine = make_engine();
  const std::vector<JobSpec> many{scripted_spec(), without_password()};
  expect_missing_secret([&] { engine->submit(tenant_, without_password()); });
  expect_missing_secret([&] { engine->submit_many(tenant_, many); });
  expect_missing_secret([&] { engine->submit_once(tenant_, without_password(), "key"); });
  expect_missing_secret([&] { engine->submit_after(tenant_, without_password(), std::nullopt); });
  EXPECT_TRUE(storage_->jobs().list_jobs(tenant_, {}).jobs.empty());
}

TEST_P(EngineSecretsTest, ASpecWithoutItsPasswordIsNotAttached) {
  const auto id = left_behind();
  auto engine = start();
  expect_missing_secret([&] { engine->attach(tenant_, id, without_password()); });
  expect_that_it_says_so(*engine, id);
}

TEST_P(EngineSecretsTest, AJobWhoseProgramHasGoneSaysWhatItWaitsForAndGoesOnWithIt) {
  const auto id = left_behind();
  auto engine = start();
  expect_that_it_says_so(*engine, id);
  engine->attach(tenant_, id, spec());
  EXPECT_FALSE(engine->find(tenant_, id)->waiting_on.has_value());
  expect_completed(wait(*engine, id), 100);
}

TEST_P(EngineSecretsTest, AJobThatIsRetriedSaysWhatItWaitsForAndGoesOnWithIt) {
  std::atomic<bool> broken = true;
  script_->on_write = [&](const WriteRequest&, ConnectorContext&) {
    if (broken) throw Error(Code::table_not_found, "no such table");
  };
  auto engine = start();
  const auto id = engine->submit(tenant_, spec());
  EXPECT_EQ(wait(*engine, id).status, JobStatus::failed);
  broken = false;
  EXPECT_EQ(engine->retry(tenant_, id, RetryScope::all).refusal, RetryRefusal::none);
  expect_that_it_says_so(*engine, id);
  engine->attach(tenant_, id, spec());
  expect_completed(wait(*engine, id), 100);
}

TEST_P(EngineSecretsTest, AJobThatIsReplayedSaysWhatItWaitsForAndGoesOnWithIt) {
  std::atomic<bool> broken = true;
  script_->after_read = [&](RecordBatch& batch) {
    if (!broken || batch.records[0].ordinal != 30) return;
    const auto text = batch.arena.copy("oops");
    batch.fields[0] = {text.data(), static_cast<std::uint32_t>(text.size()), FieldKind::unquoted};
  };
  auto engine = start();
  const auto id = engine->submit(tenant_, spec());
  EXPECT_EQ(wait(*engine, id).records.rejected, 1U);
  broken = false;
  EXPECT_EQ(engine->replay(tenant_, id, DeadLetterFilter{}).records, 1U);
  expect_that_it_says_so(*engine, id);
  engine->attach(tenant_, id, spec());
  expect_completed(wait(*engine, id), 100);
}

TEST_P(EngineSecretsTest, AJobWhoseProgramIsBusySaysNothing) {
  std::atomic<bool> released = false;
  std::atomic<bool> busy = false;
  script_->on_write = [&](const WriteRequest&, ConnectorContext&) {
    busy = true;
    while (!released) std::this_thread::sleep_for(milliseconds(2));
  };
  auto engine = start(1);
  const auto first = engine->submit(tenant_, scripted_spec());
  ASSERT_TRUE(eventually([&] { return busy.load(); }));
  // Behind the other, by its priority.
  auto late = spec();
  late.priority = 9;
  const auto id = engine->submit(tenant_, late);
  auto stranger = start();
  std::this_thread::sleep_for(10 * heartbeat);
  EXPECT_FALSE(engine->find(tenant_, id)->waiting_on.has_value());
  released = true;
  EXPECT_EQ(wait(*engine, first).status, JobStatus::completed);
  EXPECT_EQ(wait(*engine, id).records.succeeded, 100U);
  EXPECT_FALSE(engine->find(tenant_, id)->waiting_on.has_value());
}

}  // namespace
}  // namespace freight::testing
