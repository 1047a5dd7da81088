#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "freight/error.hpp"
#include "freight/storage.hpp"

namespace freight::testing {

/// A new, empty place for one storage, for one test; gone with all that is in it when this goes.
class StorageTarget {
 public:
  virtual ~StorageTarget() = default;

  /// Opens the storage there, made when it is not there yet. Called from one thread at a time, and
  /// while an object from an earlier call lives only for a backend that says `processes`.
  virtual std::unique_ptr<Storage> open() = 0;

  /// Called at the end of each test: what the backend can examine of itself, with EXPECT_….
  virtual void examine() {}
};

/// A backend to be tested, and what it is able to do.
struct StorageCase {
  /// Letters and digits.
  std::string name;
  std::function<std::unique_ptr<StorageTarget>()> make;
  /// What was committed is there when the last object has gone and another one is opened.
  bool persistent = true;
  /// Several objects, also in several processes, may be open over one place at a time. Their
  /// processes may die with leases held.
  bool processes = true;
  /// The leases of a process that died are ready at once, and not only when they have run out.
  bool notices_death = false;
};

inline void PrintTo(const StorageCase& storage, std::ostream* out) { *out << storage.name; }

/// The name of a case, for INSTANTIATE_TEST_SUITE_P.
inline std::string storage_case_name(const ::testing::TestParamInfo<StorageCase>& info) {
  return info.param.name;
}

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

/// Calls again what a storage refuses for the moment, as an engine does.
template <typename Call>
auto patiently(Call call) {
  for (int attempt = 1;; ++attempt) {
    try {
      return call();
    } catch (const Error& error) {
      if (error.category() != Category::transient || attempt == 100) throw;
    }
  }
}

/// A storage with one tenant and one node, and short words for what jobs go through.
class StorageSuite : public ::testing::TestWithParam<StorageCase> {
 protected:
  using milliseconds = std::chrono::milliseconds;

  static constexpr milliseconds lease{60'000};
  /// For what must not be yet, and be a little later: no machine is so busy that it takes longer
  /// from one call to the next.
  static constexpr milliseconds soon{2000};

  void SetUp() override {
    target_ = GetParam().make();
    storage_ = target_->open();
    tenant_ = storage_->tenants().find_or_create("default").id;
    node_ = enter(*storage_);
  }

  JobStore& jobs() { return storage_->jobs(); }
  WorkStore& work() { return storage_->work(); }

  static NodeId enter(Storage& storage) {
    const auto node = NodeId::generate();
    storage.work().register_node({.id = node, .host = "here", .process_id = 1});
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
    return work().claim(request(execute, other));
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
    const auto tasks = work().claim(plan_request);
    EXPECT_EQ(tasks.size(), 1U);
    EXPECT_FALSE(work().append_plan(chunk(tasks.at(0), 0, batches, true, records)).lost);
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
    return work().renew({.node_id = node, .tokens = tokens, .lease = duration});
  }
  AcknowledgeResult acknowledge(const BatchReport& report) {
    return work().acknowledge({&report, 1}, request(0, 0));
  }

  RetryResult retry(JobId id, RetryScope scope = RetryScope::failed_batches) {
    return jobs().retry({.tenant_id = tenant_, .job_id = id, .scope = scope});
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

  /// All entries of the log of a job, or those that the query means.
  std::vector<LogEntry> log(JobId id, LogQuery query = {}) {
    query.limit = 1000;
    return jobs().list_log(tenant_, id, query);
  }

  /// How many tasks wait in the queue or are leased, of all tenants.
  std::uint64_t queued() {
    const auto counted = jobs().queue_statistics(std::nullopt);
    return counted.ready + counted.leased + counted.retrying + counted.scheduled + counted.held;
  }

  static RecordException rejected_record(std::uint64_t ordinal, Code code, std::string column,
                                         std::string value) {
    return {.outcome = Outcome::rejected,
            .ordinal = ordinal,
            .line = ordinal + 2,
            .byte_offset = ordinal * 10,
            .byte_length = 9,
            .raw = "raw " + value,
            .errors = {{.code = code,
                        .stage = Stage::validate,
                        .column = std::move(column),
                        .value = std::move(value),
                        .expected = "integer",
                        .message = "not an integer",
                        .hint = "look",
                        .sqlstate = "22P02",
                        .http_status = 422}},
            .key_values = R"({"id":"7"})"};
  }

  StorageTarget& target() { return *target_; }

  /// Another object over the same storage; of a backend that has only one at a time, that one.
  Storage& another_storage() {
    if (!GetParam().processes) return *storage_;
    if (!another_) another_ = target_->open();
    return *another_;
  }

  void TearDown() override {
    if (target_ != nullptr && storage_ != nullptr) target_->examine();
  }

  std::unique_ptr<StorageTarget> target_;
  std::unique_ptr<Storage> storage_;
  std::unique_ptr<Storage> another_;
  TenantId tenant_;
  NodeId node_;
};

}  // namespace freight::testing
