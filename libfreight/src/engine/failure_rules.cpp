#include "engine/failure_rules.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace freight::engine {
namespace {

// Nothing but a batch can be given up alone.
Consequence give_up(const FailedAttempt& failed, Failure failure) {
  if (failed.kind == TaskKind::execute) return GiveUpBatch{std::move(failure)};
  return EndJob{JobStatus::failed, std::move(failure)};
}

Failure exhausted(const FailedAttempt& failed) {
  Failure failure = failed.failure;
  failure.code = Code::attempts_exhausted;
  failure.category = code_info(Code::attempts_exhausted).category;
  failure.message = "gave up after " + std::to_string(failed.attempt.attempt) +
                    (failed.attempt.attempt == 1 ? " attempt" : " attempts") +
                    "; the last: " + failed.failure.message;
  return failure;
}

Consequence ask_policy(const FailedAttempt& failed, const RetryPolicy& policy) {
  const RetryDecision decision = policy.decide(failed.failure, failed.attempt);
  if (const auto* retry = std::get_if<RetryAt>(&decision)) {
    const auto delay =
        std::chrono::ceil<std::chrono::milliseconds>(retry->due - failed.attempt.now);
    return TryAgain{std::max(delay, std::chrono::milliseconds::zero())};
  }
  if (std::holds_alternative<Reject>(decision)) {
    if (failed.kind == TaskKind::execute) return RejectRecords{failed.failure};
    return EndJob{JobStatus::failed, failed.failure};
  }
  if (std::holds_alternative<Cancel>(decision)) return EndJob{JobStatus::cancelled, failed.failure};
  return give_up(failed, failed.attempt.attempt > 1 ? exhausted(failed) : failed.failure);
}

/// No record is to blame, so that giving up one batch would help nobody.
Consequence end_unless_retried(const FailedAttempt& failed, const RetryPolicy& policy) {
  Consequence asked = ask_policy(failed, policy);
  if (std::holds_alternative<TryAgain>(asked)) return asked;
  return EndJob{JobStatus::failed, failed.failure};
}

}  // namespace

bool is_of_storage(Code code) {
  return code == Code::storage_unavailable || code == Code::storage_busy ||
         code == Code::storage_denied || code == Code::storage_failed || code == Code::storage_full;
}

Consequence consequence_of(const FailedAttempt& failed, const RetryPolicy& policy) {
  const Failure& failure = failed.failure;
  // The storage is away or refuses: nobody's attempt, and no limit of the job's.
  if (failed.side == Side::engine && is_of_storage(failure.code)) return HandBack{};
  if (failure.details.outage) return WaitForOtherSide{};
  switch (failure.category) {
    case Category::configuration:
    case Category::authentication:
      return end_unless_retried(failed, policy);
    case Category::ambiguous:
      if (failed.delivery == Delivery::none) return give_up(failed, failure);
      return WaitForOtherSide{.at_once = true};
    case Category::cancelled:
      // The lease may have been renewed since the connector looked at it.
      if (failed.stopped || failure.code == Code::lease_lost) return HandBack{};
      return give_up(failed, failure);
    case Category::data:
    case Category::constraint:
    case Category::limit:
      // Of the mapping it is what the spec asks for: `on_error: fail`.
      if (failed.side == Side::mapping) return EndJob{JobStatus::failed, failure};
      return ask_policy(failed, policy);
    case Category::transient:
    case Category::throttled:
    case Category::internal:
      return ask_policy(failed, policy);
  }
  return give_up(failed, failure);
}

Failure current_failure() {
  try {
    throw;
  } catch (const std::exception& error) {
    return failure_of(error);
  } catch (...) {
    return {Code::connector_failed,
            code_info(Code::connector_failed).category,
            "a connector threw something that is not an exception",
            {}};
  }
}

}  // namespace freight::engine
