#include "migration/schema_translation.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

#include "connectors/sql/table_name.hpp"
#include "core/ascii.hpp"

namespace freight::migration {
namespace {

using core::is_digit;

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n\f";
  const std::size_t begin = text.find_first_not_of(blanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(blanks) + 1 - begin);
}

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

bool is_numeric(const TableColumn& column) {
  return column.type == ValueType::integer || column.type == ValueType::decimal ||
         column.type == ValueType::number;
}

std::string quoted_text(std::string_view text) {
  std::string quoted = "'";
  for (const char letter : text) {
    quoted += letter;
    if (letter == '\'') quoted += letter;
  }
  return quoted + '\'';
}

/// A number for a column of numbers, a text for one of texts: anything else is read by each
/// database in its own way.
std::optional<std::string> literal_default(std::string_view value, const TableColumn& column,
                                           bool to_sqlite) {
  const bool is_whole = value.find('.') == std::string_view::npos;
  if (is_numeric(column) && is_number(value)) {
    if (column.type == ValueType::integer && !is_whole) return std::nullopt;
    return std::string(value);
  }
  if (column.type == ValueType::boolean && (value == "0" || value == "1")) {
    return std::string(to_sqlite ? value : value == "1" ? "true" : "false");
  }
  if (column.type == ValueType::string) return quoted_text(value);
  return std::nullopt;
}

/// The text that a quoted one stands for.
std::string unquoted(std::string_view text) {
  std::string out;
  for (std::size_t at = 1; at + 1 < text.size(); ++at) {
    out += text[at];
    if (text[at] == text.front()) ++at;
  }
  return out;
}

std::optional<std::string> moment_default(const std::string& word, const TableColumn& column,
                                          const Translation& translation) {
  if (word == "current_date" && column.type == ValueType::date) return "CURRENT_DATE";
  if (word != "current_timestamp" && word != "now()") return std::nullopt;
  if (column.type != ValueType::datetime) return std::nullopt;
  const bool zoned =
      column_type(column, {translation.from, DatabaseKind::postgresql}) == "timestamptz" ||
      core::ascii_lower(column.native_type).find("with time zone") != std::string::npos;
  // SQLite says it in UTC, PostgreSQL without a zone in the session's time.
  if (translation.to == DatabaseKind::postgresql) {
    return zoned ? "CURRENT_TIMESTAMP" : "(CURRENT_TIMESTAMP AT TIME ZONE 'UTC')";
  }
  if (zoned) return "CURRENT_TIMESTAMP";
  return std::nullopt;
}

std::optional<std::string> other_default(std::string_view text, const TableColumn& column,
                                         const Translation& translation) {
  text = without_brackets(text);
  const bool to_sqlite = translation.to == DatabaseKind::sqlite;
  if (text.starts_with('\'')) {
    const std::size_t end = end_of_quoted(text, 0);
    if (end == std::string_view::npos || end_of_cast(text, end) != text.size()) return std::nullopt;
    return literal_default(unquoted(text.substr(0, end)), column, to_sqlite);
  }
  const std::size_t cast = text.find("::");
  if (cast != std::string_view::npos && end_of_cast(text, cast) == text.size()) {
    text = without_brackets(text.substr(0, cast));
  }
  const std::string word = core::ascii_lower(text);
  if (is_number(text)) return literal_default(text, column, to_sqlite);
  if (word == "true" || word == "false") {
    if (!to_sqlite && column.type == ValueType::boolean) return word;
    return literal_default(word == "true" ? "1" : "0", column, to_sqlite);
  }
  return moment_default(word, column, translation);
}

/// SQLite takes a name for a text where a default stands; other expressions need brackets.
std::string sqlite_default(std::string_view text) {
  text = trimmed(text);
  if (text.starts_with('"') && end_of_quoted(text, 0) == text.size()) {
    return quoted_text(unquoted(text));
  }
  const bool is_one_word = std::all_of(text.begin(), text.end(), is_word) && !is_number(text);
  constexpr std::array<std::string_view, 6> keywords{
      "null", "true", "false", "current_date", "current_time", "current_timestamp"};
  const std::string word = core::ascii_lower(text);
  if (is_one_word && std::find(keywords.begin(), keywords.end(), word) == keywords.end()) {
    return quoted_text(text);
  }
  return '(' + std::string(text) + ')';
}

/// Writes a condition anew, token by token, as long as each of them means the same everywhere: of
/// numbers alone, or of texts alone and their lengths.
class CheckWriter {
 public:
  CheckWriter(std::string_view sql, const std::vector<TableColumn>& columns, bool to_sqlite)
      : sql_(sql), columns_(columns), to_sqlite_(to_sqlite) {}

