#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "connectors/sql/postgresql/postgresql_destination.hpp"
#include "freight/destination.hpp"
#include "freight/error.hpp"
#include "freight/job_spec.hpp"
#include "support/output_rows.hpp"
#include "support/tcp_proxy.hpp"
#include "support/test_database.hpp"

namespace freight::testing {

/// A test of the sql destination on a PostgreSQL database of its own.
class PostgresqlDestinationFixture : public ::testing::Test {
 protected:
  JobSpec spec(const std::string& table, std::string url = {}) const {
    SqlDestinationSpec destination;
    destination.url = url.empty() ? database_.url() : std::move(url);
    destination.table = table;
    JobSpec spec;
    spec.destination = destination;
    return spec;
  }

  std::unique_ptr<Destination> prepared(const JobSpec& spec, const PrepareRequest& request = {}) {
    auto destination = sql::make_postgresql_destination({.spec = spec, .job_id = job_id_}, pools_);
    prepared_ = destination->prepare(request, context_);
    return destination;
  }

  WriteResult write(Destination& destination, const OutputRows& rows, std::string unit = "r:0") {
    return write(destination, rows, context_, std::move(unit));
  }

  static WriteResult write(Destination& destination, const OutputRows& rows,
                           ConnectorContext& context, std::string unit = "r:0") {
    return destination.write({.unit = std::move(unit),
                              .first_ordinal = rows.batch().ordinals.front(),
                              .records = rows.batch().rows(),
                              .content_hash = "c0ffee",
                              .input_hash = "1234",
                              .rows = rows.batch()},
                             context);
  }

  template <typename Work>
  static Error error_of(Work work) {
    try {
      work();
    } catch (const Error& error) {
      return error;
    }
    return {Code::not_found, "nothing was thrown"};
  }

  std::string count(const std::string& table) {
    return database_.value("SELECT count(*) FROM " + table);
  }

  // A role that may do nothing but what the test grants it; gone with the test.
  class Role {
   public:
    explicit Role(TestDatabase& database, const std::string& options = "LOGIN")
        : database_(database), name_(database.name() + "_role") {
      database_.run("CREATE ROLE " + name_ + " " + options);
    }
    ~Role() { database_.run("DROP OWNED BY " + name_ + "; DROP ROLE " + name_); }
    Role(const Role&) = delete;
    Role& operator=(const Role&) = delete;
    const std::string& name() const { return name_; }

   private:
    TestDatabase& database_;
    std::string name_;
  };

  static OutputRows& fill(OutputRows& rows, int count) {
    for (int id = 0; id < count; ++id) rows.add({std::to_string(id)});
    return rows;
  }

  TestDatabase database_;
  sql::PostgresqlPools pools_{4};
  JobId job_id_ = JobId::generate();
  ConnectorContext context_;
  PrepareResult prepared_;
};

inline const std::vector<OutputColumn> id_column{typed("id", ValueType::integer)};

}  // namespace freight::testing
