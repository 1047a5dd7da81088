#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "freight/destination.hpp"
#include "freight/error.hpp"
#include "freight/job_spec.hpp"
#include "support/destination_database.hpp"
#include "support/output_rows.hpp"

namespace freight::testing {

struct SqlBackend {
  const char* name;
  std::unique_ptr<DestinationDatabase> (*make)();
};

/// A test of the sql destination on a database of its own, of the backend that is its parameter.
class SqlDestinationFixture : public ::testing::TestWithParam<SqlBackend> {
 protected:
  DestinationDatabase& database() { return *database_; }
  static bool on_sqlite() { return GetParam().name == std::string("sqlite"); }

  JobSpec spec(const std::string& table) const {
    SqlDestinationSpec destination;
    destination.url = database_->url();
    destination.table = table;
    JobSpec spec;
    spec.destination = destination;
    return spec;
  }

  static SqlDestinationSpec& sql(JobSpec& spec) {
    return std::get<SqlDestinationSpec>(spec.destination);
  }

  std::unique_ptr<Destination> prepared(const JobSpec& spec, const PrepareRequest& request = {}) {
    auto destination = database_->make(spec, job_id_);
    prepared_ = destination->prepare(request, context_);
    return destination;
  }

  static WriteRequest request(const OutputRows& rows, std::string unit = "r:0") {
    return {.unit = std::move(unit),
            .first_ordinal = rows.batch().ordinals.empty() ? 0 : rows.batch().ordinals.front(),
            .records = rows.batch().rows(),
            .content_hash = "c0ffee",
            .input_hash = "1234",
            .rows = rows.batch()};
  }

  WriteResult write(Destination& destination, const OutputRows& rows, std::string unit = "r:0") {
    return destination.write(request(rows, std::move(unit)), context_);
  }

  void make_people() {
    database_->run(
        "CREATE TABLE bosses (id BIGINT PRIMARY KEY);"
        "INSERT INTO bosses VALUES (1);"
        "CREATE TABLE people (id BIGINT PRIMARY KEY, email TEXT UNIQUE, name TEXT NOT NULL, "
        "age BIGINT CONSTRAINT age_is_real CHECK (age >= 0), boss BIGINT REFERENCES bosses (id));");
  }

  static std::vector<OutputColumn> people_columns() {
    return {typed("id", ValueType::integer), typed("email", ValueType::string),
            typed("name", ValueType::string), typed("age", ValueType::integer),
            typed("boss", ValueType::integer)};
  }

  /// The Error that `work` throws; nullopt when it throws none.
  template <typename Work>
  static std::optional<Error> error_of(Work work) {
    try {
      work();
    } catch (const Error& error) {
      return error;
    }
    return std::nullopt;
  }

  std::unique_ptr<DestinationDatabase> database_ = GetParam().make();
  JobId job_id_ = JobId::generate();
  ConnectorContext context_;
  PrepareResult prepared_;
};

}  // namespace freight::testing

#define FREIGHT_ON_BOTH_BACKENDS(Suite)                                                        \
  INSTANTIATE_TEST_SUITE_P(                                                                    \
      Backends, Suite,                                                                         \
      ::testing::Values(                                                                       \
          ::freight::testing::SqlBackend{"sqlite",                                             \
                                         &::freight::testing::make_sqlite_test_database},      \
          ::freight::testing::SqlBackend{"postgresql",                                         \
                                         &::freight::testing::make_postgresql_test_database}), \
      [](const auto& backend) { return std::string(backend.param.name); })
