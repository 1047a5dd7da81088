#include "core/spec/sql_rules.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "core/spec/connection_url.hpp"
#include "core/spec/sections.hpp"

namespace freight::core::spec {
namespace {

constexpr std::string_view sqlite_scheme = "sqlite:";

bool is_postgresql(std::string_view url) {
  return url.starts_with("postgresql://") || url.starts_with("postgres://");
}

/// `sqlite:` with an absolute path; what is wrong is reported.
std::string read_sqlite_url(ObjectReader& connector, const SpecText& url) {
  SpecText path;
  path.value = url.value.substr(sqlite_scheme.size());
  const bool literal_scheme = url.written.starts_with(sqlite_scheme);
  path.written = literal_scheme ? url.written.substr(sqlite_scheme.size()) : url.written;
  path.substitutions = url.substitutions;
  const bool two_slashes = path.value.starts_with("//") && !path.value.starts_with("///");
  if (path.value.empty() || path.value == ":memory:" || two_slashes) {
    connector.report("url", Code::invalid_value,
                     "must name a file: sqlite:out.db or sqlite:/absolute/path.db");
    return {};
  }
  const AbsolutePath absolute = absolute_path(path, connector.reading().options);
  // A scheme that comes from the environment stays there, and the path with it.
  connector.add("url", JsonValue{literal_scheme ? std::string(sqlite_scheme) + absolute.stored
                                                : url.written});
  return std::string(sqlite_scheme) + absolute.path;
}

std::string read_postgresql_url(ObjectReader& connector, const SpecText& text) {
  ConnectionUrl url = parse_postgresql_url(text);
  if (!url.problem.empty()) {
    connector.report("url", Code::invalid_value, url.problem);
    return {};
  }
  const Location here = connector.at("url");
  connector.reading().secrets.note(here, url);
  connector.add("url", JsonValue{std::move(url.stored)});
  return std::move(url.url);
}

/// What is wrong with the name of a table; empty when nothing is.
std::string table_problem(std::string_view name, std::string_view url) {
  std::size_t parts = 0;
  for (std::string_view rest = name;;) {
    const std::size_t dot = rest.find('.');
    const std::string_view part = rest.substr(0, dot);
    ++parts;
    if (part.empty()) return "must be table or schema.table, without an empty part";
    if (is_postgresql(url) && part.size() > longest_postgresql_name) {
      return "has a part of more than 63 bytes, which PostgreSQL would cut";
    }
    if (dot == std::string_view::npos) break;
    rest.remove_prefix(dot + 1);
  }
  if (parts > 2) return "must be table or schema.table, with one dot at most";
  const bool is_plain = std::all_of(name.begin(), name.end(), [](char character) {
    return static_cast<unsigned char>(character) >= 0x20 && character != '"' && character != '\x7f';
  });
  if (!is_plain) return "must be written without quotes and control characters";
  return "";
}

}  // namespace

std::string read_sql_url(ObjectReader& connector, std::string& connection) {
  const bool has_connection = connector.find_unless_null("connection") != nullptr;
  const auto url = connector.text("url", {.required = !has_connection, .max_bytes = max_url_bytes});
  connection = read_reference(connector, "connection", "url");
  if (!url) return {};
  if (url->value.starts_with(sqlite_scheme)) return read_sqlite_url(connector, *url);
  if (is_postgresql(url->value)) return read_postgresql_url(connector, *url);
  // The text is not shown: it may hold a password all the same.
  connector.report("url", Code::invalid_value,
                   "must begin with sqlite: or postgresql://, such as sqlite:out.db or "
                   "postgresql://user@host:5432/database");
  return {};
}

void check_table(ObjectReader& reader, std::string_view key, std::string_view name,
                 std::string_view url) {
  const std::string problem = table_problem(name, url);
  if (!problem.empty()) reader.report(key, Code::invalid_value, problem);
}

bool read_allowed(ObjectReader& connector, std::string_view key) {
  constexpr std::array<Choice<bool>, 2> choices{{{"refuse", false}, {"allow", true}}};
  return connector.choice<bool>(key, choices, false);
}

std::vector<std::string> read_key(ObjectReader& connector) {
  constexpr std::string_view key = "key";
  auto columns = connector.texts(key, 1, max_columns);
  if (!columns) {
    connector.add(key, JsonValue{JsonArray{}});
    return {};
  }
  const std::set<std::string_view> distinct(columns->begin(), columns->end());
  if (distinct.size() < columns->size()) {
    connector.report(key, Code::invalid_value, "names a column twice");
  }
  return std::move(*columns);
}

}  // namespace freight::core::spec
