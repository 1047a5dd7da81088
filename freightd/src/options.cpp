#include "options.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <sstream>

#include <boost/program_options.hpp>

#include "core/nearest_name.hpp"
#include "freight/error.hpp"
#include "option_reader.hpp"
#include "server_options.hpp"

namespace freight::daemon {
namespace {

namespace program_options = boost::program_options;
using Described = program_options::options_description;
using Values = program_options::variables_map;
using Texts = std::vector<std::string>;
using program_options::bool_switch;
using program_options::value;

constexpr unsigned most_workers = 1024;

void add_common(Described& described) {
  described.add_options()("help,h", bool_switch(), "show this")(
      "config", value<std::string>()->value_name("FILE"),
      "read options from FILE, one NAME = VALUE a line");
}

void add_storage(Described& described) {
  described.add_options()(
      "storage", value<std::string>()->value_name("URL"),
      "where Freight keeps its state: sqlite:FILE or postgresql://USER:PASSWORD@HOST/DATABASE "
      "(default: sqlite:freight.db)");
}

void add_outputs(Described& described) {
  described.add_options()("report", value<std::string>()->value_name("FILE"),
                          "write the report to FILE as JSON")(
      "rejects", value<std::string>()->value_name("FILE.csv"),
      "write the rejected records to FILE.csv")(
      "json", bool_switch(), "print the report on stdout, and nothing else there");
}

void add_json(Described& described) {
  described.add_options()("json", bool_switch(), "print JSON, and nothing else on stdout");
}

void add_spool(Described& described) {
  described.add_options()(
      "spool", value<std::string>()->value_name("FOLDER"),
      "where the text of compressed files and of standard input is kept while it is read (default: "
      "beside the storage)");
}

void add_engine(Described& described) {
  add_spool(described);
  described.add_options()("workers", value<std::string>()->value_name("N"),
                          "batches at a time (default: one more than processors)")(
      "connections", value<std::string>()->value_name("N"),
      "connections to one database at a time (default: two more than workers)")(
      "lease", value<std::string>()->value_name("TIME"),
      "how long the work of a process that has died stays its own, from 1s to 10m (default: 5s)");
}

void add_work(Described& described) {
  add_engine(described);
  described.add_options()(
      "progress", value<std::string>()->value_name("STYLE"),
      "on stderr: auto, bar, plain or none (default: auto, a bar on a terminal)");
}

void add_limit(Described& described) {
  described.add_options()("limit", value<std::string>()->value_name("N"), "only the first N");
}

void add_overrides(Described& described) {
  described.add_options()(
      "set", value<Texts>()->value_name("POINTER=VALUE"),
      "replace a part of the job file, as in --set /destination/table=people; may be repeated");
}

void add_only(Described& described) {
  described.add_options()("only", value<Texts>()->value_name("TABLE"),
                          "of a migration this table alone; may be repeated");
}

void add_new(Described& described) {
  described.add_options()("new", bool_switch(),
                          "make a new job, even when this one was run before");
}

void add_output(Described& described) {
  described.add_options()("output,o", value<std::string>()->value_name("FILE"),
                          "write to FILE (default: stdout)");
}

void add_from(Described& described) {
  described.add_options()(
      "from", value<std::string>()->value_name("FIXED.csv"),
      "the job's rejects file, corrected; rows left as they are are tried again "
      "too");
}

void add_scope(Described& described, const char* choices) {
  described.add_options()("scope", value<std::string>()->value_name("SCOPE"), choices);
}

void add_log_filters(Described& described) {
  described.add_options()("status", value<std::string>()->value_name("OUTCOME"),
                          "only records that were succeeded, rejected, skipped or filtered")(
      "level", value<std::string>()->value_name("LEVEL"), "only debug, info, warning or error")(
      "code", value<std::string>()->value_name("CODE"), "only what has this code")(
      "batch", value<std::string>()->value_name("ID"), "only what belongs to this batch")(
      "since", value<std::string>()->value_name("TIME"),
      "from this time on, such as 2026-01-31T08:00:00Z")(
      "until", value<std::string>()->value_name("TIME"), "before this time")(
      "newest-first", bool_switch(), "the last entry first")(
      "format", value<std::string>()->value_name("FORMAT"), "text, csv or jsonl (default: text)");
}

void add_to(Described& described) {
  described.add_options()(
      "to", value<std::string>()->value_name("URL[#TABLE]"),
      "where the job is to write: sqlite:FILE or postgresql://USER:PASSWORD@HOST/DATABASE, and the "
      "table (default: the file's name)");
}

/// A job that is made on the spot.
void add_proposal(Described& described) {
  described.add_options()("from", value<std::string>()->value_name("FILE"),
                          "in place of JOB.json: make the job of a file, as init does");
  add_to(described);
  described.add_options()("save", value<std::string>()->value_name("JOB.json"),
                          "keep the job that was made of --from");
}

void add_key(Described& described) {
  described.add_options()("scopes", value<std::string>()->value_name("LIST"),
                          "of read, write and manage, with commas (default: all of them)")(
      "expires-in", value<std::string>()->value_name("TIME"),
      "such as 90d, 12h or 30m (default: never)")("admin", bool_switch(),
                                                  "the installation's own key, for all tenants");
}

void add_erasure(Described& described) {
  described.add_options()("key", value<std::string>()->value_name("VALUE"),
                          "of the records: the values of the key, with commas between them")(
      "dry-run", bool_switch(), "say what would be erased, and erase nothing");
}

/// What a set holds beside `--storage` and what every command has.
void add_own(Described& described, OptionSet set) {
  switch (set) {
    case OptionSet::none:
    case OptionSet::control:
      return;
    case OptionSet::version:
    case OptionSet::storage:
      return add_json(described);
    case OptionSet::run:
      add_new(described);
      add_proposal(described);
      [[fallthrough]];
    case OptionSet::validate:
      add_work(described);
      add_outputs(described);
      add_limit(described);
      add_only(described);
      return add_overrides(described);
    case OptionSet::preview:
      add_spool(described);
      add_limit(described);
      add_json(described);
      return add_overrides(described);
    case OptionSet::init:
      add_spool(described);
      add_to(described);
      described.add_options()("json", bool_switch(),
                              "print what was found and the job as JSON on stdout");
      return;
    case OptionSet::jobs:
      add_json(described);
      return add_limit(described);
    case OptionSet::report:
      return add_outputs(described);
    case OptionSet::rejects:
      add_spool(described);
      return add_output(described);
    case OptionSet::replay:
      add_from(described);
      add_work(described);
      return add_outputs(described);
    case OptionSet::retry:
      add_scope(described,
                "failed_batches (what is pending), rejected_records, or all (default: all)");
      add_work(described);
      return add_outputs(described);
    case OptionSet::log:
      add_scope(described, "only what is told of the job, of a batch or of a record");
      add_log_filters(described);
      add_limit(described);
      return add_output(described);
    case OptionSet::key:
      add_json(described);
      return add_key(described);
    case OptionSet::erase:
      return add_erasure(described);
    case OptionSet::serve:
      add_engine(described);
      add_server(described);
      add_tenants_reach(described);
      add_retention(described);
      return add_log(described);
    case OptionSet::worker:
      add_engine(described);
      add_health(described);
      add_tenants_reach(described);
      return add_log(described);
    case OptionSet::reseal:
      return add_master_key(described);
    case OptionSet::prune:
      add_blobs(described);
      return add_retention(described);
  }
}

Described describe(OptionSet set) {
  Described described("Options");
  add_own(described, set);
  const bool has_storage = set != OptionSet::none && set != OptionSet::version &&
                           set != OptionSet::preview && set != OptionSet::init;
  if (has_storage) add_storage(described);
  add_common(described);
  return described;
}

/// Every option of every command: what a configuration file may name.
Described describe_all() {
  Described described;
  add_new(described);
  add_work(described);
  add_outputs(described);
  add_limit(described);
  add_overrides(described);
  add_output(described);
  add_from(described);
  add_scope(described, "");
  add_log_filters(described);
  add_to(described);
  described.add_options()("save", value<std::string>(), "");
  add_key(described);
  add_erasure(described);
  add_storage(described);
  add_server(described);
  add_health(described);
  add_tenants_reach(described);
  add_retention(described);
  add_log(described);
  return described;
}

std::string environment_name(const std::string& option) {
  std::string name = "FREIGHT_" + option;
  std::transform(name.begin(), name.end(), name.begin(), [](char character) {
    return character == '-'
               ? '_'
               : static_cast<char>(std::toupper(static_cast<unsigned char>(character)));
  });
  return name;
}

program_options::parsed_options from_environment(const Described& described) {
  program_options::parsed_options parsed(&described);
  for (const auto& option : described.options()) {
    const std::string& name = option->long_name();
    const char* const text = name == "help" ? nullptr : std::getenv(environment_name(name).c_str());
    if (text == nullptr || *text == '\0') continue;
    parsed.options.emplace_back(name, Texts{text});
  }
  return parsed;
}

program_options::parsed_options from_file(const Described& described, const std::string& path) {
  std::ifstream file(path);
  if (!file) throw Error(Code::usage, "cannot read the configuration file '" + path + "'");
  const Described all = describe_all();
  auto parsed = program_options::parse_config_file(file, all);
  // One file serves all commands: each takes what it knows.
  std::erase_if(parsed.options, [&](const auto& option) {
    return described.find_nothrow(option.string_key, false) == nullptr;
  });
  parsed.description = &described;
  return parsed;
}

Values read_values(const Described& described, std::span<const std::string> arguments,
                   Texts& positional) {
  const int style = program_options::command_line_style::default_style &
                    ~program_options::command_line_style::allow_guessing;
  // `-` is a job file, not an option.
  program_options::positional_options_description any;
  any.add("argument", -1);
  Described all;
  all.add(described).add_options()("argument", value<Texts>());
  Values values;
  store(program_options::command_line_parser(Texts(arguments.begin(), arguments.end()))
            .options(all)
            .positional(any)
            .style(style)
            .run(),
        values);
  if (values.contains("argument")) positional = values["argument"].as<Texts>();
  store(from_environment(described), values);
  if (values.contains("config"))
    store(from_file(described, values["config"].as<std::string>()), values);
  return values;
}

ProgressStyle read_progress(const std::string& text) {
  if (text == "auto") return ProgressStyle::automatic;
  if (text == "bar") return ProgressStyle::bar;
  if (text == "plain") return ProgressStyle::plain;
  if (text == "none") return ProgressStyle::none;
  throw Error(Code::usage, "--progress takes auto, bar, plain or none, not '" + text + "'");
}

std::pair<std::string, std::string> read_override(const std::string& text) {
  const auto equals = text.find('=');
  if (equals != std::string::npos && text.starts_with('/'))
    return {text.substr(0, equals), text.substr(equals + 1)};
  throw Error(Code::usage,
              "--set takes POINTER=VALUE with a pointer like /source/path, not '" + text + "'");
}

std::chrono::seconds read_lease(const std::string& text) {
  const auto lease = read_duration("lease", text);
  if (lease <= std::chrono::minutes(10)) return lease;
  throw Error(Code::usage, "--lease takes a time from 1s to 10m, not '" + text + "'");
}

void read_log_filters(const OptionReader& reader, LogOptions& log) {
  log.status = reader.text("status");
  log.level = reader.text("level");
  log.code = reader.text("code");
  log.batch = reader.text("batch");
  log.since = reader.text("since");
  log.until = reader.text("until");
  log.newest_first = reader.flag("newest-first");
  if (const auto text = reader.text("format")) log.format = *text;
}

/// What to do about an option that the command does not have, or no command.
std::string hint_for(const std::string& written, OptionSet set) {
  const Described described = describe(set);
  std::vector<std::string> names;
  for (const auto& option : described.options()) names.push_back(option->long_name());
  const std::string name = written.substr(std::min(written.find_first_not_of('-'), written.size()));
  const std::string_view nearest = core::nearest_name(name, names);
  if (nearest.empty()) return "--help shows the options of a command";
  return "the nearest is --" + std::string(nearest) + "; --help shows all of the command";
}

Options to_options(const Values& values) {
  const OptionReader reader(values);
  constexpr auto any = std::numeric_limits<std::int64_t>::max();
  Options options;
  options.help = reader.flag("help");
  if (const auto text = reader.text("storage")) options.storage = *text;
  if (const auto text = reader.text("workers")) {
    options.workers = static_cast<unsigned>(read_number("workers", *text, 1, most_workers));
  }
  if (const auto text = reader.text("connections")) {
    options.connections = read_number("connections", *text, 1, most_workers);
  }
  if (const auto text = reader.text("spool")) options.spool = *text;
  if (const auto text = reader.text("lease")) options.lease = read_lease(*text);
  if (const auto text = reader.text("progress")) options.progress = read_progress(*text);
  if (const auto text = reader.text("report")) options.report = *text;
  if (const auto text = reader.text("rejects")) options.rejects = *text;
  if (const auto text = reader.text("limit")) options.limit = read_number("limit", *text, 0, any);
  options.json = reader.flag("json");
  options.new_job = reader.flag("new");
  if (const auto text = reader.text("output")) options.output = *text;
  if (const auto text = reader.text("from")) options.from = *text;
  options.to = reader.text("to");
  if (const auto text = reader.text("save")) options.save = *text;
  options.scope = reader.text("scope");
  read_log_filters(reader, options.log);
  options.scopes = reader.text("scopes");
  options.expires_in = reader.text("expires-in");
  options.admin = reader.flag("admin");
  options.key = reader.text("key");
  options.dry_run = reader.flag("dry-run");
  read_server(reader, options.server);
  options.only = reader.texts("only");
  for (const auto& text : reader.texts("set")) options.overrides.push_back(read_override(text));
  return options;
}

}  // namespace

std::uint64_t read_number(const std::string& option, const std::string& text, std::uint64_t least,
                          std::uint64_t most) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc{} && end == text.data() + text.size() && number >= least && number <= most)
    return number;
  throw Error(Code::usage, "--" + option + " takes a whole number from " + std::to_string(least) +
                               " to " + std::to_string(most) + ", not '" + text + "'");
}

