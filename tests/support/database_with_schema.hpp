#pragma once

#include <memory>
#include <string>

#include "freight/freight.hpp"
#include "support/test_database.hpp"

namespace freight::testing {

/// The name of a PostgreSQL database that holds Freight's schema and nothing else, made once for
/// the process: copies of it need no migrations.
inline const std::string& database_with_schema() {
  static const auto database = [] {
    auto made = std::make_unique<TestDatabase>();
    open_storage(made->url());
    return made;
  }();
  return database->name();
}

}  // namespace freight::testing
