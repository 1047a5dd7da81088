#pragma once

#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "freight/codes.hpp"

namespace freight {

/// @addtogroup basics
/// @{

/// What there is to know of an Error beside its code and message. Never holds a secret.
struct ErrorDetails {
  /// What to do about it; empty when there is nothing to say.
  std::string hint = {};
  /// SQLSTATE of PostgreSQL, or empty.
  std::string sqlstate = {};
  /// The other side asked to be left alone for so long (`Retry-After`).
  std::optional<std::chrono::milliseconds> retry_after = {};
  /// The other side could not be reached at all: not an answer, and so not an attempt.
  bool outage = false;
};

/// What every operation of Freight throws when it cannot go on. What is expected to happen (a lost
/// lease, a duplicate idempotency key, a rejected record) is a value instead and never thrown.
class Error : public std::runtime_error {
 public:
  /// `message` says what was wrong and where, in a line, without secrets.
  Error(Code code, const std::string& message, ErrorDetails details = {});
  /// For the few codes whose category depends on the occasion (what a database answers).
  Error(Code code, Category category, const std::string& message, ErrorDetails details = {});

  /// What went wrong, for programs to tell errors apart.
  Code code() const { return code_; }
  /// What may be done about it; the code's own unless the error was made with another.
  Category category() const { return category_; }
  /// True for the categories that may pass the next time: transient, throttled, ambiguous.
  bool retryable() const;
  /// Hint, SQLSTATE and the like. Lives as long as the error.
  const ErrorDetails& details() const { return details_; }

 private:
  Code code_;
  Category category_;
  ErrorDetails details_;
};

/// An error as a value: what a failed attempt leaves behind for the retry policy and the storage.
struct Failure {
  Code code = Code::internal;
  Category category = Category::internal;
  /// A line for people, without secrets.
  std::string message;
  ErrorDetails details;
};

/// The value of a thrown error. What is not a freight::Error becomes `internal`.
Failure failure_of(const std::exception& error);

/// @}

}  // namespace freight
