#include "connectors/sql/source/source_records.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "core/hash.hpp"
#include "core/hex.hpp"
#include "core/record_json.hpp"
#include "core/utf8.hpp"

namespace freight::sql {
namespace {

constexpr std::size_t kept_raw_bytes = std::size_t{64} * 1024;
constexpr std::size_t kept_value_bytes = 1024;

using Positions = std::unordered_map<std::string_view, std::size_t>;

RecordError error_of(const json::Fault& fault, std::string_view raw) {
  RecordError error;
  error.code = fault.code;
  error.value = std::string(core::cut_utf8(raw, kept_value_bytes));
  error.expected = "a JSON object with the row's columns";
  error.message =
      "At byte " + std::to_string(fault.offset) + " of the record " + std::string(fault.reason);
  return error;
}

void place_members(const json::ObjectReader& reader, const Positions& positions,
                   const SourceDescription& description, bool json_texts, RecordBatch& batch) {
  const auto index = static_cast<std::uint32_t>(batch.records.size() - 1);
  SourceField* const fields = batch.fields.data() + index * description.fields.size();
  for (const json::Member& member : reader.members()) {
    const auto found = positions.find(member.name);
    if (found == positions.end()) {
      batch.extra_fields.emplace_back(index, std::string(member.name));
      continue;
    }
    SourceField& field = fields[found->second] = member.value;
    if (field.kind != FieldKind::string || description.field_types.empty()) continue;
    // JSON has no words of its own for these.
    const auto type = description.field_types[found->second];
    if (json_texts && type == ValueType::json) field.kind = FieldKind::json;
    if (type == ValueType::binary && field.text().starts_with(core::binary_prefix)) {
      field.kind = FieldKind::binary;
    }
  }
}

}  // namespace

void reject_last_record(RecordBatch& batch, RecordError error, std::uint64_t bytes) {
  SourceRecord& record = batch.records.back();
  const std::size_t width = batch.layout->size();
  SourceField* const fields = batch.fields.data() + (batch.records.size() - 1) * width;
  const std::string raw = core::record_json(*batch.layout, fields);
  record.raw = batch.arena.copy(core::cut_utf8(raw, kept_raw_bytes));
  record.byte_length = std::max<std::uint64_t>(bytes, raw.size());
  record.parse_error = static_cast<std::int32_t>(batch.errors.size());
  batch.errors.push_back(std::move(error));
  std::fill_n(fields, width, SourceField{});
}

RecordError too_long(const RowLength& length) {
  RecordError error;
  error.code = Code::record_too_long;
  error.expected = "at most " + std::to_string(length.most) + " bytes";
  error.message = "The row is of " + std::to_string(length.bytes) + " bytes.";
  error.hint = "Raise source.max_record_bytes, or leave its longest column out with source.query.";
  return error;
}

RecordError not_utf8(const std::string& column, std::string_view text) {
  RecordError error;
  error.code = Code::invalid_utf8;
  error.column = column;
  error.value = std::string(core::cut_utf8(text, kept_value_bytes));
  error.expected = "text in UTF-8";
  error.message = "The text of column \"" + column + "\" is not valid UTF-8 at its byte " +
                  std::to_string(core::valid_utf8_prefix(text)) + ".";
  error.hint = "Read the column as CAST(... AS BLOB) in source.query to get its bytes in hex.";
  return error;
}

void decode_records(std::span<const RawRecord> records, const SourceDescription& description,
                    bool json_texts, RecordBatch& batch) {
  Positions positions;
  for (std::size_t index = 0; index < description.fields.size(); ++index) {
    positions.emplace(description.fields[index], index);
  }
  batch.fields.resize(records.size() * description.fields.size());
  json::ObjectReader reader;
  for (const RawRecord& given : records) {
    const std::string_view raw = batch.arena.copy(given.raw);
    SourceRecord& record = batch.records.emplace_back();
    record.ordinal = given.ordinal;
    record.byte_length = raw.size();
    if (const auto fault = reader.read(raw, batch.arena)) {
      record.raw = raw;
      record.parse_error = static_cast<std::int32_t>(batch.errors.size());
      batch.errors.push_back(error_of(*fault, raw));
    } else {
      place_members(reader, positions, description, json_texts, batch);
    }
  }
}

std::string hash_of_fields(const RecordBatch& batch) {
  core::ContentHash hash;
  for (const SourceField& field : batch.fields) {
    std::array<char, sizeof field.size + 1> head{};
    head[0] = static_cast<char>(field.kind);
    std::memcpy(head.data() + 1, &field.size, sizeof field.size);
    hash.update({head.data(), head.size()});
    hash.update(field.text());
  }
  // Of rejected rows the fields are gone.
  for (const SourceRecord& record : batch.records) hash.update(record.raw);
  return hash.hex();
}

}  // namespace freight::sql
