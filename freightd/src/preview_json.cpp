#include "preview_json.hpp"

#include <utility>

#include <boost/json.hpp>

#include "freight/report.hpp"
#include "rest/shapes.hpp"

namespace freight::daemon {
namespace {

namespace json = boost::json;

json::value text_or_null(const std::optional<std::string>& text) {
  if (!text) return nullptr;
  return json::value(json::string(rest::utf8_of(*text)));
}

json::array errors_of(const PreviewRecord& record) {
  json::array errors;
  for (const RecordError& error : record.errors)
    errors.push_back(json::parse(render_record_error(error)));
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
  json::object object{{"ordinal", record.ordinal},
                      {"source", std::move(source)},
                      {"mapped", std::move(mapped)},
                      {"filtered", record.filtered},
                      {"errors", errors_of(record)}};
  if (!record.file.empty()) object["file"] = record.file;
  return object;
}

}  // namespace

json::object json_of(const Preview& preview) {
  json::array columns;
  for (const OutputColumn& column : preview.columns) {
    columns.push_back(
        json::object{{"name", column.name}, {"type", json::string(to_string(column.type))}});
  }
  json::array records;
  for (const PreviewRecord& record : preview.records) records.push_back(object_of(preview, record));
  return {{"columns", std::move(columns)}, {"records", std::move(records)}};
}

}  // namespace freight::daemon
