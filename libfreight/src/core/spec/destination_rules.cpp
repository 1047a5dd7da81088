#include <algorithm>
#include <array>
#include <utility>

#include "core/spec/dialect_rules.hpp"
#include "core/spec/sections.hpp"
#include "core/spec/sql_rules.hpp"

namespace freight::core::spec {
namespace {

constexpr std::array<Choice<WriteDisposition>, 3> dispositions{
    {{"append", WriteDisposition::append},
     {"merge", WriteDisposition::merge},
     {"replace", WriteDisposition::replace}}};
constexpr std::array<Choice<Conflict>, 3> conflicts{
    {{"reject", Conflict::reject}, {"skip", Conflict::skip}, {"update", Conflict::update}}};

constexpr std::string_view default_ledger = "freight_ledger";
constexpr std::string_view no_ledger = "none";

/// The ledger of `{"table": name}`.
void read_ledger_object(ObjectReader& destination, const JsonValue& value,
                        SqlDestinationSpec& spec) {
  const Location here = destination.at("ledger");
  ObjectReader ledger(destination.reading(), &value, here, "the ledger");
  if (const auto table = ledger.plain_text("table", {.required = true})) {
    check_table(ledger, "table", *table, spec.url);
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
      check_table(destination, key, *name, spec.url);
      spec.ledger = *name;
    }
  }
  if (spec.ledger && !spec.table.empty() && *spec.ledger == spec.table) {
    destination.report(key, Code::invalid_value, "must not be the destination's own table");
  }
}

/// What a conflict may lead to depends on how rows are written; the first is the default.
std::array<Conflict, 2> conflicts_of(WriteDisposition disposition) {
  switch (disposition) {
    case WriteDisposition::append:
      return {Conflict::reject, Conflict::skip};
    case WriteDisposition::merge:
      return {Conflict::update, Conflict::skip};
    case WriteDisposition::replace:
      break;
  }
  return {Conflict::reject, Conflict::reject};
}

constexpr std::array key_checks{Choice<bool>{"check", true}, Choice<bool>{"ignore", false}};

std::string_view conflict_hint(WriteDisposition disposition) {
  switch (disposition) {
    case WriteDisposition::append:
      return "append takes \"reject\" or \"skip\"; to update rows use write_disposition \"merge\"";
    case WriteDisposition::merge:
      return "merge takes \"update\" or \"skip\"";
    case WriteDisposition::replace:
      break;
  }
  return "replace takes \"reject\" only: it begins with an empty table";
}

void read_disposition(ObjectReader& destination, SqlDestinationSpec& spec) {
  spec.write_disposition = destination.choice<WriteDisposition>("write_disposition", dispositions,
                                                                WriteDisposition::append);
  spec.key = read_key(destination);
  if (!spec.key.empty() && spec.write_disposition != WriteDisposition::merge) {
    destination.report("key", Code::invalid_value,
                       "is only of use for write_disposition \"merge\"");
  }
  const auto fitting = conflicts_of(spec.write_disposition);
  spec.on_conflict = destination.choice<Conflict>("on_conflict", conflicts, fitting.front());
  if (std::find(fitting.begin(), fitting.end(), spec.on_conflict) == fitting.end()) {
    destination.report("on_conflict", Code::invalid_value,
                       std::string(conflict_hint(spec.write_disposition)));
  }
}

SqlDestinationSpec read_sql(ObjectReader& destination) {
  SqlDestinationSpec spec;
  spec.url = read_sql_url(destination, spec.connection);
  if (auto table = destination.plain_text("table", {.required = true})) {
    check_table(destination, "table", *table, spec.url);
    spec.table = std::move(*table);
  }
  read_disposition(destination, spec);
  spec.create_table = destination.boolean("create_table", false);
  read_ledger(destination, spec);
  spec.sync_sequences = destination.boolean("sync_sequences", true);
  spec.allow_lossy = read_allowed(destination, "lossy");
  spec.check_foreign_keys = destination.choice<bool>("foreign_keys", key_checks, true);
  if (!spec.check_foreign_keys && spec.url.starts_with("postgres")) {
    destination.report("foreign_keys", Code::invalid_value,
                       "can be \"ignore\" for SQLite only; PostgreSQL always looks at them");
  }
  spec.allow_empty = destination.boolean("allow_empty", false);
  if (spec.allow_empty && spec.write_disposition != WriteDisposition::replace) {
    destination.report("allow_empty", Code::invalid_value,
                       "is only of use for write_disposition \"replace\"");
  }
  destination.finish();
  return spec;
}

CsvDestinationSpec read_csv(ObjectReader& destination) {
  CsvDestinationSpec spec;
  spec.path = read_path(destination, {.required = true, .max_bytes = max_path_bytes});
  const JsonValue* const value = destination.find("dialect");
  const Location here = destination.at("dialect");
  ObjectReader dialect(destination.reading(), value, here, "a destination's dialect");
  spec.delimiter = read_delimiter(dialect, value == nullptr ? nullptr : value->object());
  if (spec.delimiter == '"') {
    dialect.report("delimiter", Code::invalid_value, "must not be the quote");
  }
  spec.header = dialect.boolean("header", true);
  constexpr std::array<std::string_view, 9> of_sources{
      "quoteChar",   "doubleQuote",      "escapeChar",          "headerNames",   "skipRows",
      "commentChar", "skipInitialSpace", "caseSensitiveHeader", "lineTerminator"};
  dialect.finish(of_sources, "only a source has it");
  destination.add("dialect", JsonValue{dialect.take_resolved()});
  constexpr std::array<std::string_view, 1> source_keys{"encoding"};
  destination.finish(source_keys, "Freight writes UTF-8");
  return spec;
}

JsonlDestinationSpec read_jsonl(ObjectReader& destination) {
  JsonlDestinationSpec spec;
  spec.path = read_path(destination, {.required = true, .max_bytes = max_path_bytes});
  constexpr std::array<std::string_view, 1> source_keys{"encoding"};
  destination.finish(source_keys, "Freight writes UTF-8");
  return spec;
}

/// The destination of a type that is built in; nullopt for another type.
std::optional<DestinationSpec> read_built_in(ObjectReader& destination, std::string_view type) {
  if (type == "sql") return read_sql(destination);
  if (type == "csv") return read_csv(destination);
  if (type == "jsonl") return read_jsonl(destination);
  if (type != "null") return std::nullopt;
  destination.finish();
  return NullDestinationSpec{};
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
  constexpr std::array<std::string_view, 4> built_in{"sql", "csv", "jsonl", "null"};
  if (std::find(built_in.begin(), built_in.end(), type->value) != built_in.end()) {
    destination.add("type", JsonValue{type->written});
    spec.destination = *read_built_in(destination, type->value);
    document.add("destination", JsonValue{destination.take_resolved()});
  } else if (std::find(custom.begin(), custom.end(), type->value) != custom.end()) {
    spec.destination = read_custom_connector(document, "destination", *value, type->value);
  } else {
    constexpr std::array<std::string_view, 1> later{"http"};
    report_no_connector(destination, type->written, {"destination", built_in, later, custom});
  }
}

}  // namespace freight::core::spec
