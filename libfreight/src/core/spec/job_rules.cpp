#include <array>
#include <utility>

#include "core/spec/sections.hpp"

namespace freight::core::spec {
namespace {

constexpr std::array<Choice<JobMode>, 2> modes{
    {{"run", JobMode::run}, {"validate", JobMode::validate}}};
constexpr std::array<Choice<WriteOrder>, 2> write_orders{
    {{"any", WriteOrder::any}, {"source", WriteOrder::source}}};
constexpr std::array<Choice<Rerun>, 2> reruns{{{"refuse", Rerun::refuse}, {"allow", Rerun::allow}}};

/// A text that is only shown. Placeholders in it stay: what is shown must not hold values of the
/// environment.
std::string shown_text(ObjectReader& document, std::string_view key, std::size_t max_bytes) {
  const JsonValue* const value = document.find_unless_null(key);
  if (value == nullptr) return {};
  const std::string* const text = value->string();
  if (text == nullptr) {
    document.report_kind(key, "a string", *value);
    return {};
  }
  if (text->size() > max_bytes) {
    document.report(key, Code::value_out_of_range,
                    "must not be longer than " + std::to_string(max_bytes) + " bytes");
  } else if (text->find('\0') != std::string::npos) {
    document.report(key, Code::invalid_value, "must not hold a NUL character");
  }
  if (!text->empty()) document.add(key, *value);
  return *text;
}

void read_labels(ObjectReader& document, JobSpec& spec) {
  constexpr std::string_view key = "labels";
  const JsonValue* const value = document.find_unless_null(key);
  if (value == nullptr) return;
  const JsonObject* const labels = value->object();
  if (labels == nullptr) return document.report_kind(key, "an object of strings", *value);
  if (labels->size() > max_labels) {
    document.report(key, Code::value_out_of_range,
                    "must not have more than " + std::to_string(max_labels) + " labels");
    return;
  }
  const Location here = document.at(key);
  ObjectReader reader(document.reading(), value, here, "the labels");
  for (const JsonMember& label : *labels) {
    const bool good_key = !label.key.empty() && label.key.size() <= max_name_bytes &&
                          label.key.find('\0') == std::string::npos;
    if (!good_key) {
      reader.report(label.key, Code::value_out_of_range,
                    "a label's name must be of 1 to " + std::to_string(max_name_bytes) +
                        " bytes, none of them NUL");
    }
    if (label.value.is_null()) {
      reader.report_kind(label.key, "a string", label.value);
      continue;
    }
    spec.labels.emplace(label.key, shown_text(reader, label.key, max_name_bytes));
  }
  if (!labels->empty()) document.add(key, *value);
}

/// What wrote the spec may be newer than this version.
void check_format_version(ObjectReader& document) {
  constexpr std::string_view key = "spec_version";
  const JsonValue* const value = document.find(key);
  document.add(key, json_number(format_version));
  if (value == nullptr) return;
  const std::string* const digits = value->number();
  const auto version = digits == nullptr ? std::nullopt : parse_whole_number(*digits);
  if (!version) {
    document.report_kind(key, "a whole number", *value);
  } else if (*version > format_version) {
    document.report(
        key, Code::newer_format,
        "was written by a newer Freight; this one reads version " + std::to_string(format_version));
  } else if (*version == 0) {
    document.report(key, Code::value_out_of_range, "must be 1 or above");
  }
}

std::optional<Timestamp> read_run_at(ObjectReader& document) {
  constexpr std::string_view key = "run_at";
  if (document.find_unless_null(key) == nullptr) {
    document.add(key, {});
    return std::nullopt;
  }
  const auto text = document.plain_text(key, {});
  if (!text) return std::nullopt;
  const auto moment = parse_timestamp(*text);
  if (!moment) {
    document.report(key, Code::invalid_value,
                    "must be a moment with its zone as in RFC 3339, such as "
                    "\"2026-11-23T10:00:00Z\" or \"2026-11-23T10:00:00+01:00\"");
  }
  return moment;
}

}  // namespace

void read_job(ObjectReader& document, JobSpec& spec) {
  constexpr std::uint64_t default_priority = 5;
  constexpr std::uint64_t last_priority = 9;
  constexpr std::uint64_t longest_timeout_s = 31'536'000;
  check_format_version(document);
  shown_text(document, "$schema", max_url_bytes);
  spec.name = shown_text(document, "name", max_name_bytes);
  spec.description = shown_text(document, "description", max_description_bytes);
  read_labels(document, spec);
  spec.mode = document.choice<JobMode>("mode", modes, JobMode::run);
  spec.rehearse = document.boolean("rehearse", false);
  spec.priority = static_cast<int>(
      document.whole_number("priority", {.fallback = default_priority, .maximum = last_priority}));
  spec.run_at = read_run_at(document);
  spec.rerun = document.choice<Rerun>("rerun", reruns, Rerun::refuse);
  spec.timeout = std::chrono::seconds(document.whole_number(
      "timeout_s", {.fallback = static_cast<std::uint64_t>(spec.timeout.count()),
                    .minimum = 1,
                    .maximum = longest_timeout_s}));
}

void read_write_order(ObjectReader& document, JobSpec& spec) {
  constexpr std::string_view key = "write_order";
  const auto* const sql = std::get_if<SqlDestinationSpec>(&spec.destination);
  const bool is_merge = sql != nullptr && sql->write_disposition == WriteDisposition::merge;
  if (!is_merge) {
    spec.write_order = document.choice<WriteOrder>(key, write_orders, WriteOrder::any);
    return;
  }
  spec.write_order = WriteOrder::source;
  const JsonValue* const value = document.find(key);
  const std::string* const text = value == nullptr ? nullptr : value->string();
  if (text != nullptr && *text == "any") {
    // Later records win only in the order of the source: this is no more than the default.
    document.add(key, JsonValue{std::string("source")});
  } else {
    document.choice<WriteOrder>(key, write_orders, WriteOrder::source);
  }
}

}  // namespace freight::core::spec
