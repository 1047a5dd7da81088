#include "storage/sql/value_texts.hpp"

#include <boost/json.hpp>

#include "core/json_text.hpp"
#include "core/utf8.hpp"
#include "freight/tenant_limits.hpp"
#include "storage/sql/json_rows.hpp"

namespace freight::storage {
namespace {

namespace json = boost::json;

// What we wrote ourselves and a person may have changed: anything odd reads as nothing.
json::value parsed(std::string_view text) {
  json::error_code error;
  auto value = json::parse(json::string_view(text.data(), text.size()), error);
  return error ? json::value() : value;
}

std::string string_at(const json::object& object, std::string_view key) {
  const auto* found = object.if_contains(key);
  if (found == nullptr || !found->is_string()) return {};
  return std::string(found->get_string().data(), found->get_string().size());
}

std::optional<std::int64_t> integer_at(const json::object& object, std::string_view key) {
  const auto* found = object.if_contains(key);
  if (found == nullptr) return std::nullopt;
  if (const auto* number = found->if_int64()) return *number;
  return std::nullopt;
}

bool flag_at(const json::object& object, std::string_view key) {
  const auto* found = object.if_contains(key);
  return found != nullptr && found->is_bool() && found->get_bool();
}

void add(std::string& out, std::string_view key, std::string_view value) {
  if (value.empty()) return;
  core::append_json_key(out, key);
  core::append_json_string(out, value);
}

void add(std::string& out, std::string_view key, std::int64_t value) {
  core::append_json_key(out, key);
  out += std::to_string(value);
}

void append(std::string& out, const RecordError& error) {
  out += out.size() > 1 ? ",{" : "{";
  add(out, "code", to_string(error.code));
  add(out, "stage", to_string(error.stage));
  add(out, "column", error.column);
  if (error.value && core::is_valid_utf8(*error.value)) {
    core::append_json_key(out, "value");
    core::append_json_string(out, *error.value);
  } else if (error.value) {
    add(out, "value_hex", hex_of(*error.value));
  }
  add(out, "expected", error.expected);
  add(out, "message", error.message);
  add(out, "hint", error.hint);
  add(out, "sqlstate", error.sqlstate);
  if (error.http_status) add(out, "http_status", *error.http_status);
  out += '}';
}

RecordError error_of(const json::object& object) {
  RecordError error{.code = parse_code(string_at(object, "code")).value_or(Code::internal),
                    .stage = parse_stage(string_at(object, "stage")).value_or(Stage::parse),
                    .column = string_at(object, "column"),
                    .value = std::nullopt,
                    .expected = string_at(object, "expected"),
                    .message = string_at(object, "message"),
                    .hint = string_at(object, "hint"),
                    .sqlstate = string_at(object, "sqlstate"),
                    .http_status = std::nullopt};
  if (object.contains("value")) error.value = string_at(object, "value");
  if (object.contains("value_hex")) error.value = bytes_of_hex(string_at(object, "value_hex"));
  if (const auto status = integer_at(object, "http_status")) {
    error.http_status = static_cast<int>(*status);
  }
  return error;
}

}  // namespace

std::string text_of(const std::map<std::string, std::string>& labels) {
  std::string out = "{";
  for (const auto& [name, value] : labels) {
    if (out.size() > 1) out += ',';
    core::append_json_string(out, name);
    out += ':';
    core::append_json_string(out, value);
  }
  return out + "}";
}

std::map<std::string, std::string> labels_of(std::string_view text) {
  std::map<std::string, std::string> labels;
  const auto value = parsed(text);
  if (!value.is_object()) return labels;
  for (const auto& member : value.get_object()) {
    labels[std::string(member.key().data(), member.key().size())] =
        string_at(value.get_object(), std::string_view(member.key().data(), member.key().size()));
  }
  return labels;
}

std::string text_of(std::span<const std::string> texts) {
  std::string out = "[";
  for (const auto& text : texts) {
    if (out.size() > 1) out += ',';
    core::append_json_string(out, text);
  }
  return out + "]";
}

std::vector<std::string> texts_of(std::string_view text) {
  std::vector<std::string> texts;
  const auto value = parsed(text);
  if (!value.is_array()) return texts;
  for (const auto& item : value.get_array()) {
    if (item.is_string()) texts.emplace_back(item.get_string().data(), item.get_string().size());
  }
  return texts;
}

std::string text_of(const TenantLimits& limits) {
  std::string out = "{";
  for_each_limit(limits, [&](std::string_view name, const std::optional<std::uint64_t>& limit) {
    if (limit) add(out, name, static_cast<std::int64_t>(*limit));
  });
  return out + '}';
}

TenantLimits limits_of(std::string_view text) {
  TenantLimits limits;
  const auto value = parsed(text);
  if (!value.is_object()) return limits;
  for_each_limit(limits, [&](std::string_view name, std::optional<std::uint64_t>& limit) {
    if (const auto number = integer_at(value.get_object(), name); number && *number >= 0)
      limit = static_cast<std::uint64_t>(*number);
  });
  return limits;
}

std::string text_of(const Failure& failure) {
  std::string out = "{";
  add(out, "code", to_string(failure.code));
  add(out, "category", to_string(failure.category));
  add(out, "message", failure.message);
  add(out, "hint", failure.details.hint);
  add(out, "sqlstate", failure.details.sqlstate);
  if (failure.details.retry_after) add(out, "retry_after_ms", failure.details.retry_after->count());
  if (failure.details.outage) {
    core::append_json_key(out, "outage");
    out += "true";
  }
  return out + "}";
}

Failure failure_of_text(std::string_view text) {
  Failure failure;
  const auto value = parsed(text);
  if (!value.is_object()) return failure;
  const auto& object = value.get_object();
  failure.code = parse_code(string_at(object, "code")).value_or(Code::internal);
  failure.category = parse_category(string_at(object, "category")).value_or(Category::internal);
  failure.message = string_at(object, "message");
  failure.details.hint = string_at(object, "hint");
  failure.details.sqlstate = string_at(object, "sqlstate");
  if (const auto delay = integer_at(object, "retry_after_ms")) {
    failure.details.retry_after = std::chrono::milliseconds(*delay);
  }
  failure.details.outage = flag_at(object, "outage");
  return failure;
}

std::string text_of(const WaitingOn& waiting) {
  std::string out = "{";
  add(out, "code", to_string(waiting.code));
  add(out, "message", waiting.message);
  add(out, "since", waiting.since.time_since_epoch().count());
  add(out, "next_attempt_at", waiting.next_attempt_at.time_since_epoch().count());
  return out + "}";
}

WaitingOn waiting_of(std::string_view text) {
  WaitingOn waiting;
  const auto value = parsed(text);
  if (!value.is_object()) return waiting;
  const auto& object = value.get_object();
  const auto time_at = [&](std::string_view key) {
    return Timestamp(std::chrono::microseconds(integer_at(object, key).value_or(0)));
  };
  waiting.code = parse_code(string_at(object, "code")).value_or(Code::destination_unavailable);
  waiting.message = string_at(object, "message");
  waiting.since = time_at("since");
  waiting.next_attempt_at = time_at("next_attempt_at");
  return waiting;
}

std::string text_of(std::span<const RecordError> errors) {
  std::string out = "[";
  for (const auto& error : errors) append(out, error);
  return out + "]";
}

std::vector<RecordError> errors_of(std::string_view text) {
  std::vector<RecordError> errors;
  const auto value = parsed(text);
  if (!value.is_array()) return errors;
  for (const auto& item : value.get_array()) {
    if (item.is_object()) errors.push_back(error_of(item.get_object()));
  }
  return errors;
}

}  // namespace freight::storage
