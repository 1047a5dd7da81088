#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "database/postgresql/postgresql_session.hpp"
#include "database/query.hpp"
#include "database/sqlite/sqlite_session.hpp"
#include "freight/storage.hpp"
#include "storage/postgresql/postgresql_storage.hpp"
#include "storage/sqlite/sqlite_storage.hpp"
#include "support/temporary_folder.hpp"
#include "support/test_database.hpp"

namespace freight::testing {

using std::chrono::milliseconds;

/// A new, empty database of one backend, for one test.
class TestStorageDatabase {
 public:
  explicit TestStorageDatabase(database::Backend backend) : backend_(backend) {
    if (backend == database::Backend::postgresql) server_ = std::make_unique<TestDatabase>();
  }

  database::Backend backend() const { return backend_; }
  std::string url() const {
    return server_ ? server_->url() : "sqlite:" + (folder_ / "freight.db").string();
  }
  const TemporaryFolder& folder() const { return folder_; }

  std::unique_ptr<Storage> open(const StorageOptions& options = {}) const {
    return server_ ? storage::open_postgresql_storage(url(), options)
                   : storage::open_sqlite_storage(url(), options);
  }

  /// Looks at or changes the tables behind the storage's back. Write `freight.` before tables.
  std::int64_t number(std::string sql) const {
    auto session = raw_session();
    std::int64_t value = 0;
    database::Query query(*session, translated(std::move(sql)));
    query.into(value).next();
    return value;
  }
  void run(std::string sql) const { raw_session()->run(translated(std::move(sql))); }

 private:
  std::unique_ptr<database::Session> raw_session() const {
    const auto parsed = database::parse_url(url(), Code::invalid_value);
    if (server_) return database::open_postgresql_session(parsed);
    return database::open_sqlite_session(parsed, {.write_ahead_log = true, .create = true});
  }
  std::string translated(std::string sql) const {
    const std::string schema = "freight.";
    for (auto at = sql.find(schema); !server_ && at != std::string::npos; at = sql.find(schema)) {
      sql.erase(at, schema.size());
    }
    return sql;
  }

