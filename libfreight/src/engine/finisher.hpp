#pragma once

#include <optional>

#include "engine/job_runtime.hpp"
#include "engine/lease_keeper.hpp"
#include "engine/stores.hpp"
#include "freight/engine/work.hpp"
#include "freight/reconciliation.hpp"

namespace freight::engine {

/// Ends a job whose batches are done, or are about to be: closes the destination, reconciles, and
/// says how it ended. Thread-safe.
class Finisher {
 public:
  Finisher(const Stores& stores, const ConnectorRegistry& registry);

  /// What is to be written with finish_job(); not written yet. Throws what any stage throws;
  /// `attempt` says which.
  FinishReport finish(const LeasedTask& leased, JobRuntime& runtime, TaskAttempt& attempt);

  /// The same of a job whose only batch this is, without asking the storage: to be written after
  /// `batch`, and only if that is taken. nullopt when the job should rather end with a task of its
  /// own: it has other batches or rejects, or its destination must not be finished before the batch
  /// is known to be written.
  std::optional<FinishReport> finish_with(const BatchReport& batch, BatchKind kind,
                                          JobRuntime& runtime, TaskAttempt& attempt);

 private:
  FinishReport finish(const Job& job, const RecordCounts& batch_sums, JobRuntime& runtime,
                      TaskAttempt& attempt);
  /// Lets the destination finish and counts what there is.
  void close(const Job& job, FinishReport& report, ReconciliationFacts& facts, JobRuntime& runtime,
             TaskAttempt& attempt);

  const Stores stores_;
  const ConnectorRegistry& registry_;
};

}  // namespace freight::engine
