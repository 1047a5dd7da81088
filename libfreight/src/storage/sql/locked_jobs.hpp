#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "database/query.hpp"
#include "database/session.hpp"
#include "freight/job.hpp"
#include "freight/job_store.hpp"
#include "storage/log/event_writer.hpp"
#include "storage/sql/json_rows.hpp"
#include "storage/sql/sql_text.hpp"

namespace freight::storage {

using JobKey = std::pair<TenantId, JobId>;

/// Fills `:tenant` and `:job`.
database::Query& with_job(database::Query& query, const JobKey& key);

/// A job whose row is locked until the transaction ends; what most writes need to know of it.
struct LockedJob {
  JobKey key;
  JobStatus status = JobStatus::pending;
  std::int64_t priority = 5;
  std::string node_affinity;
  std::string plan_position;
  bool planned = false;
  std::uint64_t records_planned = 0;
  RecordCounts records;
  std::uint64_t bytes_read = 0;
  std::uint64_t batches_total = 0;
  std::uint64_t batches_completed = 0;
  std::uint64_t batches_failed = 0;
  std::optional<std::string> waiting_on;
  std::uint64_t log_sequence = 0;
  std::optional<std::int64_t> run_at;
  std::int64_t progress_at = 0;
  /// Dead letters that are kept whole.
  std::uint64_t dead_letters_stored = 0;
  std::uint64_t waiting_for_parents = 0;
  std::uint64_t parent_pass = 0;
  std::uint64_t parent_landed = 0;
  std::uint64_t run_number = 1;
  std::int64_t now = 0;

  JobReference reference() const { return {key.first, key.second}; }
  /// Nothing of it is to be claimed.
  bool is_held() const { return status == JobStatus::paused || status == JobStatus::cancelling; }

  bool all_batches_done() const {
    return planned && batches_completed + batches_failed == batches_total;
  }
};

using LockedJobs = std::map<JobKey, LockedJob>;

/// Locks the jobs of `rows` (tenant_id, job_id), in the order of their keys. Those that are missing
/// or deleted are left out.
LockedJobs lock_jobs(database::Session& session, SqlText& sql, JsonRows& rows);
std::optional<LockedJob> lock_job(database::Session& session, SqlText& sql, const JobKey& key);

/// The rows that a transaction adds to migration_logs. Sequences are taken from the locked jobs;
/// the caller writes LockedJob::log_sequence back with the job. What is not of a single record
/// becomes an event, too.
class LogWriter {
 public:
  struct Entry {
    std::string_view event;
    std::optional<std::uint64_t> batch_sequence;
    std::optional<std::uint64_t> attempt;
    std::optional<std::uint64_t> first_ordinal;
    std::optional<std::uint64_t> last_ordinal;
    std::optional<Outcome> outcome;
    std::optional<Code> code;
    std::string_view column_name;
    std::string_view key_values;
    std::string_view detail;
  };

  LogWriter(database::Session& session, SqlText& sql, EventWriter& events)
      : session_(session), sql_(sql), events_(events) {}

  void add(LockedJob& job, const Entry& entry);
  void flush();

 private:
  database::Session& session_;
  SqlText& sql_;
  EventWriter& events_;
  JsonRows rows_;
};

/// One statement carries so much JSON at most; more rows take another.
constexpr std::size_t max_rows_bytes = 16 * 1024 * 1024;

/// What a failure changes in Job::waiting_on; keeps `since` of an earlier one. Also logs the first.
std::string waiting_text(LockedJob& job, const Failure& failure, std::chrono::milliseconds delay,
                         LogWriter& log);

}  // namespace freight::storage
