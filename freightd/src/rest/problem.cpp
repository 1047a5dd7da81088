#include "rest/problem.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <boost/json.hpp>

namespace freight::daemon::rest {
namespace {

namespace json = boost::json;

std::string_view title_of(int status) {
  constexpr std::array<std::pair<int, std::string_view>, 20> titles{{
      {400, "Bad Request"},
      {401, "Unauthorized"},
      {403, "Forbidden"},
      {404, "Not Found"},
      {405, "Method Not Allowed"},
      {408, "Request Timeout"},
      {409, "Conflict"},
      {413, "Content Too Large"},
      {414, "URI Too Long"},
      {415, "Unsupported Media Type"},
      {417, "Expectation Failed"},
      {422, "Unprocessable Content"},
      {429, "Too Many Requests"},
      {431, "Request Header Fields Too Large"},
      {500, "Internal Server Error"},
      {501, "Not Implemented"},
      {503, "Service Unavailable"},
      {505, "HTTP Version Not Supported"},
      {507, "Insufficient Storage"},
      {502, "Bad Gateway"},
  }};
  const auto* const found = std::find_if(titles.begin(), titles.end(),
                                         [&](const auto& title) { return title.first == status; });
  return found == titles.end() ? "Error" : found->second;
}

json::object object_of(const InputError& error) {
  json::object object;
  if (!error.parameter.empty()) object["parameter"] = error.parameter;
  if (error.parameter.empty()) object["pointer"] = error.pointer;
  object["code"] = std::string(to_string(error.code));
  object["detail"] = error.detail;
  return object;
}

}  // namespace

Problem not_found(std::string_view what) {
  return {.code = Code::not_found, .detail = "there is no such " + std::string(what)};
}

std::string detail_of(const Error& error) {
  const std::string& hint = error.details().hint;
  return hint.empty() ? error.what() : std::string(error.what()) + "; " + hint;
}

Problem problem_of(const Error& error) {
  const bool ours = error.category() == Category::internal;
  Problem problem{.code = error.code(), .detail = detail_of(error)};
  const int status = code_info(error.code()).http_status;
  if (ours || status >= 500) problem.detail = code_info(error.code()).description;
  if (status == 503) problem.headers.emplace_back("Retry-After", "1");
  return problem;
}

Code code_of(int status) {
  switch (status) {
    case 401:
      return Code::unauthorized;
    case 403:
      return Code::forbidden;
    case 404:
      return Code::not_found;
    case 405:
      return Code::method_not_allowed;
    case 408:
      return Code::request_timeout;
    case 413:
      return Code::payload_too_large;
    case 414:
      return Code::uri_too_long;
    case 415:
      return Code::unsupported_media_type;
    case 431:
      return Code::headers_too_large;
    case 503:
      return Code::unavailable;
    default:
      return status >= 500 && status != 501 && status != 505 ? Code::internal : Code::bad_request;
  }
}

http::Answer to_answer(const Problem& problem, std::string_view request_id) {
  const int status = problem.status.value_or(code_info(problem.code).http_status);
  json::object body = problem.more;
  const std::string code(to_string(problem.code));
  body["type"] = "/docs#" + code;
  body["title"] = title_of(status);
  body["status"] = status;
  body["detail"] = problem.detail;
  body["instance"] = "urn:freight:request:" + std::string(request_id);
  body["code"] = code;
  body["request_id"] = request_id;
  if (!problem.errors.empty()) {
    json::array errors;
    for (const InputError& error : problem.errors) errors.push_back(object_of(error));
    body["errors"] = std::move(errors);
  }
  return {.status = status,
          .headers = problem.headers,
          .content_type = "application/problem+json",
          .body = json::serialize(body)};
}

}  // namespace freight::daemon::rest
