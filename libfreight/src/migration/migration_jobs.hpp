#pragma once

#include <string>

#include "freight/migration.hpp"

namespace freight::migration {

/// What a table's job is made of.
struct TableJob {
  /// As a source's `table`, or `path` where tables are files.
  std::string source_table;
  std::string destination_table;
  /// An entry's keys of a job.
  std::string own;
  /// All of its records may be rejected for want of their parents, which come later.
  bool waits_for_circle = false;
  /// The destination takes rows before those that they refer to; they are looked at afterwards.
  bool ignores_foreign_keys = false;
};

/// The defaults with the table's own keys over them: objects are put together key by key, anything
/// else is replaced.
std::string job_text(const MigrationSpec& spec, const TableJob& table);

/// What the job says of its destination and mapping, as far as making its table is concerned.
struct TableWishes {
  bool create_table = false;
  /// The table is not the source's with its columns as they are.
  bool reshapes = false;
};
TableWishes wishes_of(const std::string& job);

}  // namespace freight::migration
