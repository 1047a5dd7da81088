#include "database/sqlite/sqlite_session.hpp"

#include <unistd.h>

#include <filesystem>
#include <map>
#include <system_error>

#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include "database/sqlite/sqlite_error.hpp"
#include "database/sqlite/sqlite_settings.hpp"

namespace freight::database {
namespace {

namespace fs = std::filesystem;

DatabaseFailure failure(Condition condition, std::string text) {
  return {.condition = condition,
          .sqlstate = {},
          .native_code = 0,
          .text = std::move(text),
          .session_lost = false};
}

// SQLite says no more than "unable to open database file"; a person needs to know why.
void check_path(const fs::path& path, const SqliteOptions& options) {
  if (path == sqlite_memory_path) return;
  std::error_code error;
  const auto status = fs::status(path, error);
  const std::string name = "'" + path.string() + "'";
  if (fs::is_directory(status)) {
    throw DatabaseError(failure(Condition::missing, name + " is a directory, not a database file"));
  }
  if (fs::exists(status)) {
    if (::access(path.c_str(), R_OK) != 0) {
      throw DatabaseError(failure(Condition::denied, "no right to read " + name));
    }
    if (!options.read_only && ::access(path.c_str(), W_OK) != 0) {
      throw DatabaseError(failure(Condition::denied, "no right to write " + name));
    }
    return;
  }
  if (status.type() == fs::file_type::none && error) {
    throw DatabaseError(
        failure(Condition::denied, "cannot look at " + name + ": " + error.message()));
  }
  const auto folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  if (!fs::is_directory(folder, error)) {
    throw DatabaseError(failure(Condition::missing, "the folder of " + name + " does not exist"));
  }
  if (!options.create || options.read_only) {
    throw DatabaseError(failure(Condition::missing, "the file " + name + " does not exist"));
  }
  if (::access(folder.c_str(), W_OK | X_OK) != 0) {
    throw DatabaseError(failure(Condition::denied, "no right to make " + name + " in its folder"));
  }
}

// SOCI takes a text without '=' as the path itself, and else reads `key="value"` pairs.
std::string connect_string(const std::string& path, bool read_only) {
  if (!read_only && path.find('=') == std::string::npos) return path;
  if (path.find('"') != std::string::npos) {
    throw DatabaseError(
        failure(Condition::other, "the path '" + path + "' of an SQLite database holds a quote"));
  }
  return std::string(read_only ? "readonly=true " : "") + "db=\"" + path + "\"";
}

/// Of each connection; enough for all that a storage runs again and again.
constexpr std::size_t kept_statements = 64;

// SOCI's library keeps the type information of its backends to itself, which is what UBSan's check
// of a cast asks for; and their own functions, too.
__attribute__((no_sanitize("vptr"))) void reset(soci::statement& statement) {
  auto* backend = static_cast<soci::sqlite3_statement_backend*>(statement.get_backend());
  ::sqlite_api::sqlite3_reset(backend->stmt_);
}

class SqliteSession final : public Session {
 public:
  SqliteSession(std::unique_ptr<soci::session> session, ::sqlite3* handle)
      : Session(std::move(session)), handle_(handle) {}

  Backend backend() const override { return Backend::sqlite; }
  void run(const std::string& sql) override { run_sqlite(handle_, sql); }
  std::string begin_statement(TransactionMode mode) const override {
    return mode == TransactionMode::write ? "BEGIN IMMEDIATE" : "BEGIN";
  }
  bool in_transaction() override { return sqlite_in_transaction(handle_); }
  bool alive() override { return true; }

  std::unique_ptr<soci::statement> take_statement(const std::string& sql) override {
    auto found = statements_.extract(sql);
    return found.empty() ? nullptr : std::move(found.mapped());
  }
  void keep_statement(const std::string& sql, std::unique_ptr<soci::statement> statement) override {
    // One that still stands on a row would keep its transaction open.
    reset(*statement);
    if (statements_.size() >= kept_statements) statements_.clear();
    statements_.insert_or_assign(sql, std::move(statement));
  }

  DatabaseFailure describe(const std::exception& error) override {
    if (const auto* known = dynamic_cast<const DatabaseError*>(&error)) return known->failure();
    // The connection itself knows the code and the text best: SOCI drops the one and adorns the
    // other.
    auto native = describe_sqlite(handle_);
    if (native.native_code != 0) return native;
    if (const auto* soci = dynamic_cast<const soci::soci_error*>(&error)) {
      return failure(Condition::other, soci->get_error_message());
    }
    return failure(Condition::other, error.what());
  }

  ::sqlite3* handle() const { return handle_; }

 private:
  ::sqlite3* handle_;
  std::map<std::string, std::unique_ptr<soci::statement>> statements_;
};

// As in reset().
__attribute__((no_sanitize("vptr"))) ::sqlite3* connection_of(soci::session& session) {
  auto* backend = static_cast<soci::sqlite3_session_backend*>(session.get_backend());
  // SOCI declares the C interface anew inside its namespace: the same type under another name.
  return reinterpret_cast<::sqlite3*>(backend->conn_);
}

std::unique_ptr<soci::session> connect(const Url& url, const SqliteOptions& options) {
  try {
    return std::make_unique<soci::session>(soci::sqlite3,
                                           connect_string(url.path, options.read_only));
  } catch (const soci::sqlite3_soci_error& error) {
    throw DatabaseError(describe_sqlite(
        error.result(), "cannot open '" + url.path + "': " + error.get_error_message()));
  }
}

}  // namespace

std::unique_ptr<Session> open_sqlite_session(const Url& url, const SqliteOptions& options) {
  check_path(url.path, options);
  auto soci = connect(url, options);
  auto* handle = connection_of(*soci);
  auto session = std::make_unique<SqliteSession>(std::move(soci), handle);
  set_extended_result_codes(handle);
  set_busy_timeout(handle, options.busy_timeout);
  try {
    // An acknowledgement must not outlive the commit it speaks of: FULL also with a WAL.
    run_sqlite(handle, "PRAGMA synchronous=FULL;");
    run_sqlite(handle,
               options.foreign_keys ? "PRAGMA foreign_keys=ON;" : "PRAGMA foreign_keys=OFF;");
    // The first look at the file: here one that is no database shows itself.
    run_sqlite(handle, "SELECT count(*) FROM sqlite_master;");
    if (options.write_ahead_log) use_write_ahead_log(handle, options.busy_timeout);
  } catch (const DatabaseError& error) {
    auto failure = error.failure();
    failure.text = "cannot use '" + url.path + "': " + failure.text;
    throw DatabaseError(std::move(failure));
  }
  return session;
}

::sqlite3* sqlite_handle(Session& session) {
  return dynamic_cast<SqliteSession&>(session).handle();
}

}  // namespace freight::database
