#pragma once

#include <cstdint>

#include "database/postgresql/native_connection.hpp"
#include "freight/record.hpp"

namespace freight::sql {

/// Appends the rows to an empty batch whose layout is set, with ordinals from `first_ordinal` on;
/// a row that is longer than a record may be is rejected. With `check_text` texts are looked at for
/// bytes that are no UTF-8 (a server whose encoding is SQL_ASCII).
void append_postgresql_rows(const database::PostgresqlResult& rows, std::uint64_t first_ordinal,
                            bool check_text, RecordBatch& batch);

}  // namespace freight::sql
