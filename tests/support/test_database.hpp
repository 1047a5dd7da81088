#pragma once

#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>

#include <libpq-fe.h>

namespace freight::testing {

/// A PostgreSQL database of its own for one test, on the server of FREIGHT_TEST_POSTGRESQL, dropped
/// when this goes. Throws when there is no server: a test that needs one fails without it.
class TestDatabase {
 public:
  TestDatabase() : server_(server_url()), name_(next_name()) {
    run(server_, "CREATE DATABASE " + name_);
  }

  TestDatabase(const TestDatabase&) = delete;
  TestDatabase& operator=(const TestDatabase&) = delete;

  ~TestDatabase() {
    try {
      run(server_, "DROP DATABASE IF EXISTS " + name_ + " WITH (FORCE)");
    } catch (const std::exception&) {
      // The server goes away with the test run anyway.
    }
  }

  const std::string& name() const { return name_; }
  std::string url() const { return with_database(server_, name_); }
  /// The same database as another user.
  std::string url_for(const std::string& user) const {
    auto text = url();
    const auto begin = text.find("://") + 3;
    const auto at = text.find('@', begin);
    return text.substr(0, begin) + user + text.substr(at);
  }

  /// Runs SQL in this database.
  void run(const std::string& sql) const { run(url(), sql); }
  /// The first column of the first row; empty when there is none.
  std::string value(const std::string& sql) const { return run(url(), sql); }

  /// Runs SQL in the database that the variable names.
  static std::string run_on_server(const std::string& sql) { return run(server_url(), sql); }

 private:
  static std::string server_url() {
    const char* url = std::getenv("FREIGHT_TEST_POSTGRESQL");
    if (url == nullptr || *url == '\0') {
      throw std::runtime_error("FREIGHT_TEST_POSTGRESQL is not set; run this with script/test");
    }
    return url;
  }

  static std::string next_name() {
    static std::atomic<int> counter{0};
    return "freight_test_" + std::to_string(::getpid()) + "_" + std::to_string(++counter);
  }

  static std::string with_database(const std::string& url, const std::string& name) {
    const auto authority = url.find("://") + 3;
    const auto path = url.find('/', authority);
    const auto query = url.find('?', authority);
    return url.substr(0, std::min(path, query)) + "/" + name +
           (query == std::string::npos ? "" : url.substr(query));
  }

  static std::string run(const std::string& url, const std::string& sql) {
    const std::unique_ptr<PGconn, decltype(&PQfinish)> connection(PQconnectdb(url.c_str()),
                                                                  &PQfinish);
    if (PQstatus(connection.get()) != CONNECTION_OK) {
      throw std::runtime_error(PQerrorMessage(connection.get()));
    }
    const std::unique_ptr<PGresult, decltype(&PQclear)> result(
        PQexec(connection.get(), sql.c_str()), &PQclear);
    const auto status = PQresultStatus(result.get());
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
      throw std::runtime_error(PQerrorMessage(connection.get()));
    }
    return PQntuples(result.get()) > 0 ? PQgetvalue(result.get(), 0, 0) : "";
  }

  std::string server_;
  std::string name_;
};

}  // namespace freight::testing
