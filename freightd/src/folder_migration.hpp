#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "options.hpp"

namespace freight::daemon {

/// True for a folder whose files go to a table each: `to` names no table.
bool is_folder_of_tables(const std::string& from, const std::optional<std::string>& to);

/// The migration that loads each file of a folder into a table of its own: what `init` prints of
/// one. `to` is a database's URL; without it the migration cannot be run. Says on stderr what was
/// found. Throws Error(usage), Error(source_not_found) for a folder without files that can be
/// loaded, and what inspect_file() throws.
std::string migration_from_folder(const std::filesystem::path& folder,
                                  const std::optional<std::string>& to, const Options& options);

}  // namespace freight::daemon
