#include "rest/body.hpp"

#include <algorithm>
#include <utility>

#include <boost/json.hpp>

#include "rest/text.hpp"

namespace freight::daemon::rest {
namespace {

namespace json = boost::json;

std::string pointer_escaped(std::string_view key) {
  std::string token;
  for (const char character : key) {
    if (character == '~') {
      token += "~0";
    } else if (character == '/') {
      token += "~1";
    } else {
      token += character;
    }
  }
  return token;
}

json::object parse_object(const std::string& text) {
  json::error_code failed;
  json::stream_parser parser;
  const std::size_t taken = parser.write_some(text, failed);
  if (!failed) parser.finish(failed);
  const auto blank = [](char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; };
  if (!failed && !std::all_of(text.begin() + static_cast<std::ptrdiff_t>(taken), text.end(), blank))
    failed = json::error::extra_data;
  if (failed) {
    throw Problem{.code = Code::invalid_json_document,
                  .detail = "the body is not valid JSON: " + failed.message() + " near byte " +
                            std::to_string(taken)};
  }
  json::value value = parser.release();
  if (!value.is_object())
    throw invalid_body({{.code = Code::wrong_type, .detail = "must be an object"}});
  return std::move(value.get_object());
}

}  // namespace

std::string content_type_of(const http::Request& request) {
  const std::string* const header = request.header("Content-Type");
  if (header == nullptr) return {};
  std::string type = header->substr(0, header->find(';'));
  type.erase(type.find_last_not_of(" \t") + 1);
  return lower_case(type);
}

void require_content_type(const http::Request& request,
                          std::initializer_list<std::string_view> types) {
  const std::string type = content_type_of(request);
  const bool known = std::find(types.begin(), types.end(), type) != types.end();
  const std::string* const coding = request.header("Content-Encoding");
  const bool plain = coding == nullptr || *coding == "identity";
  if ((type.empty() || known) && plain) return;
  std::string list;
  for (const std::string_view one : types) list += (list.empty() ? "" : " or ") + std::string(one);
  throw Problem{.code = Code::unsupported_media_type,
                .detail = plain ? "the body has to be " + list
                                : "compressed bodies are not taken; send it as it is"};
}

json::object json_body(const http::Request& request) {
  require_content_type(request, {"application/json"});
  return parse_object(request.body);
}

json::object json_object(const http::Request& request) { return parse_object(request.body); }

json::object optional_json_body(const http::Request& request) {
  if (request.body.empty()) return {};
  return json_body(request);
}

std::string ObjectReader::pointer_of(std::string_view key) const {
  return pointer_ + "/" + pointer_escaped(key);
}

const json::value* ObjectReader::value(std::string_view key) {
  known_.emplace(key);
  const auto* const found = object_.if_contains(key);
  return found == nullptr || found->is_null() ? nullptr : found;
}

std::optional<std::string> ObjectReader::text(std::string_view key, std::size_t most) {
  const auto* const found = value(key);
  if (found == nullptr) return std::nullopt;
  if (!found->is_string()) {
    report(key, "must be a string", Code::wrong_type);
    return std::nullopt;
  }
  std::string text(found->get_string().data(), found->get_string().size());
  if (text.size() > most) {
    report(key, "has at most " + std::to_string(most) + " bytes", Code::value_out_of_range);
  } else if (!is_clean_text(text)) {
    report(key, "has a control character");
  } else {
    return text;
  }
  return std::nullopt;
}

std::optional<std::uint64_t> ObjectReader::number(std::string_view key, std::uint64_t least,
                                                  std::uint64_t most) {
  const auto* const found = value(key);
  if (found == nullptr) return std::nullopt;
  json::error_code failed;
  const auto number = found->is_number() ? found->to_number<std::uint64_t>(failed) : 0;
  if (!found->is_int64() && !found->is_uint64()) {
    report(key, "must be a whole number", Code::wrong_type);
  } else if (failed || number < least || number > most) {
    report(key, "must be from " + std::to_string(least) + " to " + std::to_string(most),
           Code::value_out_of_range);
  } else {
    return number;
  }
  return std::nullopt;
}

std::optional<bool> ObjectReader::flag(std::string_view key) {
  const auto* const found = value(key);
  if (found == nullptr) return std::nullopt;
  if (found->is_bool()) return found->get_bool();
  report(key, "must be true or false", Code::wrong_type);
  return std::nullopt;
}

std::optional<std::vector<std::string>> ObjectReader::texts(std::string_view key,
                                                            std::size_t most) {
  const auto* const found = value(key);
  if (found == nullptr) return std::nullopt;
  if (!found->is_array()) {
    report(key, "must be an array of strings", Code::wrong_type);
    return std::nullopt;
  }
  if (found->get_array().size() > most) {
    report(key, "has at most " + std::to_string(most) + " items", Code::value_out_of_range);
    return std::nullopt;
  }
  std::vector<std::string> texts;
  for (const json::value& item : found->get_array()) {
    if (!item.is_string()) {
      report(key, "must be an array of strings", Code::wrong_type);
      return std::nullopt;
    }
    texts.emplace_back(item.get_string().data(), item.get_string().size());
  }
  return texts;
}

const json::object* ObjectReader::object(std::string_view key) {
  const auto* const found = value(key);
  if (found == nullptr) return nullptr;
  if (found->is_object()) return &found->get_object();
  report(key, "must be an object", Code::wrong_type);
  return nullptr;
}

void ObjectReader::require(std::string_view key) {
  if (value(key) == nullptr) report(key, "is required", Code::missing_key);
}

void ObjectReader::report(std::string_view key, std::string detail, Code code) {
  errors_.push_back({.pointer = pointer_of(key), .code = code, .detail = std::move(detail)});
}

void ObjectReader::report(std::vector<InputError> errors) {
  errors_.insert(errors_.end(), errors.begin(), errors.end());
}

void ObjectReader::report_unknown() {
  for (const auto& member : object_) {
    const std::string_view key(member.key().data(), member.key().size());
    if (!known_.contains(key)) report(key, "is no key of this object", Code::unknown_key);
  }
}

void ObjectReader::finish() {
  report_unknown();
  if (!errors_.empty()) throw invalid_body(std::move(errors_));
}

std::vector<InputError> ObjectReader::take_errors() {
  report_unknown();
  return std::move(errors_);
}

Problem invalid_body(std::vector<InputError> errors) {
  Problem problem{.code = errors.front().code, .status = 422};
  problem.errors = std::move(errors);
  const InputError& first = problem.errors.front();
  problem.detail = (first.pointer.empty() ? "the body" : "'" + printable(first.pointer) + "'") +
                   " " + first.detail;
  return problem;
}

}  // namespace freight::daemon::rest
