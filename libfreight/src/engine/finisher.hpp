#pragma once

#include "engine/job_runtime.hpp"
#include "engine/lease_keeper.hpp"
#include "freight/job_store.hpp"
#include "freight/reconciliation.hpp"

namespace freight::engine {

/// Ends a job whose batches are done: closes the destination, reconciles, and says how it ended.
/// Thread-safe.
class Finisher {
 public:
  Finisher(JobStore& store, const ConnectorRegistry& registry);

  /// What is to be written with finish_job(); not written yet. Throws what any stage throws;
  /// `attempt` says which.
  FinishReport finish(const LeasedTask& leased, JobRuntime& runtime, TaskAttempt& attempt);

 private:
  /// Lets the destination finish and counts what there is.
  void close(const Job& job, FinishReport& report, ReconciliationFacts& facts, JobRuntime& runtime,
             TaskAttempt& attempt);

  JobStore& store_;
  const ConnectorRegistry& registry_;
};

}  // namespace freight::engine
