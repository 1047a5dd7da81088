#pragma once

#include <functional>

#include "engine/job_runtime.hpp"
#include "engine/lease_keeper.hpp"
#include "engine/stores.hpp"
#include "freight/engine/work.hpp"
#include "freight/job_spec.hpp"
#include "freight/time.hpp"

namespace freight::engine {

/// Cuts a job's source into batches, chunk by chunk, each written with the position behind it, so
/// that any node goes on where another stopped. Thread-safe.
class Planner {
 public:
  /// `chunk_written` is called after each chunk: there is work to claim.
  Planner(const Stores& stores, const ConnectorRegistry& registry, const Clock& clock,
          std::function<void()> chunk_written);

  /// Plans until the source ends, the look-ahead is full, others may want the slot, the task is to
  /// stop or its lease is lost. Returns when the task is ready again, if it was handed back.
  /// Throws what any stage throws; `attempt` says which.
  std::optional<std::chrono::milliseconds> plan(const LeasedTask& leased, JobRuntime& runtime,
                                                TaskAttempt& attempt);

 private:
  /// What is said once, with the first chunk.
  void add_facts(PlanReport& report, const JobSpec& spec, const JobConnectors& connectors,
                 TaskAttempt& attempt) const;

  const Stores stores_;
  const ConnectorRegistry& registry_;
  const Clock& clock_;
  std::function<void()> chunk_written_;
};

}  // namespace freight::engine
