#include "freight/sqlite_storage.hpp"

#include <filesystem>
#include <string>
#include <utility>

#include "database/sqlite/sqlite_session.hpp"
#include "database/sqlite/sqlite_settings.hpp"
#include "freight/error.hpp"
#include "storage/sql/sql_storage.hpp"
#include "storage/sqlite/node_locks.hpp"

namespace freight::storage {
namespace {

namespace fs = std::filesystem;

bool same_file(const fs::path& first, const fs::path& second) {
  std::error_code error;
  if (fs::equivalent(first, second, error)) return true;
  return fs::weakly_canonical(first, error) == fs::weakly_canonical(second, error);
}

// The whole file: a load that writes to it would hold the one write lock that the storage's own
// transactions wait for.
bool holds(const fs::path& path, std::string_view url) {
  constexpr std::string_view scheme = "sqlite:";
  return url.starts_with(scheme) && same_file(path, url.substr(scheme.size()));
}

}  // namespace
}  // namespace freight::storage

namespace freight {

std::unique_ptr<Storage> open_sqlite_storage(std::string_view url, const StorageOptions& options) {
  auto parsed = database::parse_url(url, Code::unsupported_storage);
  if (parsed.backend != database::Backend::sqlite) {
    throw Error(Code::unsupported_storage,
                "'" + parsed.display() + "' is not the URL of an SQLite file");
  }
  const auto display = parsed.display();
  // A relative path must mean the same file after the program changed its folder.
  std::error_code ignored;
  const auto path = std::filesystem::absolute(parsed.path, ignored);
  if (!ignored) parsed.path = path.string();
  // Without an upgrade nothing of the file is changed, which may be somebody else's. Freight's own
  // has its write-ahead log since it was made.
  const database::SqliteOptions session{.write_ahead_log = options.upgrade,
                                        .create = options.upgrade};
  const auto open = [parsed, session] {
    auto opened = database::open_sqlite_session(parsed, session);
    database::add_sqlite_functions(database::sqlite_handle(*opened));
    return opened;
  };
  // Member by member: GCC 12 warns of uninitialised memory where one expression makes all of it.
  storage::SqlStorage::Parts parts;
  parts.connections.backend = database::Backend::sqlite;
  parts.connections.display_url = display;
  parts.connections.open = open;
  parts.connections.writers = 1;
  parts.connections.readers = 4;
  parts.migrations = sqlite_migrations();
  parts.liveness = std::make_unique<storage::NodeLocks>(parsed.path);
  parts.holds = [path = std::filesystem::path(parsed.path)](std::string_view other,
                                                            std::string_view) {
    return storage::holds(path, other);
  };
  return std::make_unique<storage::SqlStorage>(std::move(parts), options.upgrade);
}

}  // namespace freight
