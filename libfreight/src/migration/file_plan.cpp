#include "migration/file_plan.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <system_error>
#include <vector>

#include "connectors/file/file_name.hpp"
#include "connectors/file/named_files.hpp"
#include "core/ascii.hpp"
#include "freight/error.hpp"
#include "migration/json_objects.hpp"
#include "migration/migration_jobs.hpp"
#include "migration/table_pattern.hpp"

namespace freight::migration {
namespace {

namespace fs = std::filesystem;

bool names_upload(const MigrationEntry& entry) {
  core::spec::JsonObject job = object_of(entry.job);
  return core::spec::find_member(section(job, "source"), "upload") != nullptr;
}

/// What `from` stands for.
std::vector<std::string> files_of(const MigrationEntry& entry, const fs::path& base_folder) {
  const fs::path path = file_of(entry, base_folder);
  std::error_code failed;
  const bool is_one = !is_pattern(entry.from) || names_upload(entry) || fs::exists(path, failed);
  if (is_one) return {path.string()};
  std::vector<std::string> files;
  for (const fs::path& file : file::named_files({path}, "")) files.push_back(file.string());
  return files;
}

bool is_excluded(const MigrationSpec& spec, const std::string& file) {
  const std::string name = fs::path(file).filename().string();
  return std::any_of(spec.exclude.begin(), spec.exclude.end(), [&](const std::string& pattern) {
    return matches(pattern, name) || matches(pattern, file);
  });
}

}  // namespace

std::string file_of(const MigrationEntry& entry, const fs::path& base_folder) {
  if (names_upload(entry)) return entry.from;
  return fs::absolute(base_folder / entry.from).lexically_normal().string();
}

MigrationPlan plan_of_files(const MigrationSpec& spec, const fs::path& base_folder) {
  MigrationPlan plan;
  std::map<std::string, std::size_t> places;
  for (const MigrationEntry& entry : spec.entries) {
    for (const std::string& file : files_of(entry, base_folder)) {
      if (is_pattern(entry.from) && is_excluded(spec, file)) continue;
      const auto [known, is_new] = places.emplace(file, plan.tables.size());
      // What is said of one file by its name is not taken back by a pattern.
      if (!is_new && is_pattern(entry.from)) continue;
      MigrationTable table{.from = file,
                           .to = entry.to.empty() ? file::name_of_file(file) : entry.to};
      table.to_in_job = table.to;
      table.job =
          job_text(spec, {.source_table = file, .destination_table = table.to, .own = entry.job});
      if (is_new) {
        plan.tables.push_back(std::move(table));
      } else {
        plan.tables[known->second] = std::move(table);
      }
    }
  }
  std::map<std::string, std::string> targets;
  for (const MigrationTable& table : plan.tables) {
    // SQLite's tables are not told apart by their case.
    const auto [other, is_new] = targets.emplace(core::ascii_lower(table.to), table.from);
    if (is_new) continue;
    throw Error(Code::invalid_spec,
                "tables: " + other->second + " and " + table.from + " would both go to " + table.to,
                {.hint = "Give one of them another \"to\", or load both as one source: a job whose "
                         "\"path\" names both."});
  }
  return plan;
}

}  // namespace freight::migration
