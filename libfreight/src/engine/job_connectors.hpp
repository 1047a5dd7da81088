#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/failure_rules.hpp"
#include "freight/connector_registry.hpp"
#include "freight/job.hpp"
#include "mapping/record_mapper.hpp"

namespace freight::engine {

/// The connectors of a job on this node and what they said of themselves. Immutable once made, and
/// used by any number of tasks at once.
struct JobConnectors {
  std::unique_ptr<Source> source;
  SourceDescription description;
  std::string fingerprint;
  /// Hex hash of the fingerprint.
  std::string input_hash;
  std::unique_ptr<Destination> destination;
  DestinationTraits traits;
  std::vector<std::string> preparation_warnings;
  std::optional<mapping::RecordMapper> mapper;
};

/// What a task is in the middle of; says whose failure it is when something is thrown.
struct TaskAttempt {
  ConnectorContext context;
  /// Task::job.
  std::shared_ptr<const Job> job = {};
  Side side = Side::engine;
};

/// Makes and prepares them. Throws what connectors and mapping throw, and source_changed when the
/// input is not the one that was planned; `attempt` says whose failure it is.
std::unique_ptr<const JobConnectors> make_job_connectors(const JobSpec& spec, const Job& job,
                                                         const ConnectorRegistry& registry,
                                                         TaskAttempt& attempt);

}  // namespace freight::engine
