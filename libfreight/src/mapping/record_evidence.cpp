#include "mapping/record_evidence.hpp"

#include <string_view>

#include "core/json_text.hpp"
#include "core/record_json.hpp"
#include "core/utf8.hpp"

namespace freight::mapping {
namespace {

constexpr std::size_t longest_raw = std::size_t{64} * 1024;
constexpr std::size_t longest_key_value = 1024;

void append_key_value(std::string& json, const SourceField& field) {
  if (field.kind <= FieldKind::null) {
    json += "null";
  } else if (field.kind == FieldKind::integer || field.kind == FieldKind::decimal ||
             field.kind == FieldKind::boolean) {
    json += field.text();
  } else {
    core::append_json_string(json, core::cut_utf8(field.text(), longest_key_value));
  }
}

}  // namespace

RecordException RecordEvidence::of(const RecordBatch& batch, std::size_t index,
                                   Outcome outcome) const {
  const SourceRecord& record = batch.records[index];
  RecordException exception;
  exception.outcome = outcome;
  exception.ordinal = record.ordinal;
  exception.line = record.line;
  exception.byte_offset = record.byte_offset;
  exception.byte_length = record.byte_length;
  if (record.parse_error >= 0) {
    if (store_raw_) exception.raw = core::cut_utf8(record.raw, longest_raw);
    return exception;
  }
  const SourceField* const fields = batch.fields.data() + index * batch.layout->size();
  exception.key_values = key_values(fields);
  if (!store_raw_) return exception;
  if (!batch.raw_from_fields) {
    exception.raw = core::cut_utf8(record.raw, longest_raw);
    return exception;
  }
  const std::string raw = core::record_json(*batch.layout, fields);
  exception.byte_length = raw.size();
  exception.raw = core::cut_utf8(raw, longest_raw);
  return exception;
}

std::string RecordEvidence::key_values(const SourceField* fields) const {
  if (key_.empty()) return {};
  std::string json = "{";
  for (const Key& part : key_) {
    if (json.size() > 1) json += ',';
    core::append_json_string(json, part.name);
    json += ':';
    if (part.constant) {
      core::append_json_string(json, *part.constant);
      continue;
    }
    const SourceField absent;
    append_key_value(json, part.index ? fields[*part.index] : absent);
  }
  json += '}';
  return json;
}

}  // namespace freight::mapping
