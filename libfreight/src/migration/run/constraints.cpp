#include "migration/run/constraints.hpp"

#include <algorithm>
#include <cstddef>
#include <map>
#include <string>

#include "freight/error.hpp"
#include "migration/run/side_by_side.hpp"

namespace freight::migration {
namespace {

using Kind = MigrationConstraint::Kind;

/// The database is away, and was waited for long enough.
bool is_outage(const Error& error) {
  return error.category() == Category::transient || error.category() == Category::throttled;
}

/// A statement whose answer was lost, or that another process ran at the same moment.
bool is_done_already(const Error& error) { return error.details().sqlstate == "42710"; }

/// One constraint with what is left to do for it.
struct OpenConstraint {
  MigrationConstraint constraint;
  ConstraintOutcome* outcome;
};

class ConstraintRun {
 public:
  ConstraintRun(const std::vector<MigrationConstraint>& plan, MigrationOutcome& outcome,
                const Target& target, const std::function<void()>& changed)
      : plan_(plan), outcome_(outcome), target_(target), changed_(changed) {}

  void add(Kind kind);

 private:
  bool is_loaded(const std::string& table) const;
  void begin_all(std::vector<OpenConstraint>& open);
  void end_all(const std::vector<OpenConstraint*>& of_table, TargetConnection& connection);
  static ConstraintOutcome ended(const OpenConstraint& open, TargetConnection& connection);
  static void find_violations(const MigrationConstraint& constraint, TargetConnection& connection,
                              ConstraintOutcome& outcome);

  const std::vector<MigrationConstraint>& plan_;
  MigrationOutcome& outcome_;
  const Target& target_;
  const std::function<void()>& changed_;
  /// Guards the outcome while threads are at work.
  std::mutex mutex_;
};

bool ConstraintRun::is_loaded(const std::string& table) const {
  return std::any_of(outcome_.tables.begin(), outcome_.tables.end(), [&](const auto& candidate) {
    return candidate.to == table && candidate.state == TableState::completed;
  });
}

void ConstraintRun::add(Kind kind) {
  std::vector<OpenConstraint> open;
  for (std::size_t at = 0; at < plan_.size(); ++at) {
    // What is not loaded yet gets them when it is.
    if (plan_[at].kind != kind || !is_loaded(plan_[at].table)) continue;
    open.push_back({plan_[at], &outcome_.constraints[at]});
  }
  if (open.empty()) return;
  // Each locks two tables for a moment: side by side they would wait for each other. Looking at the
  // rows, which takes long, does not.
  if (kind == Kind::foreign_key) begin_all(open);
  // Those of one table wait for each other: they are one thread's.
  std::map<std::string, std::vector<OpenConstraint*>> by_table;
  for (OpenConstraint& one : open) by_table[one.constraint.table].push_back(&one);
  auto next = by_table.begin();
  const std::size_t most = target_.kind == DatabaseKind::sqlite ? 1 : most_side_by_side;
  run_side_by_side(std::min(most, by_table.size()), [&] {
    TargetConnection connection(target_);
    while (true) {
      std::vector<OpenConstraint*> of_table;
      {
        const std::lock_guard lock(mutex_);
        if (next == by_table.end()) return;
        of_table = (next++)->second;
      }
      end_all(of_table, connection);
    }
  });
}

void ConstraintRun::begin_all(std::vector<OpenConstraint>& open) {
  TargetConnection connection(target_);
  for (OpenConstraint& one : open) {
    auto& statements = one.constraint.statements;
    if (statements.size() < 2) continue;
    try {
      connection.run(statements.front());
    } catch (const Error& error) {
      if (is_outage(error)) throw;
      if (!is_done_already(error)) {
        one.outcome->state = ConstraintState::failed;
        one.outcome->message = error.what();
      }
    }
    statements.erase(statements.begin());
  }
}

void ConstraintRun::end_all(const std::vector<OpenConstraint*>& of_table,
                            TargetConnection& connection) {
  for (const OpenConstraint* const one : of_table) {
    target_.watch();
    if (one->outcome->state == ConstraintState::failed) continue;
    ConstraintOutcome outcome = ended(*one, connection);
    const std::lock_guard lock(mutex_);
    *one->outcome = std::move(outcome);
    changed_();
  }
}

ConstraintOutcome ConstraintRun::ended(const OpenConstraint& open, TargetConnection& connection) {
  const MigrationConstraint& constraint = open.constraint;
  ConstraintOutcome outcome = *open.outcome;
  outcome.message.clear();
  outcome.violations.clear();
  const bool only_looked_at = constraint.statements.empty();
  try {
    for (const std::string& statement : constraint.statements) connection.run(statement);
    if (only_looked_at && !constraint.violations.empty()) {
      outcome.violations = connection.ask(constraint.violations);
      if (!outcome.violations.empty()) outcome.message = "rows refer to nothing";
    }
  } catch (const Error& error) {
    if (is_outage(error)) throw;
    outcome.message = error.what();
    find_violations(constraint, connection, outcome);
  }
  if (!outcome.message.empty()) {
    outcome.state = ConstraintState::failed;
  } else {
    outcome.state = only_looked_at ? ConstraintState::present : ConstraintState::added;
  }
  return outcome;
}

void ConstraintRun::find_violations(const MigrationConstraint& constraint,
                                    TargetConnection& connection, ConstraintOutcome& outcome) {
  if (constraint.violations.empty()) return;
  try {
    outcome.violations = connection.ask(constraint.violations);
  } catch (const Error& error) {
    if (is_outage(error)) throw;
    // What was refused before is the better message.
  }
}

}  // namespace

void add_constraints(const std::vector<MigrationConstraint>& plan, MigrationOutcome& outcome,
                     const Target& target, const std::function<void()>& changed) {
  ConstraintRun run(plan, outcome, target, changed);
  run.add(Kind::index);
  run.add(Kind::foreign_key);
}

}  // namespace freight::migration
