#pragma once

#include <chrono>
#include <functional>

#include "engine/engine_parts.hpp"
#include "engine/failure_handler.hpp"
#include "freight/engine/work.hpp"

namespace freight::engine {

/// What a node does for the whole storage now and then, whoever works for the jobs. One thread at a
/// time; throws what the storage throws, and the next time does what was left.
class Housekeeping {
 public:
  Housekeeping(const EngineParts& parts, FailureHandler& failures)
      : engine_(parts), failures_(failures) {}

  /// `cancelled` is called for each job that has become so by it.
  void keep(const std::function<void(const JobReference&)>& cancelled);

 private:
  void end_timed_out(const JobReference& job);
  void note_clock_step(std::chrono::microseconds step) const;
  void note_missing_secrets() const;

  EngineParts engine_;
  FailureHandler& failures_;
};

}  // namespace freight::engine
