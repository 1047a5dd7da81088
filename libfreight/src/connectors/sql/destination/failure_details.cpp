#include "connectors/sql/destination/failure_details.hpp"

namespace freight::sql {

std::string failure_message(const database::DatabaseFailure& failure, std::string_view doing) {
  return std::string(doing) + ": " + failure.text;
}

ErrorDetails failure_details(const database::DatabaseFailure& failure) {
  ErrorDetails details{.hint = {}, .sqlstate = failure.sqlstate, .retry_after = {}};
  if (failure.condition == database::Condition::busy) {
    details.hint = "Another session holds a lock; find it, or wait.";
  }
  if (failure.has_no_room()) {
    details.hint = "The server has no connection left: raise its limit, or lower --connections.";
  }
  return details;
}

bool may_pass(const database::DatabaseFailure& failure) {
  const std::string_view state = failure.sqlstate;
  return state.starts_with("53") || state.starts_with("57") || state.starts_with("58") ||
         state.starts_with("XX");
}

}  // namespace freight::sql
