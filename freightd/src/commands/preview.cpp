#include "freight/preview.hpp"

#include <string>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "commands/command.hpp"
#include "console.hpp"
#include "exit_status.hpp"
#include "job_file.hpp"
#include "terminal_text.hpp"

namespace freight::daemon {
namespace {

namespace json = boost::json;

constexpr std::uint64_t default_records = 20;
constexpr std::uint64_t most_records = 100;

json::value text_or_null(const std::optional<std::string>& text) {
  if (!text) return nullptr;
  return json::value(json::string(*text));
}

json::array errors_of(const PreviewRecord& record) {
  json::array errors;
  for (const RecordError& error : record.errors) {
    errors.push_back(json::object{{"code", json::string(to_string(error.code))},
                                  {"stage", json::string(to_string(error.stage))},
                                  {"column", error.column},
                                  {"value", text_or_null(error.value)},
                                  {"expected", error.expected},
                                  {"message", error.message},
                                  {"hint", error.hint}});
  }
  return errors;
}

json::object object_of(const Preview& preview, const PreviewRecord& record) {
  json::object source;
  for (const auto& [name, text] : record.source) source[name] = text_or_null(text);
  json::value mapped = nullptr;
  if (!record.mapped.empty()) {
    json::object columns;
    for (std::size_t column = 0; column < record.mapped.size(); ++column) {
      columns[preview.columns[column].name] = text_or_null(record.mapped[column]);
    }
    mapped = std::move(columns);
  }
  return {{"ordinal", record.ordinal},
          {"source", std::move(source)},
          {"mapped", std::move(mapped)},
          {"filtered", record.filtered},
          {"errors", errors_of(record)}};
}

std::string json_of(const Preview& preview) {
  json::array columns;
  for (const OutputColumn& column : preview.columns) {
    columns.push_back(
        json::object{{"name", column.name}, {"type", json::string(to_string(column.type))}});
  }
  json::array records;
  for (const PreviewRecord& record : preview.records) records.push_back(object_of(preview, record));
  return json::serialize(
             json::object{{"columns", std::move(columns)}, {"records", std::move(records)}}) +
         "\n";
}

std::string text_of(const Preview& preview) {
  std::string text;
  for (const PreviewRecord& record : preview.records) {
    text += "record " + std::to_string(record.ordinal);
    if (record.line > 0) text += ", line " + std::to_string(record.line);
    text += record.filtered ? ": filtered\n" : record.mapped.empty() ? ": rejected\n" : "\n";
    for (std::size_t column = 0; column < record.mapped.size(); ++column) {
      const auto& value = record.mapped[column];
      text += "  " + printable(preview.columns[column].name) + " = " +
              (value ? "'" + printable(*value) + "'" : "NULL") + "\n";
    }
    for (const RecordError& error : record.errors) {
      text += "  " + std::string(to_string(error.code)) + ": " + printable(error.message) + "\n";
    }
  }
  return text;
}

}  // namespace

int preview_command(const Options& options) {
  const auto spec =
      read_job_file({.path = options.arguments.front(), .overrides = options.overrides});
  if (!spec) return exit_usage;
  const std::uint64_t limit = options.limit.value_or(default_records);
  if (limit < 1 || limit > most_records) {
    throw Error(Code::usage, "a preview shows 1 to 100 records");
  }
  PreviewOptions preview_options;
  preview_options.limit = static_cast<std::uint32_t>(limit);
  const Preview shown = preview(*spec, default_connectors(), preview_options);
  print(options.json ? json_of(shown) : text_of(shown));
  return exit_completed;
}

}  // namespace freight::daemon
