#pragma once

#include <functional>
#include <span>

#include "engine/engine_parts.hpp"
#include "engine/failure_handler.hpp"
#include "freight/engine/work.hpp"

namespace freight::engine {

/// Looks whether jobs go on after what was acknowledged of them, or whether they have more rejects
/// than their specs allow. One thread at a time.
class LimitCheck {
 public:
  LimitCheck(const EngineParts& parts, FailureHandler& failures)
      : engine_(parts), failures_(failures) {}

  /// Fails the jobs that are over a limit, or pauses them, as they ask for; `paused` is called for
  /// each that it has paused.
  void check(std::span<const BatchReport> reports,
             const std::function<void(const JobReference&)>& paused);

 private:
  static bool is_to_be_looked_at(const BatchReport& report, const JobRuntime& runtime);
  /// True when it has paused the job.
  bool check(const JobReference& reference, JobRuntime& runtime);

  EngineParts engine_;
  FailureHandler& failures_;
};

}  // namespace freight::engine
