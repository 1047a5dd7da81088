#include "connectors/sql/postgresql/postgresql_table.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "core/ascii.hpp"
#include "core/contains.hpp"
#include "freight/error.hpp"

namespace freight::sql {
namespace {

using core::contains;
using database::PostgresqlConnection;
using database::PostgresqlResult;

// One row about the relation, or none.
PostgresqlResult find_relation(PostgresqlConnection& connection, const TableName& name) {
  return ask(connection,
             "SELECT c.oid, n.nspname, c.relname, c.relkind, c.relpersistence, "
             "row_security_active(c.oid), EXISTS (SELECT FROM pg_constraint k WHERE "
             "k.contype = 'f' AND k.conrelid = c.oid AND k.confrelid = c.oid), "
             "EXISTS (SELECT FROM pg_trigger g WHERE g.tgrelid = c.oid AND NOT g.tgisinternal "
             "AND g.tgtype & 3 = 3), EXISTS (SELECT FROM pg_constraint k WHERE "
             "k.contype = 'f' AND k.conrelid <> c.oid AND k.confrelid = c.oid) "
             "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
             "WHERE c.oid = to_regclass($1)",
             quote_table(name));
}

std::string_view kind_name(std::string_view kind) {
  if (kind == "v") return "a view";
  if (kind == "m") return "a materialized view";
  if (kind == "f") return "a foreign table";
  return "not a table";
}

// Only what COPY fills in the transaction that also holds the ledger.
void refuse_other_relations(const PostgresqlResult& row, const TableName& name) {
  const std::string_view kind = row.text(0, 3);
  if (kind != "r" && kind != "p") {
    throw Error(Code::destination_failed,
                "The destination " + display_table(name) + " is " + std::string(kind_name(kind)) +
                    ", which Freight does not write to.",
                {.hint = "Name the table behind it."});
  }
  if (row.flag(0, 5)) {
    throw Error(Code::destination_failed,
                "The table " + display_table(name) +
                    " has row-level security for this role, and COPY does not work with it.",
                {.hint = "Use the table's owner or a role with BYPASSRLS."});
  }
}

void set_bits(DestinationColumn& column, std::uint32_t bits) {
  column.type = ValueType::integer;
  column.integer_bits = bits;
}

void set_numeric(DestinationColumn& column, std::int64_t typmod) {
  column.type = ValueType::decimal;
  if (typmod < typmod_header) return;
  const std::int64_t bits = typmod - typmod_header;
  column.precision = static_cast<std::uint32_t>((bits >> 16) & 0xffff);
  // Eleven bits with a sign.
  column.scale = static_cast<std::int32_t>(((bits & 0x7ff) ^ 0x400) - 0x400);
}

void set_text(DestinationColumn& column, std::int64_t typmod) {
  column.type = ValueType::string;
  if (typmod >= typmod_header) {
    column.max_length = static_cast<std::uint32_t>(typmod - typmod_header);
  }
}

void set_float(DestinationColumn& column, std::uint32_t bits) {
  column.type = ValueType::number;
  column.lossy_decimal = true;
  column.float_bits = bits;
}

// Of times the modifier has no header.
void set_time(DestinationColumn& column, ValueType type, std::int64_t typmod) {
  column.type = type;
  if (typmod >= 0) column.fraction_digits = static_cast<std::uint32_t>(typmod);
}

// `name` is the base type's, in pg_catalog; what is not named here the server checks alone.
void set_type(DestinationColumn& column, std::string_view name, std::int64_t typmod) {
  if (name == "int2") return set_bits(column, 16);
  if (name == "int4") return set_bits(column, 32);
  if (name == "int8") return set_bits(column, 64);
  if (name == "numeric") return set_numeric(column, typmod);
  if (name == "text") return set_text(column, -1);
  if (name == "varchar" || name == "bpchar") return set_text(column, typmod);
  if (name == "float4") return set_float(column, 32);
  if (name == "float8") return set_float(column, 64);
  if (name == "bool") column.type = ValueType::boolean;
  if (name == "date") column.type = ValueType::date;
  if (name == "time") return set_time(column, ValueType::time, typmod);
  if (name == "timestamp" || name == "timestamptz") {
    column.drops_offset = name == "timestamp";
    return set_time(column, ValueType::datetime, typmod);
  }
  if (name == "uuid") column.type = ValueType::uuid;
  if (name == "json" || name == "jsonb") column.type = ValueType::json;
  if (name == "bytea") column.type = ValueType::binary;
}

// Domains are followed to the type that they are made of; their own rules come with them.
constexpr const char* columns_query =
    "WITH RECURSIVE types AS ("
    "SELECT attnum, atttypid AS type, atttypmod AS typmod, false AS not_null, false AS has_default "
    "FROM pg_attribute WHERE attrelid = $1::oid AND attnum > 0 AND NOT attisdropped "
    "UNION ALL "
    "SELECT t.attnum, d.typbasetype, d.typtypmod, t.not_null OR d.typnotnull, "
    "t.has_default OR d.typdefault IS NOT NULL "
    "FROM types t JOIN pg_type d ON d.oid = t.type AND d.typtype = 'd') "
    "SELECT a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull OR t.not_null, "
    "a.atthasdef OR a.attidentity <> '' OR t.has_default, "
    "a.attgenerated <> '', "
    "CASE WHEN n.nspname = 'pg_catalog' AND b.typtype = 'b' THEN b.typname END, t.typmod, "
    "format_type(a.atttypid, -1), a.attidentity = 'a', "
    "(SELECT string_agg('\"' || e.enumlabel || '\"', ', ' ORDER BY e.enumsortorder) "
    "FROM pg_enum e WHERE e.enumtypid = b.oid) "
    "FROM pg_attribute a JOIN types t ON t.attnum = a.attnum "
    "JOIN pg_type b ON b.oid = t.type AND b.typtype <> 'd' "
    "JOIN pg_namespace n ON n.oid = b.typnamespace "
    "WHERE a.attrelid = $1::oid ORDER BY a.attnum";

constexpr const char* primary_key_query =
    "SELECT a.attname FROM pg_index i CROSS JOIN unnest(i.indkey) WITH ORDINALITY k(attnum, place) "
    "JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum "
    "WHERE i.indrelid = $1::oid AND i.indisprimary ORDER BY k.place";

// One row a column of each key, in the order of the keys. Indexes that hold for some of the rows or
// are looked at late cannot say which row is meant.
constexpr const char* unique_keys_query =
    "SELECT i.indexrelid, a.attname FROM pg_index i "
    "CROSS JOIN unnest(i.indkey) WITH ORDINALITY k(attnum, place) "
    "JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum "
    "WHERE i.indrelid = $1::oid AND i.indisunique AND i.indimmediate AND i.indisvalid "
    "AND i.indpred IS NULL AND i.indexprs IS NULL AND k.place <= i.indnkeyatts "
    "ORDER BY i.indisprimary DESC, i.indexrelid, k.place";

void read_unique_keys(PostgresqlConnection& connection, PostgresqlTable& table) {
  const PostgresqlResult columns = ask(connection, unique_keys_query, table.oid);
  std::string_view index;
  for (int row = 0; row < columns.rows(); ++row) {
    if (columns.text(row, 0) != index) table.unique_keys.emplace_back();
    index = columns.text(row, 0);
    table.unique_keys.back().emplace_back(columns.text(row, 1));
  }
}

void read_catalog(PostgresqlConnection& connection, PostgresqlTable& table) {
  DestinationCatalog& catalog = table.catalog;
  const PostgresqlResult columns = ask(connection, columns_query, table.oid);
  for (int row = 0; row < columns.rows(); ++row) {
    DestinationColumn column;
    column.name = columns.text(row, 0);
    column.native_type = columns.text(row, 1);
    column.not_null = columns.flag(row, 2);
    column.has_default = columns.flag(row, 3);
    column.generated = columns.flag(row, 4);
    if (!columns.is_null(row, 5)) set_type(column, columns.text(row, 5), columns.integer(row, 6));
    table.cast_types.emplace_back(columns.text(row, 7));
    table.enum_words.emplace_back(columns.text(row, 9));
    if (columns.flag(row, 8)) table.identity_always.push_back(column.name);
    catalog.columns.push_back(std::move(column));
  }
  const PostgresqlResult key = ask(connection, primary_key_query, table.oid);
  for (int row = 0; row < key.rows(); ++row) catalog.primary_key.emplace_back(key.text(row, 0));
  read_unique_keys(connection, table);
}

std::optional<std::size_t> index_of(const DestinationCatalog& catalog, std::string_view column) {
  const auto found =
      std::find_if(catalog.columns.begin(), catalog.columns.end(),
                   [column](const DestinationColumn& one) { return one.name == column; });
  if (found == catalog.columns.end()) return std::nullopt;
  return static_cast<std::size_t>(found - catalog.columns.begin());
}

std::string_view type_name_to_be(const OutputColumn& column) {
  return postgresql_column_type(column.typed ? column.type : ValueType::string);
}

}  // namespace

std::vector<std::string> PostgresqlTable::column_names() const {
  std::vector<std::string> names;
  for (const DestinationColumn& column : catalog.columns) {
    if (!column.generated && !is_identity_always(column.name)) names.push_back(column.name);
  }
  return names;
}

std::string_view PostgresqlTable::cast_type(std::string_view column) const {
  const auto index = index_of(catalog, column);
  return index && *index < cast_types.size() ? std::string_view(cast_types[*index]) : "text";
}

std::string_view PostgresqlTable::enum_words_of(std::string_view column) const {
  const auto index = index_of(catalog, column);
  return index && *index < enum_words.size() ? std::string_view(enum_words[*index]) : "";
}

bool PostgresqlTable::is_identity_always(std::string_view column) const {
  return std::find(identity_always.begin(), identity_always.end(), column) != identity_always.end();
}

std::optional<PostgresqlTable> read_postgresql_table(PostgresqlConnection& connection,
                                                     const TableName& name) {
  PostgresqlResult row = find_relation(connection, name);
  if (row.rows() == 0 && !name.quoted) {
    row = find_relation(connection, {.schema = core::ascii_lower(name.schema),
                                     .table = core::ascii_lower(name.table),
                                     .quoted = true});
  }
  if (row.rows() == 0) return std::nullopt;
  PostgresqlTable table;
  table.oid = row.text(0, 0);
  table.name = {
      .schema = std::string(row.text(0, 1)), .table = std::string(row.text(0, 2)), .quoted = true};
  refuse_other_relations(row, table.name);
  table.unlogged = row.text(0, 4) == "u";
  table.refers_to_itself = row.flag(0, 6);
  table.has_row_triggers = row.flag(0, 7);
  table.is_referred_to = row.flag(0, 8);
  read_catalog(connection, table);
  return table;
}

std::vector<std::string> postgresql_table_names(PostgresqlConnection& connection,
                                                const TableName& like) {
  const bool with_schema = !like.schema.empty();
  const PostgresqlResult rows = connection.run(
      std::string("SELECT ") + (with_schema ? "n.nspname || '.' || c.relname" : "c.relname") +
      " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
      "WHERE c.relkind IN ('r', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema') "
      "AND n.nspname NOT LIKE 'pg\\_toast%'" +
      (with_schema ? "" : " AND pg_table_is_visible(c.oid)") + " ORDER BY 1 LIMIT 10000");
  std::vector<std::string> names;
  names.reserve(static_cast<std::size_t>(rows.rows()));
  for (int row = 0; row < rows.rows(); ++row) names.emplace_back(rows.text(row, 0));
  return names;
}

std::string_view postgresql_column_type(ValueType type) {
  switch (type) {
    case ValueType::string:
      return "text";
    case ValueType::integer:
      return "bigint";
    case ValueType::number:
      return "double precision";
    case ValueType::decimal:
      return "numeric";
    case ValueType::boolean:
      return "boolean";
    case ValueType::date:
      return "date";
    case ValueType::time:
      return "time";
    case ValueType::datetime:
      return "timestamptz";
    case ValueType::uuid:
      return "uuid";
    case ValueType::json:
      return "jsonb";
    case ValueType::binary:
      return "bytea";
  }
  return "text";
}

DestinationCatalog catalog_to_be(const PrepareRequest& request,
                                 const std::vector<std::string>& primary_key) {
  DestinationCatalog catalog;
  for (const OutputColumn& wanted : request.columns) {
    DestinationColumn column;
    column.name = wanted.name;
    column.native_type = type_name_to_be(wanted);
    column.type = wanted.typed ? wanted.type : ValueType::string;
    if (column.type == ValueType::integer) column.integer_bits = 64;
    column.not_null = contains(request.required, wanted.name) || contains(primary_key, wanted.name);
    catalog.columns.push_back(std::move(column));
  }
  catalog.primary_key = primary_key;
  return catalog;
}

}  // namespace freight::sql
