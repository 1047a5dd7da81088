#pragma once

#include "engine/job_runtimes.hpp"
#include "engine/lease_keeper.hpp"
#include "engine/metrics.hpp"
#include "engine/outbox.hpp"
#include "engine/stores.hpp"
#include "engine/task_gate.hpp"
#include "engine/wake_up.hpp"
#include "freight/job_engine.hpp"

namespace freight::engine {

/// The parts of one engine that its tasks work with.
struct EngineParts {
  Stores stores;
  const ConnectorRegistry& registry;
  const EngineOptions& options;
  JobRuntimes& runtimes;
  LeaseKeeper& leases;
  Outbox& outbox;
  WakeUp& wake_up;
  TaskGate& gate;
  const Metrics& metrics;
};

}  // namespace freight::engine
