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
#include "option_descriptions.hpp"
#include "option_reader.hpp"
#include "server_options.hpp"

namespace freight::daemon {
namespace {

namespace program_options = boost::program_options;
using Described = program_options::options_description;
using Values = program_options::variables_map;
using Texts = std::vector<std::string>;
using program_options::value;

constexpr unsigned most_workers = 1024;

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
  const Described all = all_option_descriptions();
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
  const Described described = option_descriptions(set);
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
    const Described described = option_descriptions(set);
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
  text << option_descriptions(set);
  return text.str();
}

}  // namespace freight::daemon
