#include "connectors/sql/table_name.hpp"

#include <cstddef>
#include <utility>

#include "freight/error.hpp"

namespace freight::sql {
namespace {

struct Part {
  std::string text;
  bool quoted = false;
};

// Takes one part off the front of `rest`, up to a dot outside quotes; nullopt when it is none.
std::optional<Part> take_part(std::string_view& rest) {
  Part part;
  if (rest.empty() || rest.front() != '"') {
    const std::size_t end = rest.find('.');
    part.text = rest.substr(0, end);
    rest.remove_prefix(part.text.size());
    if (part.text.find('"') != std::string::npos) return std::nullopt;
  } else {
    part.quoted = true;
    std::size_t at = 1;
    for (;; ++at) {
      if (at >= rest.size()) return std::nullopt;
      if (rest[at] == '"') {
        if (at + 1 >= rest.size() || rest[at + 1] != '"') break;
        ++at;
      }
      part.text += rest[at];
    }
    rest.remove_prefix(at + 1);
  }
  if (part.text.empty() || part.text.find('\0') != std::string::npos) return std::nullopt;
  return part;
}

}  // namespace

std::optional<TableName> read_table_name(std::string_view text) {
  std::string_view rest = text;
  std::optional<Part> first = take_part(rest);
  if (!first) return std::nullopt;
  if (rest.empty()) {
    return TableName{.schema = {}, .table = std::move(first->text), .quoted = first->quoted};
  }
  if (rest.front() != '.') return std::nullopt;
  rest.remove_prefix(1);
  std::optional<Part> second = take_part(rest);
  if (!second || !rest.empty()) return std::nullopt;
  return TableName{.schema = std::move(first->text),
                   .table = std::move(second->text),
                   .quoted = first->quoted || second->quoted};
}

TableName parse_table_name(std::string_view text, std::string_view what) {
  auto name = read_table_name(text);
  if (name) return *std::move(name);
  throw Error(Code::destination_failed,
              "The destination's " + std::string(what) + " '" + std::string(text) +
                  "' is not the name of a table.",
              {.hint = "Write table or schema.table; put a name that holds a dot into double "
                       "quotes."});
}

std::string quote_identifier(std::string_view name) {
  std::string out = "\"";
  for (const char letter : name) {
    if (letter == '"') out += letter;
    out += letter;
  }
  out += '"';
  return out;
}

std::string quoted_list(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) {
    if (!out.empty()) out += ", ";
    out += quote_identifier(name);
  }
  return out;
}

std::string quote_table(const TableName& name) {
  if (name.schema.empty()) return quote_identifier(name.table);
  return quote_identifier(name.schema) + '.' + quote_identifier(name.table);
}

std::string display_table(const TableName& name) {
  return name.schema.empty() ? name.table : name.schema + '.' + name.table;
}

}  // namespace freight::sql
