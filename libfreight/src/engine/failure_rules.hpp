#pragma once

#include <chrono>
#include <exception>
#include <variant>

#include "freight/destination.hpp"
#include "freight/engine/work.hpp"
#include "freight/job_store.hpp"
#include "freight/retry_policy.hpp"

namespace freight::engine {

/// Whose failure it is.
enum class Side { engine, source, mapping, destination };

/// The failure of an attempt and all that the rules look at.
struct FailedAttempt {
  Failure failure;
  Side side = Side::engine;
  TaskKind kind = TaskKind::execute;
  AttemptInfo attempt;
  Delivery delivery = Delivery::none;
  /// The task was asked to stop, or its deadline has passed.
  bool stopped = false;
};

/// Handed back as if it had not been begun.
struct HandBack {};
/// Not an attempt: tried again when the other side is back. `at_once` when it answered but the
/// answer was lost.
struct WaitForOtherSide {
  bool at_once = false;
};
struct TryAgain {
  std::chrono::milliseconds delay{0};
};
/// All the records of the batch are rejected with the failure as their reason.
struct RejectRecords {
  Failure failure;
};
struct GiveUpBatch {
  Failure failure;
};
struct EndJob {
  JobStatus status = JobStatus::failed;
  Failure failure;
};
using Consequence =
    std::variant<HandBack, WaitForOtherSide, TryAgain, RejectRecords, GiveUpBatch, EndJob>;

/// What a failed attempt leads to. Pure but for the policy, which is pure by its contract.
Consequence consequence_of(const FailedAttempt& failed, const RetryPolicy& policy);

/// True for what Freight's own storage throws when it is away or refuses.
bool is_of_storage(Code code);

/// The failure of whatever is being thrown, freight::Error or not. Call it in a catch block.
Failure current_failure();

}  // namespace freight::engine
