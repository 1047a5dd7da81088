#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "database/query.hpp"
#include "freight/dead_letters.hpp"
#include "storage/queue/task_queue.hpp"
#include "storage/sql/locked_jobs.hpp"

namespace freight::storage {

/// The condition of a DeadLetterFilter on dead_letters AS d, for the parameters of with_filter().
extern const std::string_view dead_letter_filter;
database::Query& with_filter(database::Query& query, const DeadLetterFilter& filter);

/// Which open dead letters go into new batches, and how large these may be.
struct ReplaySelection {
  BatchKind kind = BatchKind::replay;
  DeadLetterFilter filter = {};
  std::optional<ReplayId> corrections = {};
  std::uint64_t max_records = 10'000;
  std::uint64_t max_bytes = 8'388'608;
};

struct ReplayBatches {
  std::uint64_t records = 0;
  std::uint64_t batches = 0;
};

/// Puts the selected dead letters, each once, into batches behind the job's last one, and these
/// into `entries` for the queue. Counts them into `job`; the caller writes it back.
ReplayBatches make_replay_batches(database::Session& session, SqlText& sql, LockedJob& job,
                                  const ReplaySelection& selection,
                                  std::vector<TaskQueue::Entry>& entries);

/// What comes after the last batch of a job (LockedJob::all_batches_done()): batches of what only a
/// foreign key refused, as long as that lets more in; else the finish task. Writes the job's row.
void add_last_work(database::Session& session, SqlText& sql, LockedJob& job,
                   std::vector<TaskQueue::Entry>& entries);

TaskQueue::Entry queue_entry(const LockedJob& job, TaskKind kind);

}  // namespace freight::storage
