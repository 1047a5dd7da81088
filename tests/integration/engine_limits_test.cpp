// Limits of rejects and time; events and figures of an engine.

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>

#include "support/engine_fixture.hpp"

namespace freight::testing {
namespace {

class EngineLimitsTest : public EngineTest {
 protected:
  /// One record of each batch of ten is rejected by the schema.
  static std::string with_limits(const std::string& errors) {
    return R"(,"schema":{"fields":[{"name":"id","type":"integer","constraints":{"maximum":)"
           R"(1000000}},{"name":"name","type":"string","constraints":{"maxLength":)"
           R"(8}}]},"errors":)" +
           errors;
  }
  /// The names of the ordinals from 100 on ("name 100") are fine, those from 1000 on are too long.
  void reject_from_the_thousandth() { script_->records = 5000; }
};

TEST_P(EngineLimitsTest, TooManyRejectsFailTheJob) {
  // Batches as quick as these are claimed by the hundred, and the limit is looked at when they are
  // acknowledged.
  script_->records = 50'000;
  const auto job = run(scripted_spec(with_limits(R"({"max_rejects":25})")));
  EXPECT_EQ(job.status, JobStatus::failed) << describe(job);
  ASSERT_TRUE(job.error.has_value());
  EXPECT_EQ(job.error->code, Code::too_many_rejects);
  EXPECT_NE(job.error->message.find("errors.max_rejects is 25"), std::string::npos)
      << job.error->message;
  EXPECT_GT(job.records.rejected, 25U);
  EXPECT_LT(job.records.rejected, 10'000U) << "it does not run to its end first";
  EXPECT_EQ(job.records.succeeded, script_->written());
  EXPECT_EQ(script_->abandoned(), 1U);
}

TEST_P(EngineLimitsTest, AsManyRejectsAsAreAllowedAreNoReasonToStop) {
  script_->records = 1025;
  const auto job = run(scripted_spec(with_limits(R"({"max_rejects":25})")));
  EXPECT_EQ(job.status, JobStatus::completed_with_errors) << describe(job);
  EXPECT_EQ(job.records.rejected, 25U);
}

TEST_P(EngineLimitsTest, ALimitIsMetByTheLastBatchToo) {
  script_->records = 1026;
  const auto job = run(scripted_spec(with_limits(R"({"max_rejects":25})")));
  EXPECT_EQ(job.status, JobStatus::failed) << describe(job);
}

TEST_P(EngineLimitsTest, TheRatioCountsFromTheSampleOn) {
  script_->records = 1200;
  auto job = run(scripted_spec(with_limits(R"({"max_reject_ratio":0.2,"min_sample":100})")));
  EXPECT_EQ(job.status, JobStatus::completed_with_errors) << describe(job);
  job = run(scripted_spec(with_limits(R"({"max_reject_ratio":0.1,"min_sample":100})")));
  EXPECT_EQ(job.status, JobStatus::failed) << describe(job);
  EXPECT_EQ(job.error->code, Code::too_many_rejects);
}

TEST_P(EngineLimitsTest, ALimitPausesAndAResumeBeginsItAnew) {
  reject_from_the_thousandth();
  script_->records = 1060;
  auto engine = start_engine();
  const auto id = engine->submit(
      tenant_, scripted_spec(with_limits(R"({"max_rejects":40,"on_limit":"pause"})")));
  const auto paused = [&] { return engine->find(tenant_, id)->status == JobStatus::paused; };
  ASSERT_TRUE(eventually(paused));
  ASSERT_TRUE(eventually([&] { return !storage_->jobs().is_running(tenant_, id); }));
  const auto job = *engine->find(tenant_, id);
  ASSERT_TRUE(job.error.has_value());
  EXPECT_EQ(job.error->code, Code::too_many_rejects);
  EXPECT_EQ(script_->abandoned(), 0U);
  EXPECT_TRUE(engine->resume(tenant_, id).changed);
  const auto ended = wait(*engine, id);
  EXPECT_EQ(ended.status, JobStatus::completed_with_errors) << describe(ended);
  EXPECT_EQ(ended.records.rejected, 60U);
}

TEST_P(EngineLimitsTest, AJobThatTakesTooLongFailsAndItsDestinationIsCleanedUp) {
  script_->records = 1000;
  script_->on_write = [](const WriteRequest&, ConnectorContext& context) {
    while (!context.stop.stop_requested()) std::this_thread::sleep_for(milliseconds(1));
    throw Error(Code::cancelled, "stopped");
  };
  auto spec = scripted_spec();
  spec.timeout = std::chrono::seconds(1);
  const auto began = std::chrono::steady_clock::now();
  const auto job = run(spec, {.heartbeat = milliseconds(100)});
  EXPECT_EQ(job.status, JobStatus::failed) << describe(job);
  ASSERT_TRUE(job.error.has_value());
  EXPECT_EQ(job.error->code, Code::timed_out);
  EXPECT_GE(std::chrono::steady_clock::now() - began, milliseconds(950));
  EXPECT_EQ(script_->abandoned(), 1U);
}

TEST_P(EngineLimitsTest, ATimeoutHoldsAcrossRestarts) {
  script_->records = 1000;
  script_->on_write = [](const WriteRequest&, ConnectorContext& context) {
    while (!context.stop.stop_requested()) std::this_thread::sleep_for(milliseconds(1));
    throw Error(Code::cancelled, "stopped");
  };
  auto spec = scripted_spec();
  spec.timeout = std::chrono::seconds(1);
  auto first = start_engine();
  const auto id = first->submit(tenant_, spec);
  ASSERT_TRUE(eventually([&] { return first->find(tenant_, id)->started_at.has_value(); }));
  first->stop();
  std::this_thread::sleep_for(milliseconds(1050));
  auto second = start_engine({.heartbeat = milliseconds(50)});
  const auto job = wait(*second, id);
  EXPECT_EQ(job.error->code, Code::timed_out);
}

class Recorder final : public EventSink, public MetricSink {
 public:
  void event(const Event& event) noexcept override {
    const std::lock_guard lock(mutex_);
    if (event.type == EventType::state) states_.push_back(event.data);
  }
  void count(std::string_view name, std::span<const MetricLabel> labels,
             double amount) noexcept override {
    const std::lock_guard lock(mutex_);
    figures_[key(name, labels)] += amount;
  }
  void gauge(std::string_view name, std::span<const MetricLabel> labels,
             double value) noexcept override {
    const std::lock_guard lock(mutex_);
    figures_[key(name, labels)] = value;
  }
  void observe(std::string_view name, std::span<const MetricLabel> labels,
               double value) noexcept override {
    const std::lock_guard lock(mutex_);
    if (value >= 0) ++figures_[key(name, labels)];
  }
  std::vector<std::string> states() const {
    const std::lock_guard lock(mutex_);
    return states_;
  }
  double figure(const std::string& name) const {
    const std::lock_guard lock(mutex_);
    const auto found = figures_.find(name);
    return found == figures_.end() ? -1 : found->second;
  }

 private:
  static std::string key(std::string_view name, std::span<const MetricLabel> labels) {
    std::string text(name);
    for (const auto& label : labels) text += " " + std::string(label.value);
    return text;
  }
  mutable std::mutex mutex_;
  std::vector<std::string> states_;
  std::map<std::string, double> figures_;
};

class Lines final : public LogSink {
 public:
  void log(LogLevel level, std::string_view message,
           std::span<const LogField> fields) noexcept override {
    std::string line = level == LogLevel::error     ? "error "
                       : level == LogLevel::warning ? "warning "
                                                    : "info ";
    line += message;
    for (const auto& field : fields) line += " " + std::string(field.key);
    const std::lock_guard lock(mutex_);
    lines_.push_back(std::move(line));
  }
  std::size_t count(const std::string& line) const {
    const std::lock_guard lock(mutex_);
    return static_cast<std::size_t>(std::count(lines_.begin(), lines_.end(), line));
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> lines_;
};

TEST_P(EngineLimitsTest, EachRetryIsALineAndCountedUnderItsCategory) {
  script_->records = 20;
  std::atomic<int> failures = 2;
  script_->on_write = [&](const WriteRequest&, ConnectorContext&) {
    if (failures-- > 0) throw Error(Code::destination_failed, Category::throttled, "not so fast");
  };
  Recorder recorder;
  Lines lines;
  auto engine = start_engine({.log = &lines, .metrics = &recorder});
  const auto job = wait(*engine, engine->submit(tenant_, scripted_spec()));
  EXPECT_EQ(job.status, JobStatus::completed) << describe(job);
  EXPECT_EQ(lines.count("warning a batch is tried again: not so fast tenant_id job_id code attempt"
                        " retry_at batch_id"),
            2U);
  EXPECT_EQ(recorder.figure("freight_retries_total throttled"), 2);
  EXPECT_EQ(storage_->jobs().retry_status(tenant_, job.id)->by_category,
            (std::map<Category, std::uint64_t>{{Category::throttled, 2}}));
}

TEST_P(EngineLimitsTest, AFailedJobIsALineAtError) {
  script_->on_write = [&](const WriteRequest&, ConnectorContext&) {
    throw Error(Code::table_not_found, "no such table");
  };
  Lines lines;
  auto engine = start_engine({.log = &lines});
  EXPECT_EQ(wait(*engine, engine->submit(tenant_, scripted_spec())).status, JobStatus::failed);
  EXPECT_TRUE(eventually([&] {
    return lines.count("error the job ended failed: no such table tenant_id job_id code") == 1;
  }));
}

TEST_P(EngineLimitsTest, AnEngineFeedsItsSinks) {
  script_->records = 105;
  std::atomic<int> failures = 1;
  script_->on_write = [&](const WriteRequest&, ConnectorContext&) {
    if (failures-- > 0) throw Error(Code::serialization_failure, "again");
  };
  Recorder recorder;
  auto engine =
      start_engine({.events = &recorder, .metrics = &recorder, .heartbeat = milliseconds(50)});
  wait(*engine, engine->submit(tenant_, scripted_spec()));
  EXPECT_TRUE(eventually([&] { return recorder.figure("freight_queue_depth ready") == 0; }));
  engine->stop();
  EXPECT_EQ(recorder.states().size(), 3U) << "pending, running, completed";
  EXPECT_EQ(recorder.figure("freight_records_total succeeded"), 105);
  EXPECT_EQ(recorder.figure("freight_batches_total completed"), 11);
  EXPECT_EQ(recorder.figure("freight_batches_total retried"), 1);
  EXPECT_EQ(recorder.figure("freight_retries_total transient"), 1);
  EXPECT_EQ(recorder.figure("freight_jobs_ended_total completed"), 1);
  EXPECT_GT(recorder.figure("freight_claim_seconds"), 0);
  EXPECT_GT(recorder.figure("freight_acknowledge_seconds"), 0);
  EXPECT_GE(recorder.figure("freight_batch_seconds"), 11);
  engine->submit(tenant_, scripted_spec());
  EXPECT_EQ(recorder.states().size(), 3U) << "nothing after stop";
}

INSTANTIATE_TEST_SUITE_P(Both, EngineLimitsTest,
                         ::testing::Values(StorageBackend::sqlite, StorageBackend::postgresql),
                         name_of);

}  // namespace
}  // namespace freight::testing
