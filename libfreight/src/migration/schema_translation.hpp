#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "freight/database_schema.hpp"

namespace freight::migration {

/// From which database's words into which.
struct Translation {
  DatabaseKind from = DatabaseKind::sqlite;
  DatabaseKind to = DatabaseKind::sqlite;

  bool same() const { return from == to; }
};

/// The type that a column gets: its own within one kind of database; else one that takes all of its
/// values. SQLite holds nobody to a declared length or precision, so that neither is carried over.
std::string column_type(const TableColumn& column, const Translation& translation);

/// The default in the other database's SQL; nullopt when it may not mean the same there.
std::optional<std::string> default_value(const TableColumn& column, const Translation& translation);

/// The condition in the other database's SQL: comparisons of columns with numbers, texts and each
/// other, put together with AND, OR, NOT, IN, BETWEEN, IS NULL and length(); nullopt for anything
/// else.
std::optional<std::string> check_expression(const TableCheck& check,
                                            const std::vector<TableColumn>& columns,
                                            const Translation& translation);

}  // namespace freight::migration
