#include "core/spec/dialect_rules.hpp"

#include <array>
#include <set>
#include <utility>

namespace freight::core::spec {
namespace {

constexpr std::array<Choice<bool>, 2> trailing_delimiters{{{"reject", false}, {"allow", true}}};

/// One ASCII byte that cannot be mistaken for a line end; nullopt and a report for anything else.
std::optional<char> read_character(ObjectReader& dialect, std::string_view key) {
  const auto text = dialect.plain_text(key, {.min_bytes = 0});
  if (!text) return std::nullopt;
  const char character = text->size() == 1 ? text->front() : '\0';
  const bool is_ascii = static_cast<unsigned char>(character) < 0x80;
  if (character == '\0' || !is_ascii || character == '\r' || character == '\n') {
    dialect.report(key, Code::invalid_value,
                   *text == "\\t" ? "must be a single character; write a tab as \"\\t\" in JSON"
                                  : "must be a single ASCII character other than a line end");
    return std::nullopt;
  }
  return character;
}

std::optional<char> read_optional_character(ObjectReader& dialect, std::string_view key,
                                            std::optional<char> fallback, const JsonObject* given) {
  const JsonValue* const value = given == nullptr ? nullptr : find_member(*given, key);
  if (value != nullptr && !value->is_null()) return read_character(dialect, key);
  dialect.find(key);
  const std::optional<char> result = value == nullptr ? fallback : std::nullopt;
  dialect.add(key, result ? JsonValue{std::string(1, *result)} : JsonValue{});
  return result;
}

void check_distinct(ObjectReader& reader, const CsvDialect& dialect) {
  const std::array<std::pair<std::string_view, std::optional<char>>, 4> characters{{
      {"delimiter", dialect.delimiter},
      {"quoteChar", dialect.quote_char},
      {"escapeChar", dialect.escape_char},
      {"commentChar", dialect.comment_char},
  }};
  for (std::size_t later = 1; later < characters.size(); ++later) {
    if (!characters[later].second) continue;
    for (std::size_t earlier = 0; earlier < later; ++earlier) {
      if (characters[later].second != characters[earlier].second) continue;
      reader.report(characters[later].first, Code::invalid_value,
                    "must differ from " + std::string(characters[earlier].first));
      break;
    }
  }
}

void read_header_names(ObjectReader& reader, CsvDialect& dialect) {
  constexpr std::string_view key = "headerNames";
  const JsonValue* const value = reader.find(key);
  if (value != nullptr && value->string() != nullptr) {
    dialect.auto_header_names = *value->string() == "auto";
    if (!dialect.auto_header_names) {
      reader.report(key, Code::invalid_value, "must be a list of names or \"auto\"");
    }
    reader.add(key, *value);
    return;
  }
  dialect.header_names = reader.texts(key, 1, max_columns);
  if (!dialect.header_names) {
    reader.add(key, {});
    return;
  }
  if (dialect.header_names->empty()) {
    reader.report(key, Code::value_out_of_range, "must name at least one field");
  }
  std::set<std::string_view> names;
  for (const std::string& name : *dialect.header_names) {
    if (names.insert(name).second) continue;
    reader.report(key, Code::invalid_value, "names a field twice");
    break;
  }
}

char read_line_terminator(ObjectReader& reader) {
  constexpr std::string_view key = "lineTerminator";
  const JsonValue* const value = reader.find_unless_null(key);
  reader.add(key, value == nullptr ? JsonValue{} : *value);
  if (value == nullptr) return '\n';
  const std::string* const text = value->string();
  if (text == nullptr || (*text != "\r" && *text != "\n" && *text != "\r\n")) {
    reader.report(key, Code::invalid_value,
                  R"(must be "\r", or "\n" or "\r\n", which both mean LF or CRLF)");
    return '\n';
  }
  return text->back() == '\n' ? '\n' : '\r';
}

}  // namespace

char read_delimiter(ObjectReader& dialect, const JsonObject* given) {
  constexpr std::string_view key = "delimiter";
  constexpr char comma = ',';
  if (given == nullptr || find_member(*given, key) == nullptr) {
    dialect.find(key);
    dialect.add(key, JsonValue{std::string(1, comma)});
    return comma;
  }
  return read_character(dialect, key).value_or(comma);
}

CsvDialect read_dialect(ObjectReader& source) {
  constexpr std::uint64_t max_skipped_rows = 1'000'000'000;
  // The planner holds so many records' places before it knows that they are records.
  constexpr std::uint64_t max_footer_rows = 1000;
  const JsonValue* const value = source.find("dialect");
  const Location here = source.at("dialect");
  ObjectReader reader(source.reading(), value, here, "the dialect");
  const JsonObject* const given = value == nullptr ? nullptr : value->object();
  CsvDialect dialect;
  dialect.delimiter = read_delimiter(reader, given);
  dialect.quote_char = read_optional_character(reader, "quoteChar", '"', given);
  dialect.double_quote = reader.boolean("doubleQuote", true);
  dialect.escape_char = read_optional_character(reader, "escapeChar", std::nullopt, given);
  dialect.header = reader.boolean("header", true);
  read_header_names(reader, dialect);
  dialect.skip_rows = reader.whole_number("skipRows", {.maximum = max_skipped_rows});
  dialect.comment_char = read_optional_character(reader, "commentChar", std::nullopt, given);
  dialect.skip_initial_space = reader.boolean("skipInitialSpace", false);
  dialect.case_sensitive_header = reader.boolean("caseSensitiveHeader", false);
  dialect.line_terminator = read_line_terminator(reader);
  dialect.skip_blank_records = reader.boolean("skip_blank_records", false);
  dialect.allow_trailing_delimiter =
      reader.choice<bool>("trailing_delimiter", trailing_delimiters, false);
  dialect.footer_rows = reader.whole_number("footer_rows", {.maximum = max_footer_rows});
  reader.finish();
  check_distinct(reader, dialect);
  source.add("dialect", JsonValue{reader.take_resolved()});
  return dialect;
}

}  // namespace freight::core::spec
