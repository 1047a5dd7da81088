#include <algorithm>
#include <array>
#include <utility>

#include "core/spec/connection_url.hpp"
#include "core/spec/sections.hpp"

namespace freight::core::spec {
namespace {

enum class Disposition : std::uint8_t { append };

constexpr std::array<Choice<Disposition>, 3> dispositions{
    {{"append", Disposition::append}, {"merge", std::nullopt}, {"replace", std::nullopt}}};
constexpr std::array<Choice<Conflict>, 3> conflicts{
    {{"reject", Conflict::reject}, {"skip", std::nullopt}, {"update", std::nullopt}}};

constexpr std::string_view sqlite_scheme = "sqlite:";
constexpr std::string_view default_ledger = "freight_ledger";
constexpr std::string_view no_ledger = "none";

bool is_postgresql(std::string_view url) {
  return url.starts_with("postgresql://") || url.starts_with("postgres://");
}

/// `sqlite:` with an absolute path; what is wrong is reported.
void read_sqlite_url(ObjectReader& destination, const SpecText& url, SqlDestinationSpec& spec) {
  SpecText path;
  path.value = url.value.substr(sqlite_scheme.size());
  const bool literal_scheme = url.written.starts_with(sqlite_scheme);
  path.written = literal_scheme ? url.written.substr(sqlite_scheme.size()) : url.written;
  path.substitutions = url.substitutions;
  const bool two_slashes = path.value.starts_with("//") && !path.value.starts_with("///");
  if (path.value.empty() || path.value == ":memory:" || two_slashes) {
    destination.report("url", Code::invalid_value,
                       "must name a file: sqlite:out.db or sqlite:/absolute/path.db");
    return;
  }
  const AbsolutePath absolute = absolute_path(path, destination.reading().options);
  spec.url = std::string(sqlite_scheme) + absolute.path;
  // A scheme that comes from the environment stays there, and the path with it.
  destination.add("url", JsonValue{literal_scheme ? std::string(sqlite_scheme) + absolute.stored
                                                  : url.written});
}

void read_postgresql_url(ObjectReader& destination, const SpecText& text,
                         SqlDestinationSpec& spec) {
  ConnectionUrl url = parse_postgresql_url(text);
  if (!url.problem.empty()) return destination.report("url", Code::invalid_value, url.problem);
  SpecReading& reading = destination.reading();
  reading.secrets_left_out = reading.secrets_left_out || url.password_left_out;
  spec.url = std::move(url.url);
  destination.add("url", JsonValue{std::move(url.stored)});
}

void read_url(ObjectReader& destination, SqlDestinationSpec& spec) {
  const bool has_connection = destination.find_unless_null("connection") != nullptr;
  const auto url =
      destination.text("url", {.required = !has_connection, .max_bytes = max_url_bytes});
  if (!url) return;
  if (url->value.starts_with(sqlite_scheme)) {
    read_sqlite_url(destination, *url, spec);
  } else if (is_postgresql(url->value)) {
    read_postgresql_url(destination, *url, spec);
  } else {
    // The text is not shown: it may hold a password all the same.
    destination.report("url", Code::invalid_value,
                       "must begin with sqlite: or postgresql://, such as sqlite:out.db or "
                       "postgresql://user@host:5432/database");
  }
}

/// What is wrong with the name of a table; empty when nothing is.
std::string table_problem(std::string_view name, std::string_view url) {
  constexpr std::size_t longest_postgresql_name = 63;
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

/// Reports what is wrong with a table's name at a key.
void check_table(ObjectReader& reader, std::string_view key, std::string_view name,
                 const SqlDestinationSpec& spec) {
  const std::string problem = table_problem(name, spec.url);
  if (!problem.empty()) reader.report(key, Code::invalid_value, problem);
}

/// The ledger of `{"table": name}`.
void read_ledger_object(ObjectReader& destination, const JsonValue& value,
                        SqlDestinationSpec& spec) {
  const Location here = destination.at("ledger");
  ObjectReader ledger(destination.reading(), &value, here, "the ledger");
  if (const auto table = ledger.plain_text("table", {.required = true})) {
    check_table(ledger, "table", *table, spec);
    spec.ledger = *table;
  }
  ledger.finish();
  destination.add("ledger", JsonValue{ledger.take_resolved()});
}

void read_ledger(ObjectReader& destination, SqlDestinationSpec& spec) {
  constexpr std::string_view key = "ledger";
  const JsonValue* const value = destination.find(key);
  if (value == nullptr) {
    destination.add(key, JsonValue{std::string(default_ledger)});
  } else if (value->object() != nullptr) {
    read_ledger_object(destination, *value, spec);
  } else if (value->string() == nullptr) {
    destination.report_kind(key, "a name, {\"table\": name} or \"none\"", *value);
  } else if (const auto name = destination.plain_text(key, {})) {
    if (*name == no_ledger) {
      spec.ledger = std::nullopt;
    } else {
      check_table(destination, key, *name, spec);
      spec.ledger = *name;
    }
  }
  if (spec.ledger && !spec.table.empty() && *spec.ledger == spec.table) {
    destination.report(key, Code::invalid_value, "must not be the destination's own table");
  }
}

SqlDestinationSpec read_sql(ObjectReader& destination) {
  SqlDestinationSpec spec;
  read_url(destination, spec);
  destination.unsupported("connection", {.kind = "a string"});
  if (auto table = destination.plain_text("table", {.required = true})) {
    check_table(destination, "table", *table, spec);
    spec.table = std::move(*table);
  }
  destination.choice<Disposition>("write_disposition", dispositions, Disposition::append);
  destination.unsupported("key", {.kind = "an array", .resolved = JsonValue{JsonArray{}}});
  spec.on_conflict = destination.choice<Conflict>("on_conflict", conflicts, Conflict::reject);
  spec.create_table = destination.boolean("create_table", false);
  read_ledger(destination, spec);
  spec.sync_sequences = destination.boolean("sync_sequences", true);
  destination.unsupported("allow_empty", {.kind = "true or false", .resolved = JsonValue{false}});
  destination.finish();
  return spec;
}

}  // namespace

void read_destination(ObjectReader& document, JobSpec& spec) {
  const JsonValue* const value = document.find("destination");
  if (value == nullptr) return document.report_missing("destination");
  const Location here = document.at("destination");
  ObjectReader destination(document.reading(), value, here, "the destination");
  const auto type = destination.text("type", {.required = true});
  if (!type) return;
  const std::vector<std::string>& custom = document.reading().options.custom_destinations;
  if (type->value == "sql" || type->value == "null") {
    destination.add("type", JsonValue{type->written});
    if (type->value == "sql") {
      spec.destination = read_sql(destination);
    } else {
      spec.destination = NullDestinationSpec{};
      destination.finish();
    }
    document.add("destination", JsonValue{destination.take_resolved()});
  } else if (std::find(custom.begin(), custom.end(), type->value) != custom.end()) {
    spec.destination = read_custom_connector(document, "destination", *value, type->value);
  } else {
    constexpr std::array<std::string_view, 2> built_in{"sql", "null"};
    constexpr std::array<std::string_view, 3> later{"csv", "jsonl", "http"};
    report_no_connector(destination, type->written, {"destination", built_in, later, custom});
  }
}

}  // namespace freight::core::spec
