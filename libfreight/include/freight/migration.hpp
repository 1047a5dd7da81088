#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "freight/database_schema.hpp"
#include "freight/job_spec.hpp"

namespace freight {

/// @addtogroup running
/// @{

/// What becomes of a table whose parent failed.
enum class OnTableFailure : std::uint8_t {
  skip,    ///< `continue`: it is skipped, the tables beside it are not
  ignore,  ///< it is loaded all the same
};

/// Which tables a migration takes, and what is said of them alone.
struct MigrationEntry {
  /// A table's name, `schema.table`, or a pattern with * and ?.
  std::string from;
  /// The destination's table, as a job's `destination.table`; empty: as the source's.
  std::string to;
  /// A JSON object of keys of a job spec, over those of the defaults.
  std::string job;
};

/// A file with `tables`: many tables of one database that go to another.
struct MigrationSpec {
  std::string name;
  /// A JSON object: what all jobs have in common.
  std::string defaults;
  std::vector<MigrationEntry> entries;
  /// Patterns.
  std::vector<std::string> exclude;
  /// `order`: a table is loaded after those that it refers to.
  bool parents_first = true;
  /// `constraints`: indexes and foreign keys are added when all rows are there.
  bool add_constraints = true;
  OnTableFailure on_table_failure = OnTableFailure::skip;
};

/// True for a text that is a JSON object with the key `tables`: a migration, not a job.
bool is_migration_text(std::string_view json);

/// A migration, or everything that is wrong with it.
struct MigrationSpecResult {
  std::optional<MigrationSpec> spec;
  std::vector<SpecError> errors;
};

/// Reads and checks what is the migration's own; what `defaults` and tables say of jobs is checked
/// with each job (job_of_database(), MigrationTable::job). Never throws for what the text holds.
/// Thread-safe.
MigrationSpecResult parse_migration_spec(std::string_view json);

/// The tables are files (`defaults.source` is of a type of files), and not those of a database.
bool is_of_files(const MigrationSpec& spec);

/// A job of the defaults alone, on tables that need not be there: tells where both databases are.
std::string job_of_databases(const MigrationSpec& spec);

/// A job of the defaults and one entry, on tables that need not be there: tells whether the entry's
/// keys fit.
std::string job_of_entry(const MigrationSpec& spec, const MigrationEntry& entry);

/// What is added to the tables when all rows are there.
struct MigrationConstraint {
  /// What is added.
  enum class Kind : std::uint8_t { index, foreign_key };
  Kind kind = Kind::index;
  /// As MigrationTable::to.
  std::string table;
  /// The table that a foreign key refers to, as MigrationTable::to.
  std::string referred;
  /// `index name`, or `artist_id -> artists`.
  std::string subject;
  /// In their order; none when it is there already, or came with the table.
  std::vector<std::string> statements;
  /// A query that gives the keys of rows that break a foreign key, a row each.
  std::string violations;
  /// The names of those columns.
  std::vector<std::string> columns;
};

/// One table of a planned migration.
struct MigrationTable {
  /// DatabaseTable::display() of the source's.
  std::string from;
  /// The destination's table, for people.
  std::string to;
  /// The same as its job has it.
  std::string to_in_job;
  /// The job that moves the rows, as JSON.
  std::string job;
  /// Places in MigrationPlan::tables of those that are loaded before it.
  std::vector<std::size_t> after;
  /// It refers to a table that refers to it, by whatever way, and its rows may be refused until
  /// those of the others are there; all of a circle have the same number, from 1. 0: it is in none.
  std::size_t circle = 0;
  /// Makes the table; empty when it is there, or when its job is to make it.
  std::string create;
};

/// What is to be done, in this order: make tables, move rows, add constraints.
struct MigrationPlan {
  DatabaseKind destination = DatabaseKind::sqlite;
  /// Those that others refer to stand before them.
  std::vector<MigrationTable> tables;
  std::vector<MigrationConstraint> constraints;
  /// What the destination will not have as the source has it; a sentence each.
  std::vector<std::string> notes;
};

/// Works out what a migration does to these databases. Pure. Throws Error(table_not_found) when an
/// entry names nothing that is there, and Error(invalid_spec) when two tables would go to one.
MigrationPlan plan_migration(const MigrationSpec& spec, const DatabaseSchema& source,
                             const DatabaseSchema& destination);

/// @}

}  // namespace freight
