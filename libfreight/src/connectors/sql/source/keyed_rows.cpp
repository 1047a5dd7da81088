#include "connectors/sql/source/keyed_rows.hpp"

#include <algorithm>
#include <bit>
#include <functional>
#include <string_view>
#include <utility>

#include "connectors/sql/destination/refusal.hpp"
#include "connectors/sql/destination/write_rules.hpp"

namespace freight::sql {
namespace {

RecordError null_in_key(const OutputBatch& batch, std::size_t column) {
  const std::string& name = batch.columns[column].name;
  RecordError error = write_error(
      Code::not_null_violation,
      "The column " + name + " is part of the key of merge, and the record has no value for it.");
  error.column = name;
  error.expected = "a value";
  return error;
}

// The key of each row in one piece. Of several columns each text has its length before it, so that
// no two keys look alike; a single column is its own text.
class KeyTexts {
 public:
  KeyTexts(const OutputBatch& batch, std::vector<std::size_t> columns)
      : batch_(batch), columns_(std::move(columns)), begins_(batch.rows() + 1, 0) {
    if (columns_.size() == 1) return;
    for (std::size_t row = 0; row < batch.rows(); ++row) {
      const Value* values = batch.row(row);
      for (const std::size_t column : columns_) {
        const std::uint32_t size = values[column].size;
        joined_.append(reinterpret_cast<const char*>(&size), sizeof size);
        joined_.append(values[column].text());
      }
      begins_[row + 1] = joined_.size();
    }
  }

  std::string_view of(std::uint32_t row) const {
    if (columns_.size() == 1) return batch_.row(row)[columns_.front()].text();
    return std::string_view(joined_).substr(begins_[row], begins_[row + 1] - begins_[row]);
  }

 private:
  const OutputBatch& batch_;
  const std::vector<std::size_t> columns_;
  std::string joined_;
  std::vector<std::size_t> begins_;
};

// The last row of each key so far, in a table of places: no allocation a row.
class LastRows {
 public:
  LastRows(const KeyTexts& texts, std::size_t rows)
      : texts_(texts), places_(std::bit_ceil(2 * rows + 1), none) {}

  // The row that had the key before, or `none`.
  std::uint32_t exchange(std::uint32_t row) {
    const std::string_view key = texts_.of(row);
    const std::size_t mask = places_.size() - 1;
    for (std::size_t place = std::hash<std::string_view>()(key) & mask;;
         place = (place + 1) & mask) {
      std::uint32_t& held = places_[place];
      if (held == none || texts_.of(held) == key) return std::exchange(held, row);
    }
  }

  static constexpr std::uint32_t none = 0xffff'ffff;

 private:
  const KeyTexts& texts_;
  std::vector<std::uint32_t> places_;
};

}  // namespace

KeyedRows last_of_each_key(const OutputBatch& batch, const std::vector<std::string>& key) {
  const std::vector<std::size_t> columns = key_positions(batch.columns, key);
  const KeyTexts texts(batch, columns);
  LastRows last(texts, batch.rows());
  KeyedRows out;
  std::vector<bool> sent(batch.rows(), true);
  for (std::uint32_t row = 0; row < batch.rows(); ++row) {
    const Value* values = batch.row(row);
    const auto null = std::find_if(columns.begin(), columns.end(), [values](std::size_t column) {
      return values[column].is_null();
    });
    if (null != columns.end()) {
      sent[row] = false;
      out.refused.push_back({.row = row, .error = null_in_key(batch, *null)});
      continue;
    }
    const std::uint32_t earlier = last.exchange(row);
    if (earlier == LastRows::none) continue;
    sent[earlier] = false;
    out.overtaken.emplace(row, HeldRow{.row = earlier, .error = {}});
  }
  for (std::uint32_t row = 0; row < batch.rows(); ++row) {
    if (sent[row]) out.rows.push_back(row);
  }
  return out;
}

}  // namespace freight::sql
