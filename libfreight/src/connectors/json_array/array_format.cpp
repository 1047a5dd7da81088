#include "connectors/json_array/array_format.hpp"

#include <utility>

#include "connectors/json_array/array_scanner.hpp"

namespace freight::json_array {

ArrayFormat::ArrayFormat(ArrayPlace array, const json::RecordText& text, json::RecordLayout layout)
    : ObjectFormat(text, std::move(layout)), array_(std::move(array)) {}

std::unique_ptr<file::RecordScanner> ArrayFormat::make_scanner(const file::LineStart& start) const {
  return std::make_unique<ArrayScanner>(array_, max_record_bytes(), start);
}

std::string ArrayFormat::hint_for(std::string_view raw) const {
  if (raw.empty()) return "Take out the comma that is too many.";
  return "Each element of the array is to be one JSON object.";
}

}  // namespace freight::json_array
