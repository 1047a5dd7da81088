#include <sqlite3.h>

#include <stdexcept>

#include "connectors/sql/sqlite/sqlite_destination.hpp"
#include "support/destination_database.hpp"
#include "support/temporary_folder.hpp"

namespace freight::testing {
namespace {

class SqliteTestDatabase final : public DestinationDatabase {
 public:
  SqliteTestDatabase() { open(); }
  ~SqliteTestDatabase() override { sqlite3_close(connection_); }

  std::string url() const override { return "sqlite:" + (folder_ / "out.db").string(); }

  void run(const std::string& sql) override {
    char* message = nullptr;
    if (sqlite3_exec(connection_, sql.c_str(), nullptr, nullptr, &message) != SQLITE_OK) {
      const std::string text = message == nullptr ? "failed" : message;
      sqlite3_free(message);
      throw std::runtime_error(text + ": " + sql);
    }
  }

  std::vector<Row> query(const std::string& sql) override {
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(connection_, sql.c_str(), -1, &statement, nullptr) != SQLITE_OK) {
      throw std::runtime_error(std::string(sqlite3_errmsg(connection_)) + ": " + sql);
    }
    std::vector<Row> rows;
    while (sqlite3_step(statement) == SQLITE_ROW) {
      Row row;
      for (int column = 0; column < sqlite3_column_count(statement); ++column) {
        const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, column));
        if (text == nullptr) {
          row.emplace_back();
        } else {
          const int size = sqlite3_column_bytes(statement, column);
          row.emplace_back(std::string(text, static_cast<std::size_t>(size)));
        }
      }
      rows.push_back(std::move(row));
    }
    sqlite3_finalize(statement);
    return rows;
  }

  std::unique_ptr<Destination> make(const JobSpec& spec, JobId job_id) override {
    return sql::make_sqlite_destination({.spec = spec, .job_id = job_id});
  }

 private:
  void open() {
    if (sqlite3_open((folder_ / "out.db").c_str(), &connection_) != SQLITE_OK) {
      throw std::runtime_error("cannot open the test database");
    }
    sqlite3_busy_timeout(connection_, 10'000);
    // An empty file is a database that a destination can open.
    run("PRAGMA user_version = 1");
  }

  TemporaryFolder folder_;
  sqlite3* connection_ = nullptr;
};

}  // namespace

std::unique_ptr<DestinationDatabase> make_sqlite_test_database() {
  return std::make_unique<SqliteTestDatabase>();
}

}  // namespace freight::testing
