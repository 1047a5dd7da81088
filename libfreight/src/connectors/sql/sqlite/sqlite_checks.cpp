#include <algorithm>
#include <cstddef>
#include <utility>

#include "connectors/sql/sqlite/sqlite_schema.hpp"
#include "core/ascii.hpp"

namespace freight::sql {
namespace {

bool is_word(char letter) {
  const auto byte = static_cast<unsigned char>(letter);
  return byte >= 0x80 || letter == '_' || letter == '$' || (letter >= '0' && letter <= '9') ||
         (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z');
}

/// Takes SQL apart into words, quoted texts and single characters; blanks and comments are left
/// out.
class SqlTokens {
 public:
  explicit SqlTokens(std::string_view sql) : sql_(sql) {}

  /// Empty at the end.
  std::string_view next() {
    skip_blanks();
    const std::size_t begin = at_;
    if (at_ >= sql_.size()) return {};
    const char first = sql_[at_++];
    if (first == '\'' || first == '"' || first == '`') {
      skip_quoted(first);
    } else if (first == '[') {
      skip_quoted(']');
    } else if (is_word(first)) {
      while (at_ < sql_.size() && is_word(sql_[at_])) ++at_;
    }
    return sql_.substr(begin, at_ - begin);
  }
  std::size_t at() const { return at_; }

 private:
  void skip_quoted(char end) {
    while (at_ < sql_.size()) {
      if (sql_[at_++] != end) continue;
      if (at_ >= sql_.size() || sql_[at_] != end || end == ']') return;
      ++at_;
    }
  }

  void skip_blanks() {
    while (at_ < sql_.size()) {
      const std::string_view rest = sql_.substr(at_);
      std::size_t end = std::string_view::npos;
      if (rest.starts_with("--")) {
        end = rest.find('\n');
      } else if (rest.starts_with("/*")) {
        end = rest.find("*/", 2);
        if (end != std::string_view::npos) ++end;
      } else if (std::string_view(" \t\r\n\f").find(rest.front()) != std::string_view::npos) {
        end = 0;
      } else {
        return;
      }
      at_ = end == std::string_view::npos ? sql_.size() : at_ + end + 1;
    }
  }

  std::string_view sql_;
  std::size_t at_ = 0;
};

std::string bare_name(std::string_view token) {
  const bool quoted = token.size() >= 2 && !is_word(token.front());
  return std::string(quoted ? token.substr(1, token.size() - 2) : token);
}

}  // namespace

std::vector<TableCheck> sqlite_checks(std::string_view create_table) {
  std::vector<TableCheck> checks;
  SqlTokens tokens(create_table);
  std::string name;
  bool names_next = false;
  for (auto token = tokens.next(); !token.empty(); token = tokens.next()) {
    const std::string word = core::ascii_lower(token);
    if (names_next) {
      name = bare_name(token);
      names_next = false;
      continue;
    }
    if (word == "constraint") {
      names_next = true;
      continue;
    }
    if (word != "check") {
      // A name is that of the very next constraint.
      if (word == "," || word == "unique" || word == "primary" || word == "foreign" ||
          word == "references" || word == "not" || word == "default") {
        name.clear();
      }
      continue;
    }
    if (tokens.next() != "(") continue;
    const std::size_t begin = tokens.at();
    for (int depth = 1; depth > 0;) {
      token = tokens.next();
      if (token.empty()) return checks;
      if (token == "(") ++depth;
      if (token == ")") --depth;
    }
    const std::size_t end = tokens.at() - 1;
    checks.push_back({.name = std::move(name),
                      .expression = std::string(create_table.substr(begin, end - begin))});
    name.clear();
  }
  return checks;
}

std::vector<std::string> sqlite_left_out(std::string_view create_table) {
  std::vector<std::string> found;
  const auto add = [&found](std::string what) {
    if (std::find(found.begin(), found.end(), what) == found.end())
      found.push_back(std::move(what));
  };
  SqlTokens tokens(create_table);
  for (auto token = tokens.next(); !token.empty(); token = tokens.next()) {
    const std::string word = core::ascii_lower(token);
    if (word == "collate") add("collations");
    if (word == "autoincrement") add("AUTOINCREMENT");
    if (word == "conflict") add("ON CONFLICT clauses");
    if (word == "deferrable") add("DEFERRABLE");
    if (word == "as") add("the expressions of generated columns");
  }
  return found;
}

}  // namespace freight::sql
