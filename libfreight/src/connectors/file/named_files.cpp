#include "connectors/file/named_files.hpp"

#include <algorithm>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>
#include <variant>

#include "connectors/file/name_pattern.hpp"
#include "connectors/file/printable.hpp"
#include "core/utf8.hpp"
#include "freight/error.hpp"

namespace freight::file {
namespace {

namespace fs = std::filesystem;

bool is_there(const fs::path& path) {
  std::error_code failed;
  return fs::exists(path, failed);
}

bool is_folder(const fs::path& path) {
  std::error_code failed;
  return fs::is_directory(path, failed);
}

bool is_pattern(const fs::path& path) { return has_wildcard(path.native()) && !is_there(path); }

[[noreturn]] void fail_folder(const fs::path& folder, const std::error_code& reason) {
  throw Error(Code::source_unreadable,
              "The folder " + printable(folder.native()) + " cannot be read: " + reason.message(),
              {.hint = "Give the user that runs Freight the right to read it."});
}

/// Whether it is a folder. One of which that cannot be told might hold what is looked for.
bool leads_on(const fs::path& path) {
  std::error_code failed;
  const fs::file_status status = fs::status(path, failed);
  if (status.type() == fs::file_type::none) fail_folder(path, failed);
  return fs::is_directory(status);
}

void check_count(std::size_t count, const fs::path& pattern) {
  if (count <= most_files) return;
  throw Error(Code::source_unreadable,
              "The source " + printable(pattern.native()) + " is more than " +
                  std::to_string(most_files) + " files",
              {.hint = "Load them with several jobs, a part of the files each."});
}

/// The names in a folder for which `wanted` is true.
template <typename Wanted>
std::vector<std::string> names_in(const fs::path& folder, const Wanted& wanted) {
  std::error_code failed;
  fs::directory_iterator entry(folder.empty() ? fs::path(".") : folder, failed);
  std::vector<std::string> names;
  for (; !failed && entry != fs::directory_iterator(); entry.increment(failed)) {
    std::string name = entry->path().filename().native();
    if (wanted(std::string_view(name))) names.push_back(std::move(name));
    check_count(names.size(), folder);
  }
  if (failed) fail_folder(folder, failed);
  return names;
}

/// What begins with a dot is hidden: editors and file managers leave such files behind.
bool is_file_of_folder(std::string_view name, std::string_view ending) {
  return !name.starts_with('.') && name.size() > ending.size() && name.ends_with(ending);
}

std::vector<fs::path> files_in(const fs::path& folder, const std::string& ending) {
  std::vector<fs::path> files;
  for (const std::string& name :
       names_in(folder, [&](std::string_view found) { return is_file_of_folder(found, ending); })) {
    files.push_back(folder / name);
  }
  if (!files.empty()) return files;
  if (folder.extension() == ending) {
    // Somebody meant a file.
    throw Error(Code::source_unreadable, "The source " + printable(folder.native()) +
                                             " is a directory, and holds no file" +
                                             " that ends in " + ending);
  }
  throw Error(Code::source_not_found,
              "The folder " + printable(folder.native()) + " holds no file that ends in " + ending,
              {.hint = "Name the files with a pattern, as in \"" +
                       printable((folder / "*.txt").native()) + "\"."});
}

std::vector<fs::path> files_of(const fs::path& path, const std::string& ending) {
  if (is_folder(path)) return files_in(path, ending);
  if (!is_pattern(path)) return {path};
  auto files = matches_of(path);
  if (!files.empty()) return files;
  throw Error(Code::source_not_found, "The source " + path.string() + " matches no file",
              {.hint = "Check the pattern; a relative one is relative to the job file's folder."});
}

void refuse_unclear_name(const fs::path& file) {
  const std::string& name = file.native();
  if (core::is_valid_utf8(name)) return;
  throw Error(Code::source_unreadable, "The name of the file " + printable(name) + " is not UTF-8",
              {.hint = "Rename it, or leave it out with another pattern."});
}

}  // namespace

bool names_several(const SourceFile& source) {
  if (!source.paths.empty()) return true;
  return source.upload.empty() && (is_folder(source.path) || is_pattern(source.path));
}

std::string ending_of(const SourceSpec& source) {
  return std::visit(
      []<typename Spec>(const Spec&) -> std::string {
        if constexpr (std::is_same_v<Spec, CsvSourceSpec>) return ".csv";
        if constexpr (std::is_same_v<Spec, JsonlSourceSpec>) return ".jsonl";
        if constexpr (std::is_same_v<Spec, JsonSourceSpec>) return ".json";
        return {};
      },
      source);
}

std::vector<fs::path> named_files(const std::vector<fs::path>& paths, const std::string& ending) {
  std::vector<fs::path> files;
  for (const fs::path& path : paths) {
    for (fs::path& file : files_of(path, ending)) files.push_back(std::move(file));
    if (files.size() > 2 * most_files) break;
  }
  const auto before = [](const fs::path& one, const fs::path& other) {
    return one.native() < other.native();
  };
  std::sort(files.begin(), files.end(), before);
  const auto same = [](const fs::path& one, const fs::path& other) {
    return one.native() == other.native();
  };
  files.erase(std::unique(files.begin(), files.end(), same), files.end());
  check_count(files.size(), paths.front());
  for (const fs::path& file : files) refuse_unclear_name(file);
  return files;
}

fs::path as_pattern(const fs::path& path) {
  if (!is_folder(path)) return path;
  std::string kind;
  for (const char* const ending : {".csv", ".jsonl", ".json"}) {
    const auto names =
        names_in(path, [&](std::string_view name) { return is_file_of_folder(name, ending); });
    if (names.empty()) continue;
    if (!kind.empty()) {
      throw Error(Code::source_unreadable,
                  "The folder " + printable(path.native()) + " holds *" + kind + " and *" + ending +
                      " files",
                  {.hint = "Say which of them with a pattern, as in \"" +
                           printable((path / ("*" + kind)).native()) + "\"."});
    }
    kind = ending;
  }
  // Whoever lists its files says that there are none.
  if (kind.empty()) files_in(path, ".csv");
  return path / ("*" + kind);
}

std::vector<fs::path> matches_of(const fs::path& pattern) {
  std::vector<fs::path> found{fs::path()};
  for (const fs::path& part : pattern) {
    std::vector<fs::path> longer;
    const bool is_plain = !has_wildcard(part.native());
    for (const fs::path& folder : found) {
      if (is_plain || is_there(folder / part)) {
        longer.push_back(folder / part);
      } else if (leads_on(folder)) {
        for (const std::string& name : names_in(folder, [&](std::string_view candidate) {
               return is_of_pattern(part.native(), candidate);
             })) {
          longer.push_back(folder / name);
        }
      }
      check_count(longer.size(), pattern);
    }
    found = std::move(longer);
  }
  if (has_wildcard(pattern.native())) {
    std::erase_if(found, [](const fs::path& path) {
      std::error_code failed;
      // A link that leads nowhere is there: whoever opens it says so.
      const fs::file_status status = fs::symlink_status(path, failed);
      if (status.type() == fs::file_type::none) fail_folder(path.parent_path(), failed);
      return !fs::exists(status);
    });
  }
  return found;
}

bool would_name(const std::vector<fs::path>& paths, const std::string& ending,
                const fs::path& file) {
  return std::any_of(paths.begin(), paths.end(), [&](const fs::path& path) {
    if (path.lexically_normal() == file.lexically_normal()) return true;
    if (is_folder(path)) {
      std::error_code failed;
      return fs::equivalent(path, file.parent_path(), failed) &&
             is_file_of_folder(file.filename().native(), ending);
    }
    if (!is_pattern(path)) return false;
    const auto differs =
        std::mismatch(path.begin(), path.end(), file.begin(), file.end(),
                      [](const fs::path& part, const fs::path& name) {
                        return part == name || is_of_pattern(part.native(), name.native());
                      });
    return differs.first == path.end() && differs.second == file.end();
  });
}

}  // namespace freight::file
