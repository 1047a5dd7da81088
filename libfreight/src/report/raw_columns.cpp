#include "report/raw_columns.hpp"

#include <algorithm>
#include <cstddef>
#include <span>
#include <string_view>
#include <utility>

#include "connectors/csv/field_cursor.hpp"
#include "connectors/csv/rejects_columns.hpp"
#include "connectors/file/place_index.hpp"
#include "connectors/file/text_encoding.hpp"
#include "core/file_locator.hpp"
#include "core/spec/findings.hpp"
#include "core/spec/json_reader.hpp"
#include "core/utf8.hpp"
#include "freight/codes.hpp"
#include "report/csv_text.hpp"
#include "report/stored_spec.hpp"

namespace freight::report {
namespace {

using Values = RawColumns::Values;

/// The field's value as far as it can be told: a field with a quote out of place stands as it is.
std::optional<std::string> value_of(const csv::FieldSlice& field, const csv::Dialect& dialect) {
  if (field.is_misplaced || field.is_open) return std::string(field.raw);
  if (field.content.empty() && !field.is_quoted) return std::nullopt;
  return csv::FieldCursor::text_of(dialect, field);
}

std::optional<std::string> value_of(const core::spec::JsonValue& value) {
  if (value.is_null()) return std::nullopt;
  if (const auto* const text = value.string()) return *text;
  std::string json;
  core::spec::append_json(json, value, core::spec::JsonStyle::complete);
  return json;
}

Values cells_of(const std::string& text, const CsvDialect& spec) {
  const csv::Dialect dialect(spec);
  csv::FieldCursor cursor(dialect, text);
  csv::FieldSlice field;
  Values cells;
  while (cursor.next(field)) cells.push_back(value_of(field, dialect));
  return cells;
}

bool is_number(const std::optional<std::string>& cell) {
  return cell && !cell->empty() && cell->find_first_not_of("0123456789") == std::string::npos;
}

/// Whether these are the cells of a row that Freight wrote into a rejects file.
/// The file itself, whose header says so, may be gone when its rejects are looked at.
bool are_of_rejects_file(std::span<const std::optional<std::string>> cells) {
  if (cells.size() < csv::rejects_columns.size()) return false;
  const auto& encoding = cells[csv::rejects_raw_encoding];
  const auto& code = cells[csv::rejects_code];
  return std::all_of(cells.begin(), cells.begin() + csv::rejects_code, is_number) && code &&
         parse_code(*code) && (encoding == "utf-8" || encoding == csv::escaped_cells);
}

/// How many cells of a row come before the source's own: 0 when it is of no rejects file.
std::size_t rejects_cells_in(const Values& cells) {
  const std::span<const std::optional<std::string>> all(cells);
  if (are_of_rejects_file(all)) return csv::rejects_columns.size();
  if (!cells.empty() && are_of_rejects_file(all.subspan(1))) {
    return 1 + csv::rejects_columns.size();
  }
  return 0;
}

/// The source's own cells of such a row, in which so many come before them.
Values without_rejects_columns(Values cells, std::size_t before) {
  const bool is_escaped = cells[before - 1] == csv::escaped_cells;
  cells.erase(cells.begin(), cells.begin() + static_cast<std::ptrdiff_t>(before));
  for (auto& cell : cells) {
    if (cell && is_escaped) cell = unescape_bytes(*cell);
  }
  return cells;
}

/// A rejects file that nobody saved in another form is UTF-8 with commas, whatever the spec says.
bool is_as_freight_wrote_it(const std::string& text) {
  return rejects_cells_in(cells_of(text, CsvDialect{})) > 0;
}

}  // namespace

RawColumns::RawColumns(const Job& job) : names_(job.source_fields) {
  const StoredSpec spec(job.spec);
  is_csv_ = spec.text("source", "type") == "csv";
  if (is_csv_) dialect_ = spec.csv_dialect();
  encoding_ = file::text_encoding(spec.encoding());
  is_of_utf16_ = encoding_ != spec.encoding();
  with_file_ = job.fingerprint.starts_with(core::fingerprint_of_files);
}

std::vector<std::string> RawColumns::rejects_header() const {
  std::vector<std::string> header;
  if (with_file_) header.emplace_back(csv::rejects_file_column);
  header.insert(header.end(), csv::rejects_columns.begin(), csv::rejects_columns.end());
  for (const std::string& name : names_) {
    header.push_back(csv::name_in_rejects_file(name, with_file_));
  }
  return header;
}

std::string RawColumns::text_of(const DeadLetter& record) const {
  if (encoding_ == Encoding::utf_8 || is_as_freight_wrote_it(record.raw)) return record.raw;
  return file::to_utf8(record.raw, encoding_);
}

Values RawColumns::split(const std::string& text, std::uint64_t byte_length,
                         std::string_view locator) const {
  if (!can_split(text, byte_length)) return Values(names_.size());
  return is_csv_ ? split_csv(text, locator) : split_json(text);
}

bool RawColumns::can_split(const std::string& text, std::uint64_t byte_length) const {
  if (is_csv_ && !dialect_) return false;
  return !text.empty() && length_in_source(text) >= byte_length;
}

/// The other encodings have one byte a character.
std::uint64_t RawColumns::length_in_source(const std::string& text) const {
  if (is_of_utf16_) return file::utf16_bytes(text);
  if (encoding_ == Encoding::utf_8 || is_as_freight_wrote_it(text)) return text.size();
  std::uint64_t length = 0;
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t sound = core::valid_utf8_prefix(rest);
    length += file::encoded_size(rest, sound, encoding_);
    rest.remove_prefix(sound);
    if (rest.empty()) break;
    ++length;  // The byte that is no text.
    rest.remove_prefix(1);
  }
  return length;
}

Values RawColumns::split_csv(const std::string& text, std::string_view locator) const {
  Values cells = cells_of(text, CsvDialect{});
  if (rejects_cells_in(cells) == 0) cells = cells_of(text, *dialect_);
  const std::size_t before = rejects_cells_in(cells);
  if (before > 0) cells = without_rejects_columns(std::move(cells), before);
  const auto file = core::FileLocator::from_text(locator);
  if (!file || file->columns.empty()) {
    cells.resize(names_.size());
    return cells;
  }
  Values placed(names_.size());
  for (std::size_t index = 0; index < std::min(cells.size(), file->columns.size()); ++index) {
    const std::size_t column = file->columns[index];
    if (column < placed.size()) placed[column] = std::move(cells[index]);
  }
  return placed;
}

Values RawColumns::split_json(const std::string& text) const {
  Values values(names_.size());
  core::spec::Findings ignored;
  const auto read = core::spec::read_json(text, {}, ignored);
  const auto* const object = read.value ? read.value->object() : nullptr;
  if (object == nullptr) return values;
  for (std::size_t index = 0; index < values.size(); ++index) {
    if (const auto* const member = core::spec::find_member(*object, names_[index]))
      values[index] = value_of(*member);
  }
  return values;
}

}  // namespace freight::report
