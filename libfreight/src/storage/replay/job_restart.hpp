#pragma once

#include <vector>

#include "storage/queue/task_queue.hpp"
#include "storage/replay/replay_batches.hpp"
#include "storage/sql/locked_jobs.hpp"

namespace freight::storage {

/// What is left to do of an ended job, ready again: batches that did not complete, and planning
/// from where it stopped. The number of batches is what a retry answers.
std::vector<TaskQueue::Entry> ready_unfinished(database::Session& session, SqlText& sql,
                                               LockedJob& job);

/// Begins a pass over the records of new batches of kind `replay`.
void begin_replay_pass(database::Session& session, SqlText& sql, LockedJob& job,
                       const ReplayBatches& made, LogWriter& log);

/// Puts an ended job back to `pending`, with what stands in `job` of its log and its batches.
void restart_job(database::Session& session, SqlText& sql, LockedJob& job);

}  // namespace freight::storage
