#pragma once

#include <cstdint>

#include "database/postgresql/native_connection.hpp"
#include "freight/record.hpp"

namespace freight::sql {

struct RowRules {
  /// A longer row is rejected.
  std::uint64_t max_record_bytes = 0;
  /// Texts are looked at for bytes that are no UTF-8 (a server whose encoding is SQL_ASCII).
  bool check_text = false;
};

/// Appends the rows to an empty batch whose layout is set, with ordinals from `first_ordinal` on.
void append_postgresql_rows(const database::PostgresqlResult& rows, std::uint64_t first_ordinal,
                            const RowRules& rules, RecordBatch& batch);

}  // namespace freight::sql
