#pragma once

#include <string>
#include <vector>

#include "connectors/sql/table_name.hpp"
#include "freight/database_schema.hpp"
#include "freight/migration.hpp"
#include "migration/schema_translation.hpp"

namespace freight::migration {

/// A foreign key whose table goes along or is there.
struct CarriedKey {
  const ForeignKey* key = nullptr;
  sql::TableName referred;
};

/// CREATE TABLE with its columns, keys, defaults and checks as far as they mean the same; SQLite's
/// with its foreign keys, which cannot be added later. What is left out goes to `notes`.
std::string create_table(const DatabaseTable& table, const sql::TableName& name,
                         const std::vector<CarriedKey>& foreign_keys,
                         const Translation& translation, std::vector<std::string>& notes);

/// CREATE INDEX; empty, with a note, for one that the other database may understand otherwise.
/// `index_name` is free in the destination.
std::string create_index(const TableIndex& index, const std::string& index_name,
                         const sql::TableName& table, const Translation& translation);

/// `artist_id -> artists`.
std::string subject_of(const CarriedKey& carried);

/// ALTER TABLE for PostgreSQL: adds the key for new rows, then looks at those that are there, which
/// keeps nobody from writing meanwhile.
std::vector<std::string> add_foreign_key(const CarriedKey& carried, const std::string& key_name,
                                         const sql::TableName& table);

/// The keys of rows that refer to nothing, the first of them.
std::string violations_query(const CarriedKey& carried, const sql::TableName& table);

}  // namespace freight::migration
