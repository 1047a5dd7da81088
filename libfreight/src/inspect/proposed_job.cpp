#include <utility>
#include <variant>

#include "connectors/file/text_encoding.hpp"
#include "core/spec/json_reader.hpp"
#include "core/spec/json_value.hpp"
#include "core/spec/object_reader.hpp"
#include "freight/error.hpp"
#include "freight/inspection.hpp"
#include "inspect/readable_json.hpp"

namespace freight {
namespace {

using core::spec::json_number;
using core::spec::json_text;
using core::spec::json_texts;
using core::spec::JsonArray;
using core::spec::JsonObject;
using core::spec::JsonValue;

JsonValue json_character(char character) { return JsonValue{std::string(1, character)}; }

JsonObject dialect_json(const CsvDialect& dialect) {
  const CsvDialect usual;
  JsonObject json;
  json.push_back({"delimiter", json_character(dialect.delimiter)});
  if (dialect.quote_char != usual.quote_char) {
    json.push_back(
        {"quoteChar", dialect.quote_char ? json_character(*dialect.quote_char) : JsonValue{}});
  }
  if (dialect.escape_char) json.push_back({"escapeChar", json_character(*dialect.escape_char)});
  json.push_back({"header", JsonValue{dialect.header}});
  if (dialect.header_names) json.push_back({"headerNames", json_texts(*dialect.header_names)});
  if (dialect.skip_rows > 0) json.push_back({"skipRows", json_number(dialect.skip_rows)});
  if (dialect.line_terminator != usual.line_terminator) {
    json.push_back({"lineTerminator", json_character(dialect.line_terminator)});
  }
  return json;
}

const CsvSourceSpec* csv_of(const Inspection& inspection) {
  return std::get_if<CsvSourceSpec>(&inspection.source);
}

const JsonSourceSpec* json_of(const Inspection& inspection) {
  return std::get_if<JsonSourceSpec>(&inspection.source);
}

std::string_view format_of(const Inspection& inspection) {
  if (csv_of(inspection) != nullptr) return "csv";
  return json_of(inspection) != nullptr ? "json" : "jsonl";
}

Encoding encoding_of(const Inspection& inspection) {
  if (const auto* const csv = csv_of(inspection)) return csv->encoding;
  if (const auto* const json = json_of(inspection)) return json->encoding;
  return std::get<JsonlSourceSpec>(inspection.source).encoding;
}

JsonObject source_json(const Inspection& inspection, const ProposedJob& proposed) {
  const auto* const csv = csv_of(inspection);
  const Encoding encoding = encoding_of(inspection);
  JsonObject json;
  json.push_back({"type", json_text(format_of(inspection))});
  if (proposed.upload.empty()) {
    json.push_back({"path", json_text(proposed.path)});
  } else {
    json.push_back({"upload", json_text(proposed.upload)});
  }
  if (encoding != Encoding::utf_8) json.push_back({"encoding", json_text(file::name_of(encoding))});
  if (csv != nullptr) json.push_back({"dialect", JsonValue{dialect_json(csv->dialect)}});
  const auto* const array = json_of(inspection);
  if (array != nullptr && !array->records_pointer.empty()) {
    json.push_back({"records_pointer", json_text(array->records_pointer)});
  }
  return json;
}

/// The keys of a field that say how it is read.
JsonObject reading_json(const ColumnReading& reading) {
  JsonObject json;
  json.push_back({"type", json_text(to_string(reading.type))});
  if (reading.format) json.push_back({"format", json_text(*reading.format)});
  if (reading.decimal_char != ".") json.push_back({"decimalChar", json_text(reading.decimal_char)});
  if (!reading.group_char.empty()) json.push_back({"groupChar", json_text(reading.group_char)});
  return json;
}

JsonArray candidates_json(const InspectedColumn& column) {
  JsonArray candidates;
  for (const ColumnReading& reading : column.readings) {
    candidates.push_back(JsonValue{reading_json(reading)});
  }
  return candidates;
}

JsonObject field_json(const InspectedColumn& column) {
  JsonObject json;
  json.push_back({"name", json_text(column.name)});
  if (column.readings.size() == 1) {
    for (auto& member : reading_json(column.readings[0])) json.push_back(std::move(member));
    return json;
  }
  json.push_back({"type", json_text("undecided")});
  json.push_back({"candidates", JsonValue{candidates_json(column)}});
  return json;
}

JsonObject schema_json(const Inspection& inspection) {
  JsonArray fields;
  for (const InspectedColumn& column : inspection.columns) {
    fields.push_back(JsonValue{field_json(column)});
  }
  JsonObject json;
  json.push_back({"fields", JsonValue{std::move(fields)}});
  if (!inspection.primary_key.empty()) {
    json.push_back({"primaryKey", json_texts(inspection.primary_key)});
  }
  json.push_back({"missingValues", json_texts(inspection.missing_values)});
  return json;
}

JsonValue destination_json(const std::string& text) {
  core::spec::Findings findings;
  auto read = core::spec::read_json(text, {}, findings);
  if (read.value && findings.empty()) return std::move(*read.value);
  throw Error(Code::invalid_json_document, "The destination of a proposed job is not JSON");
}

JsonObject job_json(const Inspection& inspection, const ProposedJob& proposed) {
  JsonObject json;
  json.push_back({"name", json_text(proposed.name)});
  json.push_back({"source", JsonValue{source_json(inspection, proposed)}});
  json.push_back({"schema", JsonValue{schema_json(inspection)}});
  json.push_back({"destination", destination_json(proposed.destination)});
  return json;
}

JsonObject column_json(const InspectedColumn& column) {
  JsonArray readings;
  for (const ColumnReading& reading : column.readings) {
    JsonObject json = reading_json(reading);
    json.push_back({"fitting", json_number(reading.fitting)});
    readings.push_back(JsonValue{std::move(json)});
  }
  JsonObject words;
  for (const auto& [word, count] : column.missing_words)
    words.push_back({word, json_number(count)});
  JsonObject json;
  json.push_back({"name", json_text(column.name)});
  json.push_back({"written_name", json_text(column.written_name)});
  const bool is_decided = column.readings.size() == 1;
  json.push_back(
      {"type", json_text(is_decided ? to_string(column.readings[0].type) : "undecided")});
  json.push_back({"readings", JsonValue{std::move(readings)}});
  json.push_back({"values", json_number(column.values)});
  json.push_back({"missing", json_number(column.missing)});
  json.push_back({"missing_words", JsonValue{std::move(words)}});
  json.push_back({"longest", json_number(column.longest)});
  json.push_back({"unique", JsonValue{column.unique}});
  json.push_back({"evidence", json_text(column.evidence)});
  return json;
}

JsonArray findings_json(const Inspection& inspection) {
  JsonArray findings;
  for (const InspectionFinding& finding : inspection.findings) {
    JsonObject json;
    json.push_back({"subject", json_text(finding.subject)});
    json.push_back({"text", json_text(finding.text)});
    json.push_back({"question", JsonValue{finding.question}});
    findings.push_back(JsonValue{std::move(json)});
  }
  return findings;
}

}  // namespace

std::string render_job(const Inspection& inspection, const ProposedJob& proposed) {
  return inspect::readable_json(JsonValue{job_json(inspection, proposed)});
}

std::string render_inspection(const Inspection& inspection, const ProposedJob& proposed) {
  JsonArray columns;
  for (const InspectedColumn& column : inspection.columns) {
    columns.push_back(JsonValue{column_json(column)});
  }
  JsonObject json;
  json.push_back({"size", json_number(inspection.size)});
  json.push_back({"sampled_bytes", json_number(inspection.sampled_bytes)});
  json.push_back({"sampled_records", json_number(inspection.sampled_records)});
  json.push_back({"faulty_records", json_number(inspection.faulty_records)});
  json.push_back({"whole", JsonValue{inspection.whole}});
  json.push_back({"format", json_text(format_of(inspection))});
  json.push_back({"encoding", json_text(file::name_of(encoding_of(inspection)))});
  const auto* const csv = csv_of(inspection);
  json.push_back({"dialect", csv != nullptr ? JsonValue{dialect_json(csv->dialect)} : JsonValue{}});
  json.push_back({"findings", JsonValue{findings_json(inspection)}});
  json.push_back({"columns", JsonValue{std::move(columns)}});
  json.push_back({"primary_key", json_texts(inspection.primary_key)});
  json.push_back({"job", JsonValue{job_json(inspection, proposed)}});
  return inspect::readable_json(JsonValue{std::move(json)});
}

}  // namespace freight
