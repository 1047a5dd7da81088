#include "connectors/jsonl/jsonl_rows.hpp"

#include <algorithm>
#include <cstddef>

#include "core/json_text.hpp"
#include "mapping/values/json_check.hpp"

namespace freight::jsonl {
namespace {

class LineCounter final : public file::RowFormat::Counter {
 public:
  void add(std::string_view piece) override {
    lines_ += static_cast<std::uint64_t>(std::count(piece.begin(), piece.end(), '\n'));
  }
  std::uint64_t records() const override { return lines_; }

 private:
  std::uint64_t lines_ = 0;
};

bool is_json(std::string_view text) {
  std::size_t offset = 0;
  return mapping::check_json(text, offset) == mapping::Fault::none;
}

/// White space around tokens may be line breaks, which would end the line; in strings there are
/// none.
void append_json(std::string_view text, std::string& out) {
  const auto at = out.size();
  out += text;
  std::replace_if(
      out.begin() + static_cast<std::ptrdiff_t>(at), out.end(),
      [](char byte) { return byte == '\n' || byte == '\r'; }, ' ');
}

/// NaN and infinities of a `number` are no JSON.
bool is_json_number(std::string_view text) {
  const auto digits = text.substr(!text.empty() && text.front() == '-' ? 1 : 0);
  return !digits.empty() && digits.front() >= '0' && digits.front() <= '9' && is_json(text);
}

void append_value(const Value& value, std::string& out) {
  const auto text = value.text();
  if (value.is_null()) {
    out += "null";
    return;
  }
  switch (value.type) {
    case ValueType::integer:
    case ValueType::number:
    case ValueType::decimal:
      if (!is_json_number(text)) break;
      out += text;
      return;
    case ValueType::boolean:
      if (text != "true" && text != "false") break;
      out += text;
      return;
    case ValueType::json:
      if (!is_json(text)) break;
      append_json(text, out);
      return;
    default:
      break;
  }
  core::append_json_string(out, text);
}

/// `{"name":` and `,"name":`.
std::vector<std::string> keys_of(const std::vector<OutputColumn>& columns) {
  std::vector<std::string> keys;
  for (const auto& column : columns) {
    std::string key(1, keys.empty() ? '{' : ',');
    core::append_json_string(key, column.name);
    keys.push_back(key + ':');
  }
  return keys;
}

}  // namespace

void JsonlRows::append(const OutputBatch& rows, std::string& out) const {
  const auto keys = keys_of(rows.columns);
  for (std::size_t row = 0; row < rows.rows(); ++row) {
    const Value* const values = rows.row(row);
    for (std::size_t column = 0; column < keys.size(); ++column) {
      out += keys[column];
      append_value(values[column], out);
    }
    out += keys.empty() ? "{}\n" : "}\n";
  }
}

std::unique_ptr<file::RowFormat::Counter> JsonlRows::counter() const {
  return std::make_unique<LineCounter>();
}

}  // namespace freight::jsonl
