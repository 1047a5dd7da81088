#pragma once

#include <functional>
#include <mutex>
#include <vector>

#include "freight/migration_store.hpp"
#include "migration/run/target.hpp"

namespace freight::migration {

/// Adds indexes and then foreign keys to the tables of a migration that are loaded, several at a
/// time, and writes what became of each into the outcome, whose constraints are those of the plan:
/// a refused one does not keep the others from being added. `changed` is called after each, from
/// several threads, one at a time. Throws what Target::watch and `changed` throw, and Error when
/// the database stays away.
void add_constraints(const std::vector<MigrationConstraint>& plan, MigrationOutcome& outcome,
                     const Target& target, const std::function<void()>& changed);

}  // namespace freight::migration
