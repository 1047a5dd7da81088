#include "freight/migration_store.hpp"

#include <algorithm>

#include "core/enum_names.hpp"

namespace freight {
namespace {

constexpr core::EnumNames<6> table_states{"waiting", "running", "completed",
                                          "failed",  "skipped", "left_out"};
constexpr core::EnumNames<4> constraint_states{"waiting", "present", "added", "failed"};

}  // namespace

std::string_view to_string(TableState state) { return core::enum_name(table_states, state); }
std::optional<TableState> parse_table_state(std::string_view name) {
  return core::parse_enum<TableState>(table_states, name);
}

std::string_view to_string(ConstraintState state) {
  return core::enum_name(constraint_states, state);
}
std::optional<ConstraintState> parse_constraint_state(std::string_view name) {
  return core::parse_enum<ConstraintState>(constraint_states, name);
}

JobStatus status_of(const MigrationOutcome& outcome) {
  bool failed = false;
  bool waits = false;
  bool errors = false;
  for (const TableOutcome& table : outcome.tables) {
    failed |= table.state == TableState::failed || table.state == TableState::skipped;
    waits |= table.state == TableState::waiting || table.state == TableState::running;
  }
  for (const ConstraintOutcome& one : outcome.constraints) {
    errors |= one.state == ConstraintState::failed;
    waits |= one.state == ConstraintState::waiting;
  }
  if (failed) return JobStatus::failed;
  if (waits) return JobStatus::pending;
  return errors ? JobStatus::completed_with_errors : JobStatus::completed;
}

std::vector<std::string_view> actions_of_migration(JobStatus status) {
  std::vector<std::string_view> actions = actions_of(status);
  std::erase(actions, "delete");
  if (is_final(status) && status != JobStatus::completed &&
      std::find(actions.begin(), actions.end(), "retry") == actions.end()) {
    actions.emplace_back("retry");
  }
  if (status == JobStatus::completed) std::erase(actions, "retry");
  return actions;
}

}  // namespace freight
