#include "connectors/sql/destination_error.hpp"

#include <string>

namespace freight::sql {
namespace {

using database::Condition;

// Errors of the server's machine and of its insides may be gone the next time: they are tried
// again, as often as the job's retry policy says.
bool may_pass(const database::DatabaseFailure& failure) {
  const std::string_view state = failure.sqlstate;
  return state.starts_with("53") || state.starts_with("57") || state.starts_with("58") ||
         state.starts_with("XX");
}

Error unavailable(const std::string& message, ErrorDetails details) {
  details.outage = true;
  return {Code::destination_unavailable, message, details};
}

Error unclassified(const database::DatabaseFailure& failure, const std::string& message,
                   const ErrorDetails& details) {
  if (may_pass(failure)) return {Code::destination_failed, Category::transient, message, details};
  return {Code::destination_failed, message, details};
}

}  // namespace

Error destination_error(const database::DatabaseFailure& failure, std::string_view doing) {
  const std::string message = std::string(doing) + ": " + failure.text;
  ErrorDetails details{.hint = {}, .sqlstate = failure.sqlstate, .retry_after = {}};
  switch (failure.condition) {
    case Condition::unavailable:
      return unavailable(message, details);
    case Condition::busy:
      details.hint = "Another session holds a lock; find it, or wait.";
      return unavailable(message, details);
    case Condition::serialization:
      return {Code::serialization_failure, message, details};
    case Condition::timeout:
      return {Code::destination_failed, Category::transient, message, details};
    case Condition::denied:
      return {Code::destination_denied, message, details};
    case Condition::read_only:
      if (failure.sqlstate.empty()) return {Code::destination_denied, message, details};
      // A standby: where servers fail over the next look may meet the new primary.
      details.hint = "The server is read-only, perhaps a standby: name the primary in the URL.";
      return unavailable(message, details);
    case Condition::full:
      details.hint =
          "Make room (or lift the quota), then run the job again: it goes on where it was.";
      return {Code::destination_full, message, details};
    case Condition::ambiguous:
      return {Code::commit_unknown, message, details};
    default:
      return unclassified(failure, message, details);
  }
}

}  // namespace freight::sql
