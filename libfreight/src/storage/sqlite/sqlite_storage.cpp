#include "storage/sqlite/sqlite_storage.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <string>

#include "database/sqlite/sqlite_session.hpp"
#include "database/sqlite/sqlite_settings.hpp"
#include "freight/error.hpp"
#include "storage/sql_storage.hpp"
#include "storage/sqlite/node_locks.hpp"

namespace freight::storage {
namespace {

namespace fs = std::filesystem;

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return result;
}

// `"Main"."Tenants"` and `tenants` are one table to SQLite.
std::string bare_name(std::string_view table) {
  std::string name;
  std::copy_if(table.begin(), table.end(), std::back_inserter(name),
               [](char c) { return c != '"' && c != '`' && c != '[' && c != ']'; });
  name = lower(name);
  return name.starts_with("main.") ? name.substr(5) : name;
}

bool same_file(const fs::path& first, const fs::path& second) {
  std::error_code error;
  if (fs::equivalent(first, second, error)) return true;
  return fs::weakly_canonical(first, error) == fs::weakly_canonical(second, error);
}

bool holds(const fs::path& path, std::string_view url, std::string_view table) {
  constexpr std::string_view scheme = "sqlite:";
  if (!url.starts_with(scheme)) return false;
  const auto tables = storage_tables();
  return std::find(tables.begin(), tables.end(), bare_name(table)) != tables.end() &&
         same_file(path, url.substr(scheme.size()));
}

}  // namespace

std::unique_ptr<Storage> open_sqlite_storage(std::string_view url, const StorageOptions& options) {
  auto parsed = database::parse_url(url, Code::unsupported_storage);
  if (parsed.backend != database::Backend::sqlite) {
    throw Error(Code::unsupported_storage,
                "'" + parsed.display() + "' is not the URL of an SQLite file");
  }
  const auto display = parsed.display();
  // A relative path must mean the same file after the program changed its folder.
  std::error_code ignored;
  const auto path = fs::absolute(parsed.path, ignored);
  if (!ignored) parsed.path = path.string();
  const database::SqliteOptions session{.write_ahead_log = true, .create = options.upgrade};
  const auto open = [parsed, session] {
    auto opened = database::open_sqlite_session(parsed, session);
    database::add_sqlite_functions(database::sqlite_handle(*opened));
    return opened;
  };
  return std::make_unique<SqlStorage>(
      SqlStorage::Parts{.connections = {.backend = database::Backend::sqlite,
                                        .display_url = display,
                                        .open = open,
                                        .writers = 1,
                                        .readers = 4},
                        .migrations = sqlite_migrations(),
                        .liveness = std::make_unique<NodeLocks>(parsed.path),
                        .holds = [path = parsed.path](
                                     std::string_view other,
                                     std::string_view table) { return holds(path, other, table); }},
      options.upgrade);
}

}  // namespace freight::storage
