#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "freight/destination.hpp"
#include "freight/job_spec.hpp"

namespace freight::testing {

/// A database that a destination under test writes to, and a look at it from beside.
class DestinationDatabase {
 public:
  using Row = std::vector<std::optional<std::string>>;

  virtual ~DestinationDatabase() = default;
  virtual std::string url() const = 0;
  /// Runs one or more statements.
  virtual void run(const std::string& sql) = 0;
  /// All rows of a query, as texts.
  virtual std::vector<Row> query(const std::string& sql) = 0;
  virtual std::unique_ptr<Destination> make(const JobSpec& spec, JobId job_id) = 0;

  std::string value(const std::string& sql) {
    const auto rows = query(sql);
    return rows.empty() ? std::string("(no row)") : rows.at(0).at(0).value_or("(null)");
  }
};

std::unique_ptr<DestinationDatabase> make_sqlite_test_database();
std::unique_ptr<DestinationDatabase> make_postgresql_test_database();

}  // namespace freight::testing
