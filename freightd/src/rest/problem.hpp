#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

#include "freight/codes.hpp"
#include "freight/error.hpp"
#include "http/message.hpp"

namespace freight::daemon::rest {

/// One thing that is wrong with a body (`pointer`) or with a query (`parameter`).
struct InputError {
  std::string pointer = {};
  std::string parameter = {};
  Code code = Code::invalid_value;
  std::string detail = {};
};

/// A request that is not answered with what it asked for (RFC 9457). Thrown by whoever finds out.
struct Problem {
  Code code = Code::internal;
  std::string detail = {};
  std::vector<InputError> errors = {};
  /// Members beside those of every problem, such as `job_status`.
  boost::json::object more = {};
  http::Headers headers = {};
  /// Without one the code's own.
  std::optional<int> status = {};
};

/// What a tenant has not is told in the same words, whether another tenant has it or nobody.
Problem not_found(std::string_view what);

/// What an error says, and what to do about it.
std::string detail_of(const Error& error);

/// What an error of the library means to a client. Of a defect no more than that it is one.
Problem problem_of(const Error& error);

/// The code of an answer that only has a status.
Code code_of(int status);

http::Answer to_answer(const Problem& problem, std::string_view request_id);

}  // namespace freight::daemon::rest
