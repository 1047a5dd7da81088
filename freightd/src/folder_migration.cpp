#include "folder_migration.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "connectors/file/file_name.hpp"
#include "console.hpp"
#include "core/spec/object_reader.hpp"
#include "freight/error.hpp"
#include "freight/inspection.hpp"
#include "inspect/readable_json.hpp"
#include "migration/json_objects.hpp"
#include "proposal.hpp"
#include "terminal_text.hpp"

namespace freight::daemon {
namespace {

namespace fs = std::filesystem;
using core::spec::json_text;
using core::spec::JsonArray;
using core::spec::JsonMember;
using core::spec::JsonObject;
using core::spec::JsonValue;
using migration::member;
using migration::object_of;
using migration::section;

bool is_table_file(const fs::directory_entry& entry) {
  constexpr std::array<std::string_view, 4> endings{".csv", ".tsv", ".jsonl", ".json"};
  constexpr std::array<std::string_view, 3> packings{".gz", ".zst", ".zip"};
  fs::path name = entry.path().filename();
  if (name.native().starts_with('.') || entry.is_directory()) return false;
  const auto is_one_of = [&](const auto& some) {
    return std::find(some.begin(), some.end(), name.extension().native()) != some.end();
  };
  if (is_one_of(packings)) name = name.stem();
  return is_one_of(endings);
}

std::vector<fs::path> files_of(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code failed;
  fs::directory_iterator entry(folder, failed);
  for (; !failed && entry != fs::directory_iterator(); entry.increment(failed)) {
    if (is_table_file(*entry)) files.push_back(folder / entry->path().filename());
  }
  if (failed) {
    throw Error(Code::source_unreadable, "the folder '" + printable(folder.string()) +
                                             "' cannot be read: " + failed.message());
  }
  if (files.empty()) {
    throw Error(Code::source_not_found,
                "the folder '" + printable(folder.string()) + "' holds no files to load",
                {.hint = "Those are *.csv, *.tsv, *.jsonl and *.json, compressed ones too."});
  }
  std::sort(files.begin(), files.end(), [](const fs::path& one, const fs::path& other) {
    return one.native() < other.native();
  });
  return files;
}

/// The job that was proposed for a file, as an entry of a migration.
JsonValue entry_of(const fs::path& file, const Options& options) {
  const Inspection inspection = inspect_file(file, {.spool = spool_folder(options)});
  say(printable(file.filename().string()) + ":");
  say_findings(inspection);
  const std::string table = file::name_of_file(file.string());
  JsonObject job = object_of(render_job(
      inspection, {.name = table, .path = file.string(), .destination = R"({"type": "null"})"}));
  JsonObject entry;
  entry.push_back({"from", json_text(file.string())});
  entry.push_back({"to", json_text(table)});
  std::erase_if(section(job, "source"), [](const JsonMember& one) { return one.key == "path"; });
  for (JsonMember& one : job) {
    if (one.key != "name" && one.key != "destination") entry.push_back(std::move(one));
  }
  return JsonValue{std::move(entry)};
}

}  // namespace

bool is_folder_of_tables(const std::string& from, const std::optional<std::string>& to) {
  std::error_code failed;
  return fs::is_directory(from, failed) && (!to || to->find('#') == std::string::npos);
}

std::string migration_from_folder(const fs::path& folder, const std::optional<std::string>& to,
                                  const Options& options) {
  if (to) check_destination(*to);
  JsonArray tables;
  for (const fs::path& file : files_of(folder)) tables.push_back(entry_of(file, options));
  JsonObject destination;
  destination.push_back({"type", json_text(to ? "sql" : "null")});
  if (to) {
    destination.push_back({"url", json_text(*to)});
    destination.push_back({"create_table", JsonValue{true}});
  }
  JsonObject defaults;
  section(defaults, "source").push_back({"type", json_text("csv")});
  member(defaults, "destination") = JsonValue{std::move(destination)};
  fs::path name = fs::absolute(folder).lexically_normal();
  if (!name.has_filename()) name = name.parent_path();
  JsonObject migration;
  migration.push_back({"name", json_text(file::name_of_file(name.string() + ".csv"))});
  migration.push_back({"defaults", JsonValue{std::move(defaults)}});
  migration.push_back({"tables", JsonValue{std::move(tables)}});
  migration.push_back({"on_table_failure", json_text("continue")});
  return inspect::readable_json(JsonValue{std::move(migration)});
}

}  // namespace freight::daemon
