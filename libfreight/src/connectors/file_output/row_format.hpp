#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "freight/record.hpp"

namespace freight::file {

/// How rows become the bytes of a file: one line each, or several where a text has line breaks.
/// Immutable and thread-safe.
class RowFormat {
 public:
  virtual ~RowFormat() = default;

  /// What stands before the first row; may be empty.
  virtual std::string header(const std::vector<OutputColumn>& columns) const = 0;
  virtual void append(const OutputBatch& rows, std::string& out) const = 0;

  /// Counts the records of a finished file, which is given piece by piece.
  class Counter {
   public:
    virtual ~Counter() = default;
    virtual void add(std::string_view piece) = 0;
    virtual std::uint64_t records() const = 0;
  };
  virtual std::unique_ptr<Counter> counter() const = 0;
};

}  // namespace freight::file
