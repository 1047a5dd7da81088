#include "storage/sql/storage_error.hpp"

#include <string>

namespace freight::storage {
namespace {

using database::Condition;

struct Answer {
  Code code;
  const char* hint;
};

Answer answer_to(Condition condition) {
  switch (condition) {
    case Condition::unavailable:
    case Condition::ambiguous:
      return {Code::storage_unavailable, "check that the server runs and can be reached"};
    case Condition::busy:
    case Condition::timeout:
    case Condition::serialization:
      return {Code::storage_busy, "another process holds it; try again"};
    case Condition::denied:
      return {Code::storage_denied, "check the user, the password and the rights"};
    case Condition::read_only:
      return {Code::storage_denied, "it is read-only here; make it writable or name another"};
    case Condition::full:
      return {Code::storage_full, "make room and run again: nothing is lost"};
    case Condition::missing:
      return {Code::storage_failed, "check the path or the name of the database"};
    case Condition::damaged:
      return {Code::storage_failed, "name a database that Freight made, or a new file"};
    default:
      return {Code::storage_failed, ""};
  }
}

}  // namespace

Error storage_error(const database::DatabaseError& error, std::string_view display_url) {
  const auto& failure = error.failure();
  const auto answer = answer_to(failure.condition);
  return Error(answer.code, "storage " + std::string(display_url) + ": " + failure.text,
               {.hint = answer.hint,
                .sqlstate = failure.sqlstate,
                .retry_after = std::nullopt,
                .outage = failure.condition == Condition::unavailable ||
                          failure.condition == Condition::ambiguous});
}

}  // namespace freight::storage
