#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "freight/job.hpp"
#include "freight/migration.hpp"
#include "freight/time.hpp"

namespace freight::daemon {

/// What became of a table of a migration.
enum class TableState {
  waiting,    ///< not begun
  running,    ///< interrupted, or being worked on
  completed,  ///< all rows are there, or are rejects of its job
  failed,
  skipped,   ///< a table that it refers to failed
  left_out,  ///< --only does not name it
};

struct TableOutcome {
  std::string from;
  std::string to;
  TableState state = TableState::waiting;
  std::optional<Job> job = {};
  /// Why it failed or was skipped.
  std::string message = {};
};

/// All of its rows are there, or are rejects of its job.
inline bool is_loaded(const TableOutcome& table) { return table.state == TableState::completed; }

/// What became of an index or a foreign key.
enum class ConstraintState { waiting, present, added, failed };

struct ConstraintOutcome {
  MigrationConstraint constraint;
  ConstraintState state = ConstraintState::waiting;
  std::string message = {};
  /// Keys of rows that break it, the first of them.
  std::vector<std::vector<std::optional<std::string>>> violations = {};
};

/// A migration as it ended, or as it stands.
struct MigrationOutcome {
  std::string name;
  std::vector<TableOutcome> tables;
  std::vector<ConstraintOutcome> constraints;
  std::vector<std::string> notes;
  /// What ended it before its end, beside what befell single tables.
  std::optional<Failure> error;
  Timestamp started_at;
  Timestamp finished_at;

  /// `completed`, `completed_with_errors` (rejects, or foreign keys that rows break), `failed`, or
  /// `interrupted` while something waits.
  std::string_view status() const;
};

/// For people: a line a table.
std::string summarise(const MigrationOutcome& outcome);

/// As one JSON object: `migration`, `tables`, `constraints`, `notes`.
std::string render_report(const MigrationOutcome& outcome);

}  // namespace freight::daemon
