#include "storage/sql/sql_text.hpp"

#include <array>
#include <cctype>
#include <stdexcept>
#include <vector>

namespace freight::storage {
namespace {

using database::Backend;

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front())) != 0) {
    text.remove_prefix(1);
  }
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back())) != 0) {
    text.remove_suffix(1);
  }
  return text;
}

std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> parts;
  for (auto comma = text.find(','); comma != std::string_view::npos; comma = text.find(',')) {
    parts.push_back(trimmed(text.substr(0, comma)));
    text.remove_prefix(comma + 1);
  }
  parts.push_back(trimmed(text));
  return parts;
}

// The position of the bracket that closes the one at `open`.
std::size_t closing(std::string_view text, std::size_t open) {
  const char opener = text[open];
  const char closer = opener == '{' ? '}' : ')';
  int depth = 0;
  for (auto i = open; i < text.size(); ++i) {
    if (text[i] == opener) ++depth;
    if (text[i] == closer && --depth == 0) return i;
  }
  throw std::logic_error("a mark in SQL is not closed");
}

}  // namespace

const std::string& SqlText::operator()(std::string_view statement) {
  const std::lock_guard lock(mutex_);
  auto& text = texts_[statement.data()];
  if (text.empty()) text = translate(statement);
  return text;
}

std::string SqlText::translate(std::string_view statement) const {
  constexpr std::string_view schema = "freight.";
  std::string text;
  for (std::size_t i = 0; i < statement.size();) {
    if (backend_ == Backend::sqlite && statement.substr(i).starts_with(schema)) {
      i += schema.size();
      continue;
    }
    if (statement[i] != '@') {
      text += statement[i++];
      continue;
    }
    auto end = i + 1;
    while (end < statement.size() &&
           std::isalpha(static_cast<unsigned char>(statement[end])) != 0) {
      ++end;
    }
    const auto mark = statement.substr(i + 1, end - i - 1);
    if (mark == "now") {
      text += expand(mark, {});
      i = end;
      continue;
    }
    const auto close = closing(statement, end);
    text += expand(mark, statement.substr(end + 1, close - end - 1));
    i = close + 1;
  }
  return text;
}

std::string SqlText::expand(std::string_view mark, std::string_view arguments) const {
  const bool lite = backend_ == Backend::sqlite;
  if (mark == "now") {
    return lite ? "freight_now()"
                : "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT)";
  }
  if (mark == "rows") return rows(arguments);
  if (mark == "pg") return lite ? "" : translate(arguments);
  if (mark == "lite") return lite ? translate(arguments) : "";
  const auto inner = translate(arguments);
  if (mark == "uuid") return lite ? inner : "CAST(" + inner + " AS uuid)";
  if (mark == "bytes")
    return lite ? "freight_bytes(" + inner + ")" : "decode(" + inner + ", 'hex')";
  if (mark == "hex") return lite ? "hex(" + inner + ")" : "encode(" + inner + ", 'hex')";
  if (mark == "greatest") return (lite ? "max(" : "GREATEST(") + inner + ")";
  throw std::logic_error("unknown mark in SQL: @" + std::string(mark));
}

std::string SqlText::rows(std::string_view arguments) const {
  const auto parts = split(arguments);
  const auto space = parts.front().find(' ');
  const std::string parameter(parts.front().substr(0, space));
  const std::string alias(trimmed(parts.front().substr(space)));
  std::string columns;
  for (std::size_t i = 1; i < parts.size(); ++i) {
    const auto gap = parts[i].find(' ');
    const std::string name(parts[i].substr(0, gap));
    const std::string type(trimmed(parts[i].substr(gap)));
    if (i > 1) columns += ", ";
    if (backend_ == Backend::sqlite) {
      columns += "json_extract(value, '$." + name + "') AS " + name;
    } else {
      columns += name + (type == "double" ? " double precision" : " " + type);
    }
  }
  if (backend_ == Backend::sqlite) {
    return "(SELECT " + columns + " FROM json_each(" + parameter + ")) AS " + alias;
  }
  return "jsonb_to_recordset(CAST(" + parameter + " AS jsonb)) AS " + alias + "(" + columns + ")";
}

}  // namespace freight::storage
