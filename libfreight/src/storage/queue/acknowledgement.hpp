#pragma once

#include <map>
#include <span>
#include <vector>

#include "storage/log/dead_letter_writer.hpp"
#include "storage/queue/task_queue.hpp"
#include "storage/replay/replay_completion.hpp"
#include "storage/sql/locked_jobs.hpp"

namespace freight::storage {

/// What became of n batches, in one transaction: begin() takes the reports, and write() makes of
/// all of them a constant number of statements.
class Acknowledgement {
 public:
  Acknowledgement(database::Session& session, SqlText& sql, TaskQueue& queue, EventWriter& events)
      : session_(session),
        sql_(sql),
        queue_(queue),
        events_(events),
        log_(session, sql, events),
        dead_letters_(session, sql) {}

  /// Locks what the reports speak of, keeps those whose lease is still held and returns the tokens
  /// of the others.
  std::vector<LeaseToken> begin(std::span<const BatchReport> reports);

  /// Writes everything but the shares. Returns the jobs that were cancelling and have ended.
  std::vector<JobReference> write(ShareChanges& changes);

 private:
  /// A batch under the report's lease, as it stands before the report.
  struct Held {
    const BatchReport* report = nullptr;
    LockedJob* job = nullptr;
    std::uint64_t sequence = 0;
    /// Answered attempts since it was last ready anew, and ever.
    std::uint64_t attempt = 0;
    std::uint64_t attempts = 0;
    std::uint64_t first_ordinal = 0;
    std::uint64_t records = 0;
    BatchKind kind = BatchKind::planned;
  };
  /// What is added to a job's row.
  struct JobChange {
    RecordCounts records;
    WrittenCounts written;
    /// Of `records`: how many were read and rejected by an earlier pass.
    std::uint64_t tried_again = 0;
    std::uint64_t bytes_read = 0;
    std::uint64_t completed = 0;
    std::uint64_t failed = 0;
    std::uint64_t attempts = 0;
    std::uint64_t retries = 0;
  };

  void lock_held(std::span<const BatchReport> reports);
  void take_in(Held& held);
  void complete(const Held& held);
  void add_event(const Held& held);
  void count_again(const Held& held);
  void log_records(const Held& held);
  void log_exception(const Held& held, const RecordException& exception);
  void write_jobs();
  void add_last_work(ShareChanges& changes);
  std::vector<JobReference> end_cancelled(ShareChanges& changes);

  database::Session& session_;
  SqlText& sql_;
  TaskQueue& queue_;
  EventWriter& events_;
  LogWriter log_;
  LockedJobs jobs_;
  std::map<JobKey, JobChange> job_changes_;
  std::vector<Held> held_;
  std::vector<TaskQueue::Key> done_;
  std::vector<TaskQueue::Return> back_;
  JsonRows batches_;
  DeadLetterWriter dead_letters_;
  std::vector<CompletedReplay> replays_;
};

}  // namespace freight::storage
