#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "connectors/json/object_format.hpp"
#include "connectors/json_array/array_place.hpp"

namespace freight::json_array {

/// The elements of an array, laid out in given fields.
class ArrayFormat final : public json::ObjectFormat {
 public:
  ArrayFormat(ArrayPlace array, const json::RecordText& text, json::RecordLayout layout);

  std::unique_ptr<file::RecordScanner> make_scanner(const file::LineStart& start) const override;

 private:
  std::string_view unit() const override { return "record"; }
  std::string hint_for(std::string_view raw) const override;

  ArrayPlace array_;
};

}  // namespace freight::json_array
