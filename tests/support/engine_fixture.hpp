#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "freight/freight.hpp"
#include "support/database_with_schema.hpp"
#include "support/scripted_connectors.hpp"
#include "support/temporary_folder.hpp"
#include "support/test_database.hpp"

namespace freight::testing {

/// How many times longer than elsewhere things may take in this build.
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
inline constexpr int slowness = 6;
#else
inline constexpr int slowness = 1;
#endif
#else
inline constexpr int slowness = 1;
#endif

enum class StorageBackend { sqlite, postgresql };

inline std::string name_of(const ::testing::TestParamInfo<StorageBackend>& info) {
  return info.param == StorageBackend::sqlite ? "Sqlite" : "Postgresql";
}

/// A storage of one backend, a tenant in it, and scripted connectors beside the built-in ones.
class EngineTest : public ::testing::TestWithParam<StorageBackend> {
 protected:
  using milliseconds = std::chrono::milliseconds;

  EngineTest() {
    if (GetParam() == StorageBackend::postgresql) database_.emplace(database_with_schema());
    storage_ = open_storage(storage_url());
    tenant_ = storage_->tenants().find_or_create("default").id;
    add_scripted_connectors(connectors_, script_);
  }

  std::string storage_url() const {
    return database_ ? database_->url() : "sqlite:" + (folder_ / "freight.db").string();
  }

  std::unique_ptr<JobEngine> make_engine(EngineOptions options = {}) {
    if (options.workers == 0) options.workers = 2;
    return make_job_engine(*storage_, connectors_, std::move(options));
  }

  std::unique_ptr<JobEngine> start_engine(EngineOptions options = {}) {
    auto engine = make_engine(std::move(options));
    engine->start();
    return engine;
  }

  /// Submits, runs and waits.
  Job run(const JobSpec& spec, EngineOptions options = {}) {
    auto engine = start_engine(std::move(options));
    return wait(*engine, engine->submit(tenant_, spec));
  }

  Job wait(JobEngine& engine, JobId job_id) {
    auto job = engine.wait(tenant_, job_id, std::chrono::seconds(60 * slowness));
    EXPECT_TRUE(is_final(job.status)) << to_string(job.status) << describe(job);
    return job;
  }

  static std::string describe(const Job& job) {
    std::string text = " job " + job.id.to_string() + ": " + std::string(to_string(job.status));
    if (job.error) text += " " + std::string(to_string(job.error->code)) + " " + job.error->message;
    if (job.waiting_on) text += " waiting on " + job.waiting_on->message;
    return text;
  }

  /// True when `condition` came true within ten seconds.
  static bool eventually(const std::function<bool()>& condition) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10 * slowness);
    while (!condition()) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      std::this_thread::sleep_for(milliseconds(5));
    }
    return true;
  }

  void expect_completed(const Job& job, std::uint64_t records) {
    EXPECT_EQ(job.status, JobStatus::completed) << describe(job);
    EXPECT_EQ(job.records.read, records);
    EXPECT_EQ(job.records.succeeded, records);
    EXPECT_EQ(job.batches_failed, 0U);
    EXPECT_FALSE(job.waiting_on);
    EXPECT_NE(job.reconciliation.find(R"("status":"verified")"), std::string::npos)
        << job.reconciliation;
    EXPECT_EQ(script_->written(), records);
    EXPECT_EQ(script_->repeated(), 0U);
  }

  TemporaryFolder folder_;
  std::optional<TestDatabase> database_;
  std::unique_ptr<Storage> storage_;
  TenantId tenant_;
  std::shared_ptr<Script> script_ = std::make_shared<Script>();
  ConnectorRegistry connectors_ = default_connectors();
};

}  // namespace freight::testing
