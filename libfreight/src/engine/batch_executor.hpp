#pragma once

#include <cstddef>
#include <optional>

#include "engine/batch_buffers.hpp"
#include "engine/job_runtime.hpp"
#include "engine/lease_keeper.hpp"
#include "engine/stores.hpp"
#include "freight/engine/work.hpp"
#include "freight/time.hpp"

namespace freight::engine {

/// Takes one batch from its source to its destination: read, map, write, and the report of it.
/// Thread-safe: one serves all workers.
class BatchExecutor {
 public:
  /// No batch is parked for its turn while more than `max_buffers` are in memory.
  BatchExecutor(const Stores& stores, const ConnectorRegistry& registry, const Clock& clock,
                std::size_t max_buffers);

  /// A report of verdict completed, or release when the task was to stop before the write, or may
  /// not be written now. nullopt: parked until its turn. Throws what any stage throws; `attempt`
  /// says which.
  std::optional<BatchReport> execute(const LeasedTask& leased, JobRuntime& runtime,
                                     TaskAttempt& attempt);

  /// The same without the write: each record that would have been written is rejected with
  /// `reason`.
  BatchReport reject_all(const LeasedTask& leased, JobRuntime& runtime, TaskAttempt& attempt,
                         const Failure& reason);

 private:
  bool has_ended(const TaskAttempt& attempt) const;
  /// nullopt when the task was to stop, or its lease is lost.
  std::optional<WriteUnit> read_and_map(const LeasedTask& leased, const JobConnectors& connectors,
                                        BatchBuffer& buffer, TaskAttempt& attempt) const;
  static WriteUnit read_range(const BatchRange& range, const JobConnectors& connectors,
                              RecordBatch& batch, TaskAttempt& attempt);
  std::optional<WriteUnit> read_replay(const Task& task, const JobConnectors& connectors,
                                       RecordBatch& batch, TaskAttempt& attempt) const;
  static WriteResult write(const LeasedTask& leased, const JobRuntime& runtime,
                           const PreparedBatch& prepared, TaskAttempt& attempt);

  const Stores stores_;
  const ConnectorRegistry& registry_;
  const Clock& clock_;
  const std::size_t max_buffers_;
  BatchBuffers buffers_;
};

/// A report without facts yet.
BatchReport report_of(const Task& task, TaskVerdict verdict);

}  // namespace freight::engine