  database::Backend backend_;
  TemporaryFolder folder_;
  std::unique_ptr<TestDatabase> server_;
};

/// A storage of either backend with one tenant and one node, and short words for what jobs go
/// through.
class StorageTest : public ::testing::TestWithParam<database::Backend> {
 protected:
  static constexpr milliseconds lease{60'000};

  void SetUp() override {
    storage_ = database_.open();
    tenant_ = storage_->tenants().find_or_create("default").id;
    node_ = enter(*storage_);
  }

  JobStore& jobs() { return storage_->jobs(); }

  static NodeId enter(Storage& storage) {
    const auto node = NodeId::generate();
    storage.jobs().register_node({.id = node, .host = "here", .process_id = 1});
    return node;
  }

  NewJob new_job(TenantId tenant, std::string identity = "identity") const {
    return {.tenant_id = tenant,
            .name = "customers",
            .priority = 5,
            .labels = {{"wave", "3"}},
            .spec = R"({"source":{}})",
            .identity = std::move(identity),
            .load_identity = "load",
            .fingerprint = {},
            .node_affinity = {}};
  }

  JobId submit(TenantId tenant, std::string identity = "identity") {
    const auto id = JobId::generate();
    jobs().submit(id, new_job(tenant, std::move(identity)));
    return id;
  }
  JobId submit() { return submit(tenant_); }

  ClaimRequest request(std::uint32_t execute, std::uint32_t other,
                       std::optional<NodeId> node = std::nullopt) const {
    return {.node_id = node.value_or(node_),
            .affinities = {},
            .only_job = std::nullopt,
            .max_execute = execute,
            .max_other = other,
            .lease = lease};
  }
  std::vector<Task> claim(std::uint32_t execute, std::uint32_t other) {
    return jobs().claim(request(execute, other));
  }

  /// A chunk of `count` batches of 10 records behind what is planned.
  static PlanReport chunk(const Task& task, std::uint64_t first_batch, std::uint64_t count,
                          bool done, std::uint64_t records = 10) {
    PlanReport report{.token = task.token,
                      .tenant_id = task.tenant_id,
                      .job_id = task.job_id,
                      .ranges = {},
                      .position = "v1:" + std::to_string(first_batch + count),
                      .done = done};
    for (std::uint64_t i = first_batch; i < first_batch + count; ++i) {
      report.ranges.push_back({.first_ordinal = i * records,
                               .records = records,
                               .byte_offset = i * records * 10,
                               .byte_length = records * 10,
                               .first_line = i * records + 2,
                               .locator = "",
                               .content_hash = "hash" + std::to_string(i)});
    }
    return report;
  }

  /// Submits a job and plans all of it.
  JobId planned_job(std::uint64_t batches, std::optional<TenantId> tenant = std::nullopt,
                    std::uint64_t records = 10) {
    const auto id = submit(tenant.value_or(tenant_));
    auto plan_request = request(0, 1);
    plan_request.only_job = id;
    const auto tasks = jobs().claim(plan_request);
    EXPECT_EQ(tasks.size(), 1U);
    EXPECT_FALSE(jobs().append_plan(chunk(tasks.at(0), 0, batches, true, records)).lost);
    return id;
  }

  static BatchReport completed(const Task& task) {
    return {.token = task.token,
            .tenant_id = task.tenant_id,
            .job_id = task.job_id,
            .batch_id = task.batch_id,
            .verdict = TaskVerdict::completed,
            .counts = {.read = task.range.records, .succeeded = task.range.records},
            .written = {.inserted = task.range.records},
            .bytes_read = task.range.byte_length,
            .exceptions = {},
            .ranges = {},
            .failure = std::nullopt,
            .started_at = Timestamp(std::chrono::microseconds(1))};
  }
  static BatchReport with_verdict(const Task& task, TaskVerdict verdict,
                                  milliseconds retry_in = milliseconds(0), bool counted = true) {
    auto report = completed(task);
    report.verdict = verdict;
    report.counts = {};
    report.written = {};
    report.failure = Failure{.code = Code::destination_unavailable,
                             .category = Category::transient,
                             .message = "connection refused",
                             .details = {.outage = !counted}};
    report.retry_in = retry_in;
    report.counted = counted;
    return report;
  }
  RenewResult renew(NodeId node, std::vector<LeaseToken> tokens, milliseconds duration = lease) {
    return jobs().renew({.node_id = node, .tokens = tokens, .lease = duration});
  }
  AcknowledgeResult acknowledge(const BatchReport& report) {
    return jobs().acknowledge({&report, 1}, request(0, 0));
  }

  static FinishReport finish(const Task& task, JobStatus status = JobStatus::completed) {
    return {.token = task.token,
            .tenant_id = task.tenant_id,
            .job_id = task.job_id,
            .status = status,
            .error = std::nullopt,
            .warnings = {},
            .reconciliation = R"({"status":"verified"})"};
  }

  Job job(JobId id, std::optional<TenantId> tenant = std::nullopt) {
    auto found = jobs().find_job(tenant.value_or(tenant_), id);
    EXPECT_TRUE(found.has_value());
    return found.value_or(Job{});
  }
  std::vector<Batch> batches(JobId id) { return jobs().list_batches(tenant_, id, {}); }

  /// The summary that claiming rests on must say what is there.
  void TearDown() override {
    EXPECT_EQ(database_.number("SELECT count(*) FROM freight.tenant_shares AS s"
                               " WHERE s.queued_execute <> (SELECT count(*)"
                               "  FROM freight.batch_queue AS q"
                               "  WHERE q.tenant_id = s.tenant_id AND q.lane = 0)"
                               " OR s.queued_other <> (SELECT count(*)"
                               "  FROM freight.batch_queue AS q"
                               "  WHERE q.tenant_id = s.tenant_id AND q.lane = 1)"),
              0)
        << "tenant_shares has drifted from the queue";
  }

  TestStorageDatabase database_{GetParam()};
  std::unique_ptr<Storage> storage_;
  TenantId tenant_;
  NodeId node_;
};

/// The code of the Error that `work` throws; nullopt and a failure when there is none.
template <typename Work>
std::optional<Code> code_of(Work&& work) {
  try {
    work();
  } catch (const Error& error) {
    return error.code();
  }
  ADD_FAILURE() << "nothing was thrown";
  return std::nullopt;
}

inline std::string backend_name(const ::testing::TestParamInfo<database::Backend>& info) {
  return info.param == database::Backend::sqlite ? "Sqlite" : "Postgresql";
}

inline const auto both_backends =
    ::testing::Values(database::Backend::sqlite, database::Backend::postgresql);

}  // namespace freight::testing
