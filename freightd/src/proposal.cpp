#include "proposal.hpp"

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <string_view>

#include <boost/json.hpp>

#include "connectors/file/file_name.hpp"
#include "connectors/file/name_pattern.hpp"
#include "connectors/file/named_files.hpp"
#include "console.hpp"
#include "core/spec/json_reader.hpp"
#include "folder_migration.hpp"
#include "freight/database_schema.hpp"
#include "freight/error.hpp"
#include "inspect/readable_json.hpp"
#include "terminal_text.hpp"

namespace freight::daemon {
namespace {

constexpr std::string_view standard_input = "-";

/// A database's URL and the table after its #.
struct Place {
  std::string url;
  std::string table;
};

Place place_of(const std::string& text) {
  // A password may not hold a bare # in a URL, so the last one begins the table.
  const std::size_t mark = text.rfind('#');
  return {text.substr(0, mark), mark == std::string::npos ? "" : text.substr(mark + 1)};
}

/// Of a pattern what its files have in common, or else their folder.
std::string name_of_source(const std::filesystem::path& path) {
  const std::string name = path.filename().string();
  if (!file::has_wildcard(name) || std::filesystem::exists(path))
    return file::name_of_file(path.string());
  std::string common = name.substr(0, name.find_first_of("*?["));
  common.resize(common.find_last_not_of("-_. ") + 1);
  if (common.empty()) common = std::filesystem::absolute(path).parent_path().filename().string();
  return file::name_of_file(common + ".csv");
}

std::string destination_of(const std::string& path, const std::string& to) {
  auto [url, table] = place_of(to);
  if (table.empty() && path == standard_input) {
    throw Error(Code::usage, "standard input has no name that the table could have",
                {.hint = "Name the table, as in --to sqlite:crm.db#people."});
  }
  if (table.empty()) table = name_of_source(path);
  check_destination(to);
  const boost::json::object destination{
      {"type", "sql"}, {"url", url}, {"table", table}, {"create_table", true}};
  return boost::json::serialize(destination);
}

std::string count_of(std::size_t count, const std::string& one, const std::string& several) {
  return std::to_string(count) + ' ' + (count == 1 ? one : several);
}

std::string describe(const DatabaseTable& table) {
  std::string text = count_of(table.columns.size(), "column", "columns");
  if (table.primary_key.empty()) text += ", no primary key";
  if (!table.indexes.empty()) text += ", " + count_of(table.indexes.size(), "index", "indexes");
  for (const ForeignKey& key : table.foreign_keys) {
    text += ", refers to " + printable(key.table, 100);
  }
  return text;
}

/// The path of a server's URL: never what stands before it, where a password may be.
std::string database_name(const std::string& url) {
  const std::string bare = url.substr(0, url.find('?'));
  const std::size_t authority = bare.find("://");
  const std::size_t slash =
      authority == std::string::npos ? authority : bare.find('/', authority + 3);
  const std::string name = slash == std::string::npos ? "" : bare.substr(slash + 1);
  return name.empty() ? "migration" : name;
}

/// As render_job() writes jobs.
std::string readable(const boost::json::value& value) {
  core::spec::Findings findings;
  const auto read = core::spec::read_json(boost::json::serialize(value), {}, findings);
  return inspect::readable_json(*read.value);
}

/// A SQLite file's URL with its whole path.
std::string absolute_url(const std::string& url) {
  constexpr std::string_view scheme = "sqlite:";
  if (!url.starts_with(scheme)) return url;
  return std::string(scheme) + std::filesystem::absolute(url.substr(scheme.size())).string();
}

void save_job(const std::string& job, const std::filesystem::path& path) {
  std::ofstream file(path, std::ios::binary);
  file << job;
  file.close();
  if (!file) throw Error(Code::output_failed, "cannot write the job to '" + path.string() + "'");
}

}  // namespace

ProposedJob proposed_job(const std::string& path, const std::optional<std::string>& to) {
  return {.name = path == standard_input ? "standard input" : name_of_source(path),
          .path = path,
          .destination = to ? destination_of(path, *to) : R"({"type": "null"})"};
}

void check_destination(const std::string& to) {
  if (is_database(to)) return;
  throw Error(Code::usage, "--to takes sqlite:FILE or postgresql://…, with #TABLE after it",
              {.hint = "As in --to sqlite:crm.db#people."});
}

bool is_database(const std::string& text) {
  return text.starts_with("sqlite:") || text.starts_with("postgresql:") ||
         text.starts_with("postgres:");
}

std::string migration_from_database(const std::string& from, const std::optional<std::string>& to) {
  const Place source = place_of(from);
  const Place destination = place_of(to.value_or(""));
  if (to) check_destination(*to);
  if (source.table.empty() && !destination.table.empty()) {
    throw Error(Code::usage, "--to names one table, and --from all of a database",
                {.hint = "Leave #" + destination.table + " out, or name the source's table too."});
  }
  const DatabaseSchema schema = open_schema_connection(source.url)->read();
  boost::json::array tables;
  for (const DatabaseTable& table : schema.tables) {
    if (!source.table.empty() && table.display() != source.table) continue;
    say(printable(table.display()) + ": " + describe(table));
    if (destination.table.empty()) {
      tables.emplace_back(table.display());
    } else {
      tables.push_back({{"from", table.display()}, {"to", destination.table}});
    }
  }
  if (tables.empty()) {
    throw Error(Code::source_not_found, source.table.empty()
                                            ? "the database has no tables"
                                            : "the database has no table '" + source.table + "'");
  }
  const std::string name = source.url.starts_with("sqlite:")
                               ? file::name_of_file(source.url.substr(7))
                               : database_name(source.url);
  boost::json::object target{{"type", "sql"}, {"url", destination.url}, {"create_table", true}};
  if (!to) target = {{"type", "null"}};
  const boost::json::object migration{
      {"name", name},
      {"defaults",
       {{"source", {{"type", "sql"}, {"url", source.url}}}, {"destination", std::move(target)}}},
      {"tables", std::move(tables)},
      {"order", "foreign_keys"},
      {"constraints", "after_load"},
      {"on_table_failure", "continue"}};
  return readable(migration);
}

std::string job_from(const Options& options) {
  if (!options.arguments.empty() || !options.to) {
    throw Error(Code::usage, "run takes JOB.json, or --from FILE and --to URL[#TABLE]",
                {.hint = "see freightd run --help"});
  }
  std::string job;
  if (is_database(*options.from)) {
    job = migration_from_database(absolute_url(*options.from), absolute_url(*options.to));
  } else if (is_folder_of_tables(*options.from, options.to)) {
    job = migration_from_folder(std::filesystem::absolute(*options.from), absolute_url(*options.to),
                                options);
  } else {
    const std::filesystem::path path = file::as_pattern(*options.from);
    const ProposedJob proposed = proposed_job(
        path == standard_input ? path.string() : std::filesystem::absolute(path).string(),
        absolute_url(*options.to));
    const Inspection inspection = inspect_file(path, {.spool = spool_folder(options)});
    say_findings(inspection);
    job = render_job(inspection, proposed);
  }
  if (options.save) save_job(job, *options.save);
  return job;
}

void say_findings(const Inspection& inspection) {
  std::size_t questions = 0;
  for (const InspectionFinding& finding : inspection.findings) {
    say(printable(finding.subject) + ": " + printable(finding.text, 2000));
    if (finding.question) ++questions;
  }
  if (questions == 0) return;
  say(std::to_string(questions) + (questions == 1 ? " question is" : " questions are") +
      " left to you: a field of type \"undecided\" takes the keys of one of its candidates");
}

}  // namespace freight::daemon
