#include "report/raw_columns.hpp"

#include <cstddef>
#include <string_view>
#include <utility>

#include "connectors/csv/field_cursor.hpp"
#include "core/spec/findings.hpp"
#include "core/spec/json_reader.hpp"

namespace freight::report {
namespace {

using Values = std::vector<std::optional<std::string>>;

/// The field's value as far as it can be told: a field with a quote out of place stands as it is.
std::optional<std::string> value_of(const csv::FieldSlice& field, const csv::Dialect& dialect) {
  if (field.is_misplaced || field.is_open) return std::string(field.raw);
  if (field.content.empty() && !field.is_quoted) return std::nullopt;
  if (!field.is_escaped) return std::string(field.content);
  std::string text(field.content.size(), '\0');
  text.resize(csv::FieldCursor::unescape(dialect, field, text.data()));
  return text;
}

std::optional<std::string> value_of(const core::spec::JsonValue& value) {
  if (value.is_null()) return std::nullopt;
  if (const auto* const text = value.string()) return *text;
  std::string json;
  core::spec::append_json(json, value, core::spec::JsonStyle::complete);
  return json;
}

}  // namespace

RawColumns::RawColumns(const StoredSpec& spec, std::vector<std::string> names)
    : dialect_(spec.csv_dialect()),
      is_json_(!dialect_),  // What has no text of its own is kept as JSON.
      names_(std::move(names)) {}

Values RawColumns::split(const DeadLetter& record) const {
  Values values(names_.size());
  const bool is_whole = !record.raw.empty() && record.raw.size() >= record.byte_length;
  if (!is_whole) return values;
  if (dialect_) split_csv(record.raw, values);
  if (is_json_) split_json(record.raw, values);
  return values;
}

void RawColumns::split_csv(const std::string& raw, Values& values) const {
  const csv::Dialect dialect(*dialect_);
  csv::FieldCursor cursor(dialect, raw);
  csv::FieldSlice field;
  for (std::size_t index = 0; index < values.size() && cursor.next(field); ++index) {
    values[index] = value_of(field, dialect);
  }
}

void RawColumns::split_json(const std::string& raw, Values& values) const {
  core::spec::Findings ignored;
  const auto read = core::spec::read_json(raw, {}, ignored);
  const auto* const object = read.value ? read.value->object() : nullptr;
  if (object == nullptr) return;
  for (std::size_t index = 0; index < values.size(); ++index) {
    if (const auto* const member = core::spec::find_member(*object, names_[index]))
      values[index] = value_of(*member);
  }
}

}  // namespace freight::report
