#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "connectors/sql/source/source_shape.hpp"

namespace freight::sql {

/// Where the rows of a statement begin: behind a key, which comes as bounds, or after so many.
struct SourceStart {
  bool after_key = false;
  std::uint64_t skip = 0;
};

/// How far one range may go.
struct SourceCutLimits {
  std::uint64_t records = 0;
  std::uint64_t bytes = 0;
};

/// The statements that read a source, alike for PostgreSQL and SQLite. Their parameters are those
/// of the shape, then one for each key column behind which they begin, then one for each key column
/// with which they end, where they do either. Immutable.
///
/// With a key every statement touches the rows of its own range alone, given an index on the key.
/// Without one it passes over all rows before: the square of the number of rows in all.
class SourceStatements {
 public:
  /// Of the shape all is kept that is needed.
  explicit SourceStatements(const SourceShape& shape);

  /// One number: the rows, up to `limit`; with `up_to_key` those up to a key.
  std::string count(std::optional<std::uint64_t> limit, bool up_to_key) const;
  /// As cut(), of the last of all rows.
  std::string last_key() const;
  /// A row when a column of the key is NULL somewhere.
  std::string null_in_key() const;
  /// The end of the range that begins at `start`: its number of rows, whether a key is there twice
  /// (0 or 1), and the key of its last row. No row when there is nothing left. With a key it looks
  /// no further than up to a key.
  std::string cut(const SourceStart& start, const SourceCutLimits& limits) const;
  /// The rows of a range that ends with a key, up to `most`.
  std::string rows(bool after_key, std::uint64_t most) const;
  /// `count` rows after `skip`, of a source without a key.
  std::string page(std::uint64_t skip, std::uint64_t count) const;

 private:
  std::string where(bool after_key, bool up_to_key) const;
  std::string bounds(std::size_t first_parameter) const;
  std::string candidates(const SourceStart& start, std::uint64_t most, bool with_bytes) const;

  std::vector<SourceKeyColumn> key_;
  bool trusted_key_;
  bool by_place_;
  std::string from_;
  std::string condition_;
  std::size_t parameters_;
  char parameter_mark_;
  std::uint64_t fixed_bytes_;
  std::string further_bytes_;
  std::string columns_;
  std::string key_list_;
};

}  // namespace freight::sql
