#include <memory>
#include <stdexcept>

#include <libpq-fe.h>

#include "connectors/sql/postgresql/postgresql_destination.hpp"
#include "support/destination_database.hpp"
#include "support/test_database.hpp"

namespace freight::testing {
namespace {

class PostgresqlTestDatabase final : public DestinationDatabase {
 public:
  PostgresqlTestDatabase() : connection_(PQconnectdb(database_.url().c_str()), &PQfinish) {
    PQsetNoticeProcessor(
        connection_.get(), [](void*, const char*) {}, nullptr);
  }

  std::string url() const override { return database_.url(); }

  void run(const std::string& sql) override { execute(sql); }

  std::vector<Row> query(const std::string& sql) override {
    const auto result = execute(sql);
    std::vector<Row> rows;
    for (int row = 0; row < PQntuples(result.get()); ++row) {
      Row values;
      for (int column = 0; column < PQnfields(result.get()); ++column) {
        if (PQgetisnull(result.get(), row, column) != 0) {
          values.emplace_back();
        } else {
          values.emplace_back(PQgetvalue(result.get(), row, column));
        }
      }
      rows.push_back(std::move(values));
    }
    return rows;
  }

  std::unique_ptr<Destination> make(const JobSpec& spec, JobId job_id) override {
    return sql::make_postgresql_destination({.spec = spec, .job_id = job_id}, pools_);
  }

 private:
  sql::PostgresqlPools pools_{4};

  using Result = std::unique_ptr<PGresult, decltype(&PQclear)>;

  Result execute(const std::string& sql) {
    Result result(PQexec(connection_.get(), sql.c_str()), &PQclear);
    const auto status = PQresultStatus(result.get());
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
      throw std::runtime_error(PQerrorMessage(connection_.get()) + (": " + sql));
    }
    return result;
  }

  TestDatabase database_;
  std::unique_ptr<PGconn, decltype(&PQfinish)> connection_;
};

}  // namespace

std::unique_ptr<DestinationDatabase> make_postgresql_test_database() {
  return std::make_unique<PostgresqlTestDatabase>();
}

}  // namespace freight::testing
