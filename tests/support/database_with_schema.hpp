#pragma once

#include <string>

#include "freight/freight.hpp"
#include "support/test_database.hpp"

namespace freight::testing {

/// The name of a PostgreSQL database that holds Freight's schema and nothing else, made once for
/// the process: copies of it need no migrations.
inline const std::string& database_with_schema() {
  static const TestDatabase database;
  static const bool is_filled = [] {
    open_storage(database.url());
    return true;
  }();
  static_cast<void>(is_filled);
  return database.name();
}

}  // namespace freight::testing
