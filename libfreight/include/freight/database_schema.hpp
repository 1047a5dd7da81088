#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "freight/record.hpp"

namespace freight {

/// @addtogroup running
/// @{

/// Which database a schema is of; what is said in its own words means nothing to another.
enum class DatabaseKind : std::uint8_t { sqlite, postgresql };

/// One column as the catalog has it.
struct TableColumn {
  std::string name = {};
  /// In the database's own words: "character varying(20)".
  std::string native_type = {};
  /// What Freight reads it as; nullopt for a column without a type.
  std::optional<ValueType> type = {};
  bool not_null = false;
  /// The default, in the database's own SQL.
  std::optional<std::string> default_value = {};
  /// The database computes it.
  bool generated = false;
  /// The database numbers rows that bring no value: identity, serial, or SQLite's INTEGER PRIMARY
  /// KEY. Its default_value is empty.
  bool numbered = false;
};

/// An index that is no key.
struct TableIndex {
  std::string name = {};
  bool unique = false;
  /// Empty for one over expressions, or for some of the rows: then only `definition` says it.
  std::vector<std::string> columns = {};
  /// All that follows the table's name, in the database's own SQL.
  std::string definition = {};
};

/// A reference to a row of this or of another table.
struct ForeignKey {
  /// Empty where the database keeps none.
  std::string name = {};
  std::vector<std::string> columns = {};
  /// As DatabaseTable::schema and name.
  std::string schema = {};
  std::string table = {};
  std::vector<std::string> referred = {};
  /// `CASCADE` and the like; empty for nothing.
  std::string on_delete = {};
  std::string on_update = {};
  /// Looked at when a transaction commits.
  bool deferred = false;
  /// False when rows that break it may be there (PostgreSQL's NOT VALID).
  bool validated = true;
};

/// A condition on each row.
struct TableCheck {
  /// Empty where the database keeps none.
  std::string name = {};
  /// Without CHECK, in the database's own SQL.
  std::string expression = {};
};

/// A table that holds rows of its own.
struct DatabaseTable {
  /// Empty in SQLite.
  std::string schema = {};
  std::string name = {};
  /// The search path leads to it: its name is enough.
  bool visible = true;
  std::vector<TableColumn> columns = {};
  std::vector<std::string> primary_key = {};
  std::vector<std::vector<std::string>> unique_keys = {};
  std::vector<TableIndex> indexes = {};
  std::vector<ForeignKey> foreign_keys = {};
  std::vector<TableCheck> checks = {};
  /// SQLite's STRICT and WITHOUT ROWID.
  bool strict = false;
  bool without_rowid = false;
  /// What of it is not told here; a sentence each.
  std::vector<std::string> notes = {};

  /// `name`, or `schema.name` where that is needed, for people and for patterns.
  std::string display() const;
  /// The same in quotes, for SQL.
  std::string quoted() const;
};

/// The tables of a database, by name. Freight's own are left out, and so are views.
struct DatabaseSchema {
  DatabaseKind kind = DatabaseKind::sqlite;
  std::vector<DatabaseTable> tables = {};
  /// What else holds rows, and is no table of these; a sentence each.
  std::vector<std::string> notes = {};

  /// nullptr when there is none of that name; without a schema it is one that is visible.
  const DatabaseTable* find(std::string_view schema, std::string_view name) const;
};

/// A connection to a database whose tables are looked at and made. One thread at a time. Throws
/// Error(source_unavailable) when it cannot be reached (an outage), Error(source_unreadable or
/// source_denied) for what it does not let itself be asked, and Error(destination_failed) with the
/// database's own words for a statement that it refuses.
class SchemaConnection {
 public:
  virtual ~SchemaConnection() = default;

  /// All tables as they are now.
  virtual DatabaseSchema read() = 0;
  /// Runs one statement that makes something.
  virtual void run(const std::string& statement) = 0;
  /// The rows that a query gives, NULL as nothing; for a few rows.
  virtual std::vector<std::vector<std::optional<std::string>>> ask(const std::string& query) = 0;
};

/// Opens `sqlite:PATH` or `postgresql://…`; an SQLite file is made when `create` says so. `watch`
/// is called while a server is waited for, and throws to give up. Throws as SchemaConnection, and
/// unsupported_connector for a backend that this build lacks.
std::unique_ptr<SchemaConnection> open_schema_connection(const std::string& url,
                                                         bool create = false,
                                                         std::function<void()> watch = {});

/// @}

}  // namespace freight
