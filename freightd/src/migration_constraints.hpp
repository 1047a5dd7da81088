#pragma once

#include <chrono>
#include <string>

#include "migration_report.hpp"

namespace freight::daemon {

/// For how long a migration waits for a database that cannot be reached.
inline constexpr std::chrono::minutes longest_outage{10};

/// Adds indexes and then foreign keys to the tables of a migration that are loaded, several at a
/// time, and writes what became of each into the outcome: a refused one does not keep the others
/// from being added. Throws Interrupted, and Error when the database stays away.
void add_constraints(MigrationOutcome& outcome, const std::string& destination_url);

bool is_sqlite_url(const std::string& url);

}  // namespace freight::daemon
