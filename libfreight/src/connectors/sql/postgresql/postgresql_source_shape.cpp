#include "connectors/sql/postgresql/postgresql_source_shape.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>

#include "connectors/sql/postgresql/postgresql_source_key.hpp"
#include "connectors/sql/postgresql/postgresql_source_types.hpp"
#include "connectors/sql/postgresql/postgresql_table.hpp"
#include "connectors/sql/source/source_error.hpp"
#include "core/ascii.hpp"

namespace freight::sql {
namespace {

using database::PostgresqlConnection;
using database::PostgresqlError;
using database::PostgresqlResult;
using Parameter = PostgresqlConnection::Parameter;

// A text of this many characters is short enough to be taken for as long as it may be.
constexpr int short_text = 64;
constexpr std::uint64_t bytes_of_field = 24;
constexpr std::uint64_t bytes_of_character = 4;

// SQL for the bytes of one value; empty for a type whose values are all short. None of these reads
// a value that is stored apart from its row.
std::string value_bytes(PostgresqlType type, const std::string& column) {
  switch (type) {
    case PostgresqlType::text:
    case PostgresqlType::varchar:
    case PostgresqlType::bpchar:
      return "coalesce(octet_length(" + column + "), 0)::bigint";
    case PostgresqlType::bytea:
      return "2 * coalesce(octet_length(" + column + "), 0)::bigint";
    case PostgresqlType::boolean:
    case PostgresqlType::name:
    case PostgresqlType::int2:
    case PostgresqlType::int4:
    case PostgresqlType::int8:
    case PostgresqlType::oid:
    case PostgresqlType::float4:
    case PostgresqlType::float8:
    case PostgresqlType::date:
    case PostgresqlType::time:
    case PostgresqlType::timestamp:
    case PostgresqlType::timestamptz:
    case PostgresqlType::uuid:
      return {};
    default:
      // As stored, perhaps compressed; as text it is longer.
      return "4 * coalesce(pg_column_size(" + column + "), 0)::bigint";
  }
}

void add_bytes(const PostgresqlResult& columns, int index, SourceShape& shape) {
  const auto type = static_cast<PostgresqlType>(columns.type(index));
  const int modifier = columns.type_modifier(index);
  shape.fixed_bytes += bytes_of_field;
  const bool is_limited = type == PostgresqlType::varchar || type == PostgresqlType::bpchar;
  if (is_limited && modifier >= typmod_header && modifier <= typmod_header + short_text) {
    shape.fixed_bytes += bytes_of_character * static_cast<std::uint64_t>(modifier - typmod_header);
    return;
  }
  if (type == PostgresqlType::numeric && modifier >= typmod_header) {
    // With a declared precision, which is the upper half of what goes beyond the header.
    shape.fixed_bytes += static_cast<std::uint64_t>((modifier - typmod_header) >> 16);
    return;
  }
  const std::string bytes = value_bytes(type, quote_identifier(columns.column_name(index)));
  if (bytes.empty()) return;
  if (!shape.further_bytes.empty()) shape.further_bytes += " + ";
  shape.further_bytes += bytes;
}

void read_columns(const PostgresqlResult& columns, SourceShape& shape) {
  for (int index = 0; index < columns.columns(); ++index) {
    shape.fields.emplace_back(columns.column_name(index));
    shape.types.push_back(postgresql_value_type(columns.type(index)));
  }
  refuse_repeated_fields(shape.fields);
  for (int index = 0; index < columns.columns(); ++index) add_bytes(columns, index, shape);
  // The sum's sum must not become a numeric, which is slow.
  if (!shape.further_bytes.empty()) {
    shape.further_bytes = "(" + shape.further_bytes + ")::double precision";
  }
}

void read_native_types(PostgresqlConnection& connection, const PostgresqlResult& columns,
                       SourceShape& shape) {
  std::string list;
  for (int index = 0; index < columns.columns(); ++index) {
    list += list.empty() ? "SELECT " : ", ";
    list += "format_type(" + std::to_string(columns.type(index)) + ", " +
            std::to_string(columns.type_modifier(index)) + ')';
  }
  const PostgresqlResult names = connection.run(list);
  for (int index = 0; index < names.columns(); ++index) {
    shape.native_types.emplace_back(names.text(0, index));
  }
}

// Characters from 1, the first `before` bytes being ours, to bytes of `text`.
std::optional<std::size_t> offset_of(const std::string& position, std::string_view text,
                                     std::size_t before) {
  std::size_t characters = 0;
  const char* const end = position.data() + position.size();
  if (std::from_chars(position.data(), end, characters).ptr != end) return std::nullopt;
  if (characters <= before) return std::nullopt;
  characters -= before + 1;
  std::size_t offset = 0;
  for (; offset < text.size(); ++offset) {
    const bool begins = (static_cast<unsigned char>(text[offset]) & 0xC0U) != 0x80U;
    if (begins && characters-- == 0) break;
  }
  return offset;
}

std::string nearest(PostgresqlConnection& connection, const std::string& words,
                    const std::vector<std::string>& fields) {
  const std::string column = name_after(words, "column ");
  if (!column.empty() && !fields.empty()) return suggestion(column, fields);
  const std::string table = name_after(words, "relation ");
  if (table.empty()) return {};
  try {
    // The failed statement took the transaction with it.
    connection.run("ROLLBACK");
    return suggestion(table, postgresql_table_names(connection, {}));
  } catch (const database::DatabaseError&) {
    return {};
  }
}

// What the server does not take for what it says (42 syntax and names, 22 data, 0A features): not
// what it cannot do now.
[[noreturn]] void refuse(PostgresqlConnection& connection, const PostgresqlError& error,
                         RefusedSql refused, std::size_t before,
                         const std::vector<std::string>& fields) {
  const auto& said = error.diagnostics();
  const bool is_about_text = said.sqlstate != "42501" &&
                             (said.sqlstate.starts_with("42") || said.sqlstate.starts_with("22") ||
                              said.sqlstate.starts_with("0A"));
  if (!is_about_text) throw error;
  refused.reason = said.message;
  refused.hint = said.hint;
  refused.sqlstate = said.sqlstate;
  refused.offset = offset_of(said.position, refused.text, before);
  if (refused.hint.empty()) refused.hint = nearest(connection, said.message, fields);
  throw refused_sql(refused);
}

PostgresqlResult look_at_query(PostgresqlConnection& connection, const SqlSourceSpec& spec,
                               SourceShape& shape) {
  const std::string query = bare_query(spec.query);
  try {
    const PostgresqlResult alone = connection.describe(query);
    check_parameters(spec, static_cast<std::size_t>(alone.parameters()));
  } catch (const PostgresqlError& error) {
    refuse(connection, error, {.key = "source.query", .text = spec.query}, 0, {});
  }
  shape.from = '(' + query + "\n) AS freight_source";
  try {
    return connection.describe("SELECT * FROM " + shape.from);
  } catch (const PostgresqlError& error) {
    if (error.failure().session_lost) throw;
    throw refused_sql({.key = "source.query",
                       .text = spec.query,
                       .reason = "it is not a single SELECT that only reads"});
  }
}

void check_where(PostgresqlConnection& connection, const SqlSourceSpec& spec,
                 const SourceShape& shape) {
  if (spec.where.empty()) {
    check_parameters(spec, 0);
    return;
  }
  const std::string before = "SELECT 1 FROM " + shape.from + " WHERE (";
  std::size_t characters = 0;
  for (const char letter : before) {
    if ((static_cast<unsigned char>(letter) & 0xC0U) != 0x80U) ++characters;
  }
  try {
    const auto described = connection.describe(before + spec.where + "\n)");
    check_parameters(spec, static_cast<std::size_t>(described.parameters()));
  } catch (const PostgresqlError& error) {
    refuse(connection, error, {.key = "source.where", .text = spec.where}, characters,
           shape.fields);
  }
}

struct Relation {
  std::string oid;
  TableName name;
};

std::optional<Relation> find_source_relation(PostgresqlConnection& connection,
                                             const TableName& name) {
  const std::string text = quote_table(name);
  const std::array<Parameter, 1> parameters{text};
  const PostgresqlResult row = connection.run(
      "SELECT c.oid, n.nspname, c.relname FROM pg_class c "
      "JOIN pg_namespace n ON n.oid = c.relnamespace "
      "WHERE c.oid = to_regclass($1) AND c.relkind IN ('r', 'p', 'v', 'm', 'f')",
      parameters);
  if (row.rows() == 0) return std::nullopt;
  return Relation{.oid = std::string(row.text(0, 0)),
                  .name = {.schema = std::string(row.text(0, 1)),
                           .table = std::string(row.text(0, 2)),
                           .quoted = true}};
}

Relation need_relation(PostgresqlConnection& connection, const TableName& name,
                       const std::string& display) {
  auto found = find_source_relation(connection, name);
  if (!found && !name.quoted) {
    found = find_source_relation(connection, {.schema = core::ascii_lower(name.schema),
                                              .table = core::ascii_lower(name.table),
                                              .quoted = true});
  }
  if (found) return *std::move(found);
  throw_no_source_table(name, display, postgresql_table_names(connection, name));
}

}  // namespace

std::optional<ValueType> postgresql_value_type(std::uint32_t type) {
  switch (static_cast<PostgresqlType>(type)) {
    case PostgresqlType::int2:
    case PostgresqlType::int4:
    case PostgresqlType::int8:
    case PostgresqlType::oid:
      return ValueType::integer;
    case PostgresqlType::numeric:
      return ValueType::decimal;
    case PostgresqlType::float4:
    case PostgresqlType::float8:
      return ValueType::number;
    case PostgresqlType::boolean:
      return ValueType::boolean;
    case PostgresqlType::date:
      return ValueType::date;
    case PostgresqlType::time:
      return ValueType::time;
    case PostgresqlType::timestamp:
    case PostgresqlType::timestamptz:
      return ValueType::datetime;
    case PostgresqlType::uuid:
      return ValueType::uuid;
    case PostgresqlType::json:
    case PostgresqlType::jsonb:
      return ValueType::json;
    case PostgresqlType::bytea:
      return ValueType::binary;
    default:
      return ValueType::string;
  }
}

SourceShape look_at_postgresql_source(PostgresqlConnection& connection, const SqlSourceSpec& spec,
                                      const std::string& display) {
  SourceShape shape;
  shape.parameter_mark = '$';
  shape.parameters = spec.params.size();
  if (!spec.query.empty()) {
    const PostgresqlResult columns = look_at_query(connection, spec, shape);
    read_columns(columns, shape);
    read_native_types(connection, columns, shape);
    set_trusted_key(spec.key, shape);
    name_postgresql_key_types(connection, columns, shape);
    return shape;
  }
  const Relation relation = need_relation(connection, source_table_name(spec), display);
  shape.from = quote_table(relation.name);
  const PostgresqlResult columns = connection.describe("SELECT * FROM " + shape.from);
  read_columns(columns, shape);
  read_native_types(connection, columns, shape);
  check_where(connection, spec, shape);
  shape.condition = spec.where;
  set_postgresql_table_key(connection, relation.oid, spec.key, shape);
  name_postgresql_key_types(connection, columns, shape);
  return shape;
}

}  // namespace freight::sql
