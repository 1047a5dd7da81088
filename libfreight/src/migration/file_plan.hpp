#pragma once

#include <filesystem>
#include <string>

#include "freight/migration.hpp"

namespace freight::migration {

/// The whole path, or pattern, that an entry's `from` names; an upload's is only a name, and stays
/// as it is.
std::string file_of(const MigrationEntry& entry, const std::filesystem::path& base_folder);

/// The plan of a migration whose tables are files, of which each job makes its own table. Relative
/// paths are relative to `base_folder`. Throws Error(source_not_found) for a name or a pattern that
/// no file has, and Error(invalid_spec) when two files would go to one table.
MigrationPlan plan_of_files(const MigrationSpec& spec, const std::filesystem::path& base_folder);

}  // namespace freight::migration
