#pragma once

#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>

#include <libpq-fe.h>

namespace freight::testing {

/// A PostgreSQL database of its own for one test, on the server of FREIGHT_TEST_POSTGRESQL, dropped
/// when this goes. Throws when there is no server: a test that needs one fails without it.
class TestDatabase {
 public:
  /// As the server's template1, or as another database, to which nobody may be connected.
  explicit TestDatabase(const std::string& original = "template1") {
    // Quicker than what is the default since 15, on a server that does not sync.
    static const bool has_strategies =
        std::stoi(run_on_server("SHOW server_version_num")) >= 150000;
    run_on_server("CREATE DATABASE " + name_ + " TEMPLATE " + original +
                  (has_strategies ? " STRATEGY file_copy" : ""));
  }

  TestDatabase(const TestDatabase&) = delete;
  TestDatabase& operator=(const TestDatabase&) = delete;

  ~TestDatabase() {
    try {
      run_on_server("DROP DATABASE IF EXISTS " + name_ + " WITH (FORCE)");
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

  /// Runs SQL in this database, in one session unless somebody ends it.
  void run(const std::string& sql) const { session_.run(sql); }
  /// The first column of the first row; empty when there is none.
  std::string value(const std::string& sql) const { return session_.run(sql); }

  /// Runs SQL in the database that the variable names.
  static std::string run_on_server(const std::string& sql) {
    // One session for the process: to begin one takes longer than what most are for.
    static Session session{server_url()};
    return session.run(sql);
  }

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

  /// Begun when first needed, and again when somebody ended it.
  class Session {
   public:
    explicit Session(std::string url) : url_(std::move(url)) {}

    std::string run(const std::string& sql) {
      const std::lock_guard lock(mutex_);
      Result result{nullptr, &PQclear};
      if (connection_) result.reset(PQexec(connection_.get(), sql.c_str()));
      if (!connection_ || PQstatus(connection_.get()) != CONNECTION_OK) {
        connection_.reset(PQconnectdb(url_.c_str()));
        if (PQstatus(connection_.get()) == CONNECTION_OK) {
          result.reset(PQexec(connection_.get(), sql.c_str()));
        }
      }
      const auto status = PQresultStatus(result.get());
      if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
        throw std::runtime_error(PQerrorMessage(connection_.get()));
      }
      return PQntuples(result.get()) > 0 ? PQgetvalue(result.get(), 0, 0) : "";
    }

   private:
    using Result = std::unique_ptr<PGresult, decltype(&PQclear)>;

    const std::string url_;
    std::mutex mutex_;
    std::unique_ptr<PGconn, decltype(&PQfinish)> connection_{nullptr, &PQfinish};
  };

  std::string server_ = server_url();
  std::string name_ = next_name();
  mutable Session session_{url()};
};

}  // namespace freight::testing
