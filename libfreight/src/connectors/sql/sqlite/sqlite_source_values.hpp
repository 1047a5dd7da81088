#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "connectors/sql/source/source_position.hpp"
#include "database/sqlite/native_statement.hpp"
#include "freight/job_spec.hpp"
#include "freight/record.hpp"

namespace freight::sql {

/// A value of a key with what it is stored as, as text that holds it exactly: `i` and an integer,
/// `r` and the bits of a float, `t` and text, `b` and `x` with the hex of a blob and of a text that
/// is no UTF-8.
std::string sqlite_key_value(const database::SqliteStatement& row, int column);

/// Binds the spec's parameters and then the bounds. Both must stay where they are while the
/// statement lives; so must this.
class SqliteBindings {
 public:
  SqliteBindings(std::span<const SqlParameter> parameters, std::span<const std::string> bounds);

  void bind(database::SqliteStatement& statement) const;

 private:
  std::span<const SqlParameter> parameters_;
  // Of the bounds: their first letter, and the text or bytes that they stand for.
  std::vector<char> kinds_;
  std::vector<std::string> texts_;
};

/// Appends the rows that a statement gives to a batch whose layout is set; one that is longer than
/// a record may be, or holds text that is no UTF-8, is rejected.
class SqliteRowAppender {
 public:
  SqliteRowAppender(RecordBatch& batch, std::uint64_t max_record_bytes)
      : batch_(batch), max_record_bytes_(max_record_bytes) {}

  /// The row that the statement stands on.
  void append(const database::SqliteStatement& row, std::uint64_t ordinal);

 private:
  RecordBatch& batch_;
  std::uint64_t max_record_bytes_;
};

}  // namespace freight::sql
