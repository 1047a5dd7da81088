#include "migration/schema_translation.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

#include "connectors/sql/table_name.hpp"
#include "core/ascii.hpp"

namespace freight::migration {
namespace {

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n\f";
  const std::size_t begin = text.find_first_not_of(blanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(blanks) + 1 - begin);
}

bool is_digit(char letter) { return letter >= '0' && letter <= '9'; }

bool is_word(char letter) {
  return is_digit(letter) || letter == '_' || (letter >= 'a' && letter <= 'z') ||
         (letter >= 'A' && letter <= 'Z') || static_cast<unsigned char>(letter) >= 0x80;
}

/// The end of a text or a quoted name that begins at `at`; npos when it has none.
std::size_t end_of_quoted(std::string_view sql, std::size_t at) {
  const char quote = sql[at++];
  while (at < sql.size()) {
    if (sql[at++] != quote) continue;
    if (at >= sql.size() || sql[at] != quote) return at;
    ++at;
  }
  return std::string_view::npos;
}

/// `::character varying(20)`, `::numeric`, `::text[]`: what PostgreSQL writes behind a value. The
/// end of it, or `at` when there is none.
std::size_t end_of_cast(std::string_view sql, std::size_t at) {
  if (!sql.substr(at).starts_with("::")) return at;
  std::size_t end = at + 2;
  constexpr std::array<std::string_view, 4> two_words{"character varying", "double precision",
                                                      "timestamp with", "timestamp without"};
  if (end < sql.size() && sql[end] == '"') return at;
  for (const std::string_view words : two_words) {
    if (sql.substr(end).starts_with(words)) end += words.size();
  }
  if (sql.substr(end).starts_with(" time zone")) end += 10;
  while (end < sql.size() && (is_word(sql[end]) || sql[end] == '.')) ++end;
  if (end < sql.size() && sql[end] == '(') {
    while (end < sql.size() && sql[end] != ')') ++end;
    end = std::min(end + 1, sql.size());
  }
  return end;
}

std::string postgresql_type(const TableColumn& column) {
  const std::string declared = core::ascii_lower(column.native_type);
  const bool zoned = declared.find("with time zone") != std::string::npos ||
                     declared.find("timestamptz") != std::string::npos;
  switch (column.type.value_or(ValueType::string)) {
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
      return zoned ? "timestamptz" : "timestamp";
    case ValueType::uuid:
      return "uuid";
    case ValueType::json:
      return "jsonb";
    case ValueType::binary:
      return "bytea";
  }
  return "text";
}

/// Decimals and times are texts: any column for numbers would keep them as binary floats.
std::string sqlite_type(const TableColumn& column) {
  switch (column.type.value_or(ValueType::string)) {
    case ValueType::integer:
    case ValueType::boolean:
      return "INTEGER";
    case ValueType::number:
      return "REAL";
    case ValueType::binary:
      return "BLOB";
    default:
      return "TEXT";
  }
}

bool is_number(std::string_view text) {
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  const bool only_digits = std::all_of(
      text.begin(), text.end(), [](char letter) { return is_digit(letter) || letter == '.'; });
  return !text.empty() && only_digits && std::count(text.begin(), text.end(), '.') <= 1 &&
         is_digit(text.front()) && is_digit(text.back());
}

/// What no pair of brackets around it changes.
std::string_view without_brackets(std::string_view text) {
  text = trimmed(text);
  while (text.size() > 2 && text.front() == '(' && text.back() == ')' &&
         text.find(')') == text.size() - 1) {
    text = trimmed(text.substr(1, text.size() - 2));
  }
  return text;
}

std::optional<std::string> other_default(std::string_view text, const TableColumn& column,
                                         const Translation& translation) {
  text = without_brackets(text);
  const bool to_sqlite = translation.to == DatabaseKind::sqlite;
  const bool is_boolean = column.type == ValueType::boolean;
  if (text.starts_with('\'')) {
    const std::size_t end = end_of_quoted(text, 0);
    if (end == std::string_view::npos) return std::nullopt;
    // A text that says a boolean, a moment or bytes is read by each database in its own way.
    const bool is_plain = column.type == ValueType::string || column.type == ValueType::integer ||
                          column.type == ValueType::decimal || column.type == ValueType::number ||
                          column.type == ValueType::date || column.type == ValueType::json;
    if (!is_plain || end_of_cast(text, end) != text.size()) return std::nullopt;
    return std::string(text.substr(0, end));
  }
  const std::size_t cast = text.find("::");
  if (cast != std::string_view::npos && end_of_cast(text, cast) == text.size()) {
    text = without_brackets(text.substr(0, cast));
  }
  const std::string word = core::ascii_lower(text);
  if (is_number(text)) {
    if (!is_boolean) return std::string(text);
    if (word == "0" || word == "1") return to_sqlite ? word : word == "1" ? "true" : "false";
    return std::nullopt;
  }
  if (word == "true" || word == "false") {
    if (!to_sqlite) return word;
    return word == "true" ? "1" : "0";
  }
  // Both say it in UTC only where a column keeps a zone: SQLite's text has none.
  if ((word == "current_timestamp" || word == "now()") && column.type == ValueType::datetime) {
    return "CURRENT_TIMESTAMP";
  }
  if (word == "current_date" && column.type == ValueType::date) return "CURRENT_DATE";
  return std::nullopt;
}

/// Writes a condition anew, token by token, as long as each of them means the same everywhere.
class CheckWriter {
 public:
  CheckWriter(std::string_view sql, const std::vector<TableColumn>& columns)
      : sql_(sql), columns_(columns) {}

