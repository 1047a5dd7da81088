#include "connectors/sql/postgresql/postgresql_error_map.hpp"

#include <algorithm>
#include <array>

#include "connectors/sql/destination/refusal.hpp"
#include "core/ascii.hpp"
#include "core/utf8.hpp"
#include "core/visible.hpp"

namespace freight::sql {
namespace {

using database::Condition;
using database::PostgresqlDiagnostics;
using database::PostgresqlResult;
using Parameter = database::PostgresqlConnection::Parameter;

constexpr std::size_t message_bytes = 4096;
constexpr std::size_t expected_bytes = 1024;
constexpr std::size_t value_bytes = 128;

constexpr std::array<std::pair<std::string_view, Code>, 9> refusal_codes{{
    {"23505", Code::unique_violation},
    {"23503", Code::foreign_key_violation},
    {"23502", Code::not_null_violation},
    {"23514", Code::check_violation},
    {"22P02", Code::type_mismatch},
    {"22007", Code::type_mismatch},
    {"22003", Code::out_of_range},
    {"22008", Code::out_of_range},
    {"22001", Code::too_long},
}};

// Of the value, and so of the column that it was for.
bool is_of_value(std::string_view sqlstate) { return sqlstate.starts_with("22"); }

// The key that a unique violation's detail names is the record's own, and what is wrong with a
// value stands in its detail; a check's or a NOT NULL's detail is the whole row once more.
bool has_telling_detail(std::string_view sqlstate) {
  return is_of_value(sqlstate) || sqlstate == "23505" || sqlstate == "23503" || sqlstate == "23P01";
}

// Freight sets the session's DateStyle: there is nothing in it to change. What helps is said where
// the source's fields are known.
std::string hint_of(const PostgresqlDiagnostics& diagnostics) {
  const bool is_of_style =
      core::ascii_lower(diagnostics.hint).find("datestyle") != std::string::npos;
  return is_of_style ? std::string() : diagnostics.hint;
}

std::vector<std::size_t> positions(const OutputBatch& rows,
                                   const std::vector<std::string>& columns) {
  std::vector<std::size_t> found;
  for (const std::string& column : columns) {
    const auto position = find_column(rows, column, false);
    if (!position) return {};
    found.push_back(*position);
  }
  return found;
}

// "bigint", or the words that an enum has.
std::string expected_by(const PostgresqlTable& table, std::string_view column) {
  for (const DestinationColumn& one : table.catalog.columns) {
    if (one.name != column) continue;
    const std::string_view words = table.enum_words_of(column);
    if (words.empty()) return one.native_type;
    const std::string_view shown = core::cut_utf8(words, expected_bytes);
    return "one of " + std::string(shown) + (shown.size() < words.size() ? "…" : "");
  }
  return {};
}

template <typename Predicate>
std::vector<std::size_t> columns_whose(const OutputBatch& rows, std::size_t row,
                                       Predicate predicate) {
  std::vector<std::size_t> found;
  const Value* const values = rows.row(row);
  for (std::size_t column = 0; column < rows.columns.size(); ++column) {
    if (!values[column].is_null() && predicate(values[column].text())) found.push_back(column);
  }
  return found;
}

std::vector<std::size_t> columns_with(std::string_view part, const OutputBatch& rows,
                                      std::size_t row) {
  return columns_whose(rows, row, [part](std::string_view value) {
    return value.find(part) != std::string_view::npos;
  });
}

// Whatever the server stumbled over then: no text of its own holds a NUL, and no statement.
RecordError nul_byte(const OutputBatch& rows, std::size_t row, std::size_t column) {
  const Value& value = rows.row(row)[column];
  RecordError error =
      write_error(Code::nul_byte, "The value for the column \"" + rows.columns[column].name +
                                      "\" has a NUL (U+0000) at its byte " +
                                      std::to_string(value.text().find('\0')) +
                                      ", and PostgreSQL stores no text with one.");
  error.expected = "text without NUL";
  error.hint = "Take it out of the source's value, or keep the value in a bytea column.";
  error.column = rows.columns[column].name;
  error.value = core::visible(core::cut_utf8(value.text(), value_bytes));
  return error;
}

constexpr std::string_view escaped_nul = "\\u0000";

// JSON that says \u0000: the words around that are in the server's language.
bool is_escaped_nul(const PostgresqlDiagnostics& diagnostics) {
  return diagnostics.sqlstate == "22P05" &&
         diagnostics.detail.find(escaped_nul) != std::string::npos;
}

// A statement that sends whole arrays has no line to say which column it was. The message may end
// with the value in quotes; more than one column may look like it.
std::vector<std::size_t> columns_meant(const PostgresqlDiagnostics& diagnostics,
                                       const OutputBatch& rows, std::size_t row) {
  if (is_escaped_nul(diagnostics)) return columns_with(escaped_nul, rows, row);
  return columns_whose(rows, row, [&diagnostics](std::string_view value) {
    return diagnostics.message.ends_with('"' + std::string(value) + '"');
  });
}

// `{a,b}` would have to be taken apart again; one row a column needs nothing of the kind.
constexpr const char* constraint_query =
    "SELECT a.attname, format_type(a.atttypid, a.atttypmod), f.attname, "
    "pg_get_constraintdef(k.oid), k.confrelid::regclass::text, p.relname, "
    "k.confrelid = k.conrelid, k.confmatchtype = 'f', k.contype IN ('p', 'u') "
    "FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid "
    "JOIN pg_namespace n ON n.oid = c.relnamespace "
    "CROSS JOIN unnest(k.conkey) WITH ORDINALITY AS u(number, place) "
    "JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.number "
    "LEFT JOIN pg_class p ON p.oid = k.confrelid "
    "LEFT JOIN pg_attribute f ON f.attrelid = k.confrelid AND f.attnum = k.confkey[u.place] "
    "WHERE n.nspname = $1 AND c.relname = $2 AND k.conname = $3 ORDER BY u.place";

constexpr const char* index_query =
    "SELECT a.attname, i.indisunique AND i.indpred IS NULL FROM pg_index i JOIN pg_class x ON "
    "x.oid = i.indexrelid "
    "JOIN pg_namespace n ON n.oid = x.relnamespace "
    "CROSS JOIN unnest(i.indkey) WITH ORDINALITY AS u(number, place) "
    "JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = u.number "
    "WHERE n.nspname = $1 AND x.relname = $2 AND u.place <= i.indnkeyatts "
    "AND i.indexprs IS NULL ORDER BY u.place";

}  // namespace

Code postgresql_refusal_code(std::string_view sqlstate) {
  const auto* found =
      std::find_if(refusal_codes.begin(), refusal_codes.end(),
                   [sqlstate](const auto& entry) { return entry.first == sqlstate; });
  return found == refusal_codes.end() ? Code::destination_rejected : found->second;
}

bool is_postgresql_refusal(const database::PostgresqlError& error) {
  const std::string_view state = error.diagnostics().sqlstate;
  if (state.empty() || error.failure().session_lost) return false;
  constexpr std::array<std::string_view, 9> of_the_server{"08", "25", "40", "53", "55",
                                                          "57", "58", "F0", "XX"};
  return std::none_of(of_the_server.begin(), of_the_server.end(),
                      [state](std::string_view group) { return state.starts_with(group); });
}

PostgresqlConstraints::Key PostgresqlConstraints::key_of(const PostgresqlDiagnostics& diagnostics) {
  return {diagnostics.table, diagnostics.constraint};
}

bool PostgresqlConstraints::knows(const PostgresqlDiagnostics& diagnostics) const {
  return diagnostics.constraint.empty() || known_.contains(key_of(diagnostics));
}

const PostgresqlConstraint& PostgresqlConstraints::find(const PostgresqlDiagnostics& diagnostics) {
  const Key key = key_of(diagnostics);
  const auto known = known_.find(key);
  if (known != known_.end()) return known->second;
  return known_.emplace(key, read(diagnostics)).first->second;
}

PostgresqlConstraint PostgresqlConstraints::read(const PostgresqlDiagnostics& diagnostics) {
  PostgresqlConstraint found;
  if (diagnostics.constraint.empty()) return found;
  const std::array<Parameter, 3> parameters{diagnostics.schema, diagnostics.table,
                                            diagnostics.constraint};
  const PostgresqlResult rows = connection_.run(constraint_query, parameters);
  for (int row = 0; row < rows.rows(); ++row) {
    found.columns.emplace_back(rows.text(row, 0));
    found.types.emplace_back(rows.text(row, 1));
    found.parent_columns.emplace_back(rows.text(row, 2));
    found.definition = rows.text(row, 3);
    found.parent = rows.text(row, 4);
    found.parent_name = rows.text(row, 5);
    found.refers_to_itself = rows.flag(row, 6);
    found.match_full = rows.flag(row, 7);
    found.is_whole_key = rows.flag(row, 8);
  }
  if (rows.rows() == 0) read_index(diagnostics, found);
  return found;
}

// A unique index that is no constraint is named in its place.
void PostgresqlConstraints::read_index(const PostgresqlDiagnostics& diagnostics,
                                       PostgresqlConstraint& found) {
  const std::array<Parameter, 2> parameters{diagnostics.schema, diagnostics.constraint};
  const PostgresqlResult rows = connection_.run(index_query, parameters);
  for (int row = 0; row < rows.rows(); ++row) {
    found.columns.emplace_back(rows.text(row, 0));
    found.is_whole_key = rows.flag(row, 1);
  }
}

RecordError postgresql_record_error(const PostgresqlDiagnostics& diagnostics,
                                    std::string_view column, const PostgresqlConstraint& constraint,
                                    const PostgresqlTable& table, const OutputBatch& rows,
                                    std::size_t row) {
  const bool of_value = is_of_value(diagnostics.sqlstate);
  if (of_value) {
    const auto nul = columns_with(std::string_view("\0", 1), rows, row);
    if (!nul.empty()) return nul_byte(rows, row, nul.front());
  }
  std::string message = diagnostics.message;
  if (has_telling_detail(diagnostics.sqlstate) && !diagnostics.detail.empty()) {
    message += ": " + diagnostics.detail;
  }
  const Code code =
      is_escaped_nul(diagnostics) ? Code::nul_byte : postgresql_refusal_code(diagnostics.sqlstate);
  RecordError error = write_error(code, std::string(core::cut_utf8(message, message_bytes)));
  error.sqlstate = diagnostics.sqlstate;
  error.hint = hint_of(diagnostics);
  std::vector<std::string> columns = constraint.columns;
  if (columns.empty() && !diagnostics.column.empty()) columns = {diagnostics.column};
  if (columns.empty() && !column.empty()) columns = {std::string(column)};
  const auto meant = columns.empty() && of_value ? columns_meant(diagnostics, rows, row)
                                                 : positions(rows, columns);
  name_single_column(error, rows, meant, rows.row(row));
  if (error.code == Code::check_violation) error.expected = constraint.definition;
  if (code_info(error.code).category == Category::data) {
    error.expected = expected_by(table, error.column);
  }
  return error;
}

}  // namespace freight::sql
