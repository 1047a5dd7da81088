#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "freight/record.hpp"

namespace freight::testing {

using Cell = std::optional<std::string>;

/// A column that the spec typed.
inline OutputColumn typed(std::string name, ValueType type) {
  return {.name = std::move(name), .type = type, .typed = true};
}

/// A column whose texts the destination is to type.
inline OutputColumn untyped(std::string name) {
  return {.name = std::move(name), .type = ValueType::string, .typed = false};
}

/// An OutputBatch that owns its texts.
class OutputRows {
 public:
  explicit OutputRows(std::vector<OutputColumn> columns, std::uint64_t first_ordinal = 0)
      : next_ordinal_(first_ordinal) {
    batch_.columns = std::move(columns);
  }
  OutputRows(const OutputRows&) = delete;
  OutputRows& operator=(const OutputRows&) = delete;

  OutputRows& add(const std::vector<Cell>& cells) {
    batch_.ordinals.push_back(next_ordinal_++);
    for (std::size_t column = 0; column < cells.size(); ++column) {
      Value value;
      value.type = batch_.columns.at(column).type;
      if (cells[column]) {
        const std::string& text = texts_.emplace_back(*cells[column]);
        value.data = text.data();
        value.size = static_cast<std::uint32_t>(text.size());
      }
      batch_.values.push_back(value);
    }
    return *this;
  }

  /// The next row's ordinal is so many further on.
  void skip_ordinals(std::uint64_t count) { next_ordinal_ += count; }

  const OutputBatch& batch() const { return batch_; }

 private:
  OutputBatch batch_;
  std::deque<std::string> texts_;
  std::uint64_t next_ordinal_;
};

}  // namespace freight::testing