  std::optional<std::string> write() {
    while (at_ < sql_.size()) {
      if (!take()) return std::nullopt;
    }
    return out_;
  }

 private:
  bool take() {
    const char letter = sql_[at_];
    if (letter == ' ' || letter == '\n' || letter == '\t' || letter == '\r') {
      ++at_;
      return true;
    }
    if (letter == '\'') return take_quoted(false);
    if (letter == '"') return take_quoted(true);
    if (letter == ':') {
      const std::size_t end = end_of_cast(sql_, at_);
      const bool is_cast = end != at_;
      at_ = end;
      return is_cast;
    }
    if (is_digit(letter)) return take_number();
    if (is_word(letter)) return take_word();
    return take_sign();
  }

  bool take_quoted(bool is_name) {
    const std::size_t end = end_of_quoted(sql_, at_);
    if (end == std::string_view::npos) return false;
    const std::string_view text = sql_.substr(at_, end - at_);
    at_ = end;
    if (is_name) return put_column(std::string(text.substr(1, text.size() - 2)));
    put(text);
    return true;
  }

  bool take_number() {
    std::size_t end = at_;
    while (end < sql_.size() && (is_digit(sql_[end]) || sql_[end] == '.')) ++end;
    if (end < sql_.size() && is_word(sql_[end])) return false;
    put(sql_.substr(at_, end - at_));
    at_ = end;
    return true;
  }

  bool take_word() {
    constexpr std::array<std::string_view, 9> known{
        "and", "or", "not", "in", "between", "is", "null", "length", "char_length"};
    std::size_t end = at_;
    while (end < sql_.size() && is_word(sql_[end])) ++end;
    const std::string word(sql_.substr(at_, end - at_));
    const std::string lower = core::ascii_lower(word);
    at_ = end;
    if (std::find(known.begin(), known.end(), lower) == known.end()) return put_column(word);
    put(lower == "char_length" ? "length" : word);
    return true;
  }

  bool take_sign() {
    constexpr std::array<std::string_view, 12> signs{"<=", ">=", "<>", "!=", "<", ">",
                                                     "=",  "(",  ")",  ",",  "+", "-"};
    for (const std::string_view sign : signs) {
      if (!sql_.substr(at_).starts_with(sign)) continue;
      at_ += sign.size();
      // SQLite also writes ==.
      if (sign == "=" && at_ < sql_.size() && sql_[at_] == '=') ++at_;
      put(sign);
      return true;
    }
    return false;
  }

  bool put_column(const std::string& name) {
    const std::string wanted = core::ascii_lower(name);
    for (const TableColumn& column : columns_) {
      if (core::ascii_lower(column.name) != wanted) continue;
      // A boolean is a number to one of them.
      if (column.type == ValueType::boolean) return false;
      put(sql::quote_identifier(column.name));
      return true;
    }
    return false;
  }

  void put(std::string_view token) {
    if (!out_.empty() && token != ")" && token != "," && !out_.ends_with('(')) out_ += ' ';
    out_ += token;
  }

  std::string_view sql_;
  const std::vector<TableColumn>& columns_;
  std::size_t at_ = 0;
  std::string out_;
};

}  // namespace

std::string column_type(const TableColumn& column, const Translation& translation) {
  if (translation.same()) return column.native_type;
  return translation.to == DatabaseKind::sqlite ? sqlite_type(column) : postgresql_type(column);
}

std::optional<std::string> default_value(const TableColumn& column,
                                         const Translation& translation) {
  if (!column.default_value) return std::nullopt;
  if (translation.same()) return column.default_value;
  return other_default(*column.default_value, column, translation);
}

std::optional<std::string> check_expression(const TableCheck& check,
                                            const std::vector<TableColumn>& columns,
                                            const Translation& translation) {
  if (translation.same()) return check.expression;
  return CheckWriter(check.expression, columns).write();
}

}  // namespace freight::migration
