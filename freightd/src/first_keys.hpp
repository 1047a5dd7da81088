#pragma once

#include <filesystem>

#include "freight/storage.hpp"
#include "options.hpp"

namespace freight::daemon {

/// Where files are that belong to a storage: the folder of an SQLite file, else the working one.
std::filesystem::path folder_of(const std::string& storage_url);

/// Gives a storage without an admin key one, and its default tenant a key of its own. Shows both on
/// a terminal, and nowhere else: without one they go to a file that only the user can read.
void make_first_keys(Storage& storage, const Options& options);

}  // namespace freight::daemon