  std::optional<std::string> write() {
    while (at_ < sql_.size()) {
      if (!take()) return std::nullopt;
    }
    const bool mixes = (numbers_ > 0 && (texts_ > 0 || lengths_ > 0 || text_literals_ > 0)) ||
                       (texts_ > 0 && number_literals_ > 0) || (lengths_ > 0 && text_literals_ > 0);
    if (mixes || !compares_) return std::nullopt;
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
      // Of a value it says no more than what it stands beside; of a column it may change it.
      const std::size_t end = end_of_cast(sql_, at_);
      const std::string_view type = sql_.substr(at_, end - at_);
      const bool is_text = type.starts_with("::text") || type.starts_with("::character varying");
      const bool is_known = end != at_ && (is_text || is_behind_literal());
      at_ = end;
      return is_known;
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
    if (is_name) return put_column(unquoted(text));
    ++text_literals_;
    put(text);
    return true;
  }

  bool take_number() {
    std::size_t end = at_;
    while (end < sql_.size() && (is_digit(sql_[end]) || sql_[end] == '.')) ++end;
    if (end < sql_.size() && is_word(sql_[end])) return false;
    ++number_literals_;
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
    if (lower == "in" || lower == "between" || lower == "is") compares_ = true;
    put(lower == "char_length" ? "length" : word);
    return true;
  }

  bool take_sign() {
    constexpr std::array<std::string_view, 12> signs{"<=", ">=", "<>", "!=", "<", ">",
                                                     "=",  "(",  ")",  ",",  "+", "-"};
    for (const std::string_view sign : signs) {
      if (!sql_.substr(at_).starts_with(sign)) continue;
      at_ += sign.size();
      if (sign.find_first_of("<>=!") != std::string_view::npos) compares_ = true;
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
      // Of other types each database has its own idea; SQLite keeps decimals as texts.
      const bool is_text = column.type == ValueType::string;
      if (!is_text && column.type != ValueType::integer && column.type != ValueType::number &&
          (column.type != ValueType::decimal || to_sqlite_)) {
        return false;
      }
      const bool is_measured =
          is_text && (out_.ends_with("length (") || out_.ends_with("length (("));
      ++(is_measured ? lengths_ : is_text ? texts_ : numbers_);
      put(sql::quote_identifier(column.name));
      return true;
    }
    return false;
  }

  void put(std::string_view token) {
    if (!out_.empty() && token != ")" && token != "," && !out_.ends_with('(')) out_ += ' ';
    out_ += token;
  }

  /// What was written last is a number or a text, perhaps in brackets of its own.
  bool is_behind_literal() const {
    std::string_view out = out_;
    if (out.ends_with(')')) {
      const std::size_t open = out.rfind('(');
      if (open == std::string_view::npos) return false;
      out.remove_suffix(1);
      out.remove_prefix(open + 1);
      return is_number(out) || (out.starts_with('\'') && end_of_quoted(out, 0) == out.size());
    }
    return !out.empty() && (is_digit(out.back()) || out.ends_with('\'')) &&
           (out.ends_with('\'') || is_number(out.substr(out.find_last_of(" (") + 1)));
  }

  std::string_view sql_;
  const std::vector<TableColumn>& columns_;
  bool to_sqlite_;
  std::size_t at_ = 0;
  std::string out_;
  bool compares_ = false;
  int numbers_ = 0;
  int texts_ = 0;
  int lengths_ = 0;
  int number_literals_ = 0;
  int text_literals_ = 0;
};

}  // namespace

std::string column_type(const TableColumn& column, const Translation& translation) {
  if (translation.same()) return column.native_type;
  return translation.to == DatabaseKind::sqlite ? sqlite_type(column) : postgresql_type(column);
}

std::optional<std::string> default_value(const TableColumn& column,
                                         const Translation& translation) {
  if (!column.default_value) return std::nullopt;
  const bool to_sqlite = translation.to == DatabaseKind::sqlite;
  if (!translation.same()) return other_default(*column.default_value, column, translation);
  return to_sqlite ? sqlite_default(*column.default_value) : *column.default_value;
}

std::optional<std::string> check_expression(const TableCheck& check,
                                            const std::vector<TableColumn>& columns,
                                            const Translation& translation) {
  if (translation.same()) return check.expression;
  return CheckWriter(check.expression, columns, translation.to == DatabaseKind::sqlite).write();
}

}  // namespace freight::migration