std::chrono::seconds read_duration(const std::string& option, const std::string& text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const std::string_view unit(end, text.data() + text.size());
  constexpr std::int64_t most = 100'000;
  const bool fits = error == std::errc{} && number > 0 && number <= most;
  if (fits && unit == "d") return std::chrono::days(number);
  if (fits && unit == "h") return std::chrono::hours(number);
  if (fits && unit == "m") return std::chrono::minutes(number);
  if (fits && unit == "s") return std::chrono::seconds(number);
  throw Error(Code::usage,
              "--" + option + " takes a number and d, h, m or s, such as 90d, not '" + text + "'");
}

EngineOptions engine_options(const Options& options) {
  const std::chrono::milliseconds lease = options.lease;
  // Five heartbeats a lease at least, so that one that is late costs nothing; and no fewer than by
  // default, because a cancellation is heard of with them too.
  const auto heartbeat = std::min(EngineOptions().heartbeat, lease / 5);
  return {.workers = options.workers, .lease = lease, .heartbeat = heartbeat};
}

ConnectorOptions connector_options(const Options& options) {
  const bool by_workers = options.connections == 0 && options.workers > 0;
  return {.connections = by_workers ? options.workers + 2 : options.connections,
          .spool = spool_folder(options)};
}

std::filesystem::path spool_folder(const Options& options) {
  constexpr std::string_view scheme = "sqlite:";
  if (!options.spool.empty()) return options.spool;
  if (!options.storage.starts_with(scheme)) return {};
  return std::filesystem::absolute(options.storage.substr(scheme.size())).parent_path();
}

Options read_options(OptionSet set, std::span<const std::string> arguments) {
  try {
    const Described described = describe(set);
    Texts positional;
    Options options = to_options(read_values(described, arguments, positional));
    options.set = set;
    options.written.assign(arguments.begin(), arguments.end());
    options.arguments = std::move(positional);
    return options;
  } catch (const program_options::unknown_option& error) {
    throw Error(Code::usage, error.what(), {.hint = hint_for(error.get_option_name(), set)});
  } catch (const program_options::error& error) {
    throw Error(Code::usage, error.what());
  }
}

Options reread(const Options& options) { return read_options(options.set, options.written); }

std::string describe_options(OptionSet set) {
  std::ostringstream text;
  text << describe(set);
  return text.str();
}

}  // namespace freight::daemon
