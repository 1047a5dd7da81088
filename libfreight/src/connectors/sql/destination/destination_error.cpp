#include "connectors/sql/destination/destination_error.hpp"

#include <string>

#include "connectors/sql/destination/failure_details.hpp"

namespace freight::sql {
namespace {

using database::Condition;

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
  const std::string message = failure_message(failure, doing);
  ErrorDetails details = failure_details(failure);
  switch (failure.condition) {
    case Condition::unavailable:
      if (failure.has_no_room()) {
        details.outage = true;
        return {Code::destination_unavailable, Category::throttled, message, details};
      }
      return unavailable(message, details);
    case Condition::busy:
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
