#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "freight/connector_spec.hpp"

namespace freight::file {

/// More are refused: the names of all are in memory.
inline constexpr std::size_t most_files = 100'000;

/// Whether a source names more than a plain file: a list, a folder, or a pattern (see
/// is_of_pattern()) that is no file's own name.
bool names_several(const SourceFile& source);

/// The ending of the files that are read of a folder: ".csv"; empty for a source of no files.
std::string ending_of(const SourceSpec& source);

/// The files that the paths name: plain ones whether they exist or not, of a folder those that end
/// in `ending`, of a pattern those that it matches. Each once, in the byte order of their paths.
/// Throws Error(source_not_found) for a pattern or folder without a file, source_unreadable for a
/// folder that cannot be read, a name that is not UTF-8 and for more than most_files.
std::vector<std::filesystem::path> named_files(const std::vector<std::filesystem::path>& paths,
                                               const std::string& ending);

/// A folder as the pattern of its files: those that end in .csv, or else .jsonl or .json; any other
/// path as it is. Throws Error(source_not_found) for a folder without such files, and
/// source_unreadable for one that cannot be read or has them of several kinds.
std::filesystem::path as_pattern(const std::filesystem::path& path);

/// All that a path with wildcards matches, folders included; the path alone when it has none.
std::vector<std::filesystem::path> matches_of(const std::filesystem::path& pattern);

/// Whether `file` is one of those that the paths name, or would be if it existed.
bool would_name(const std::vector<std::filesystem::path>& paths, const std::string& ending,
                const std::filesystem::path& file);

}  // namespace freight::file
