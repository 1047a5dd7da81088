#include "migration_constraints.hpp"

#include <algorithm>
#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "console.hpp"
#include "freight/database_schema.hpp"
#include "freight/error.hpp"
#include "patience.hpp"
#include "side_by_side.hpp"

namespace freight::daemon {
namespace {

/// A connection that is opened when it is needed, and again when it was lost.
class ConnectionOnDemand {
 public:
  explicit ConnectionOnDemand(const std::string& url) : url_(url) {}

  void run(const std::string& statement) {
    with([&](SchemaConnection& connection) {
      connection.run(statement);
      return 0;
    });
  }
  std::vector<std::vector<std::optional<std::string>>> ask(const std::string& query) {
    return with([&](SchemaConnection& connection) { return connection.ask(query); });
  }

 private:
  template <typename Work>
  std::invoke_result_t<Work, SchemaConnection&> with(const Work& work) {
    return patiently(longest_outage, [&] {
      try {
        if (!connection_) {
          connection_ = open_schema_connection(url_, true, give_up_when_interrupted);
        }
        return work(*connection_);
      } catch (...) {
        connection_.reset();
        throw;
      }
    });
  }

  const std::string& url_;
  std::unique_ptr<SchemaConnection> connection_;
};

class ConstraintRun {
 public:
  ConstraintRun(MigrationOutcome& outcome, const std::string& destination_url)
      : outcome_(outcome), destination_url_(destination_url) {}

  void add(MigrationConstraint::Kind kind);

 private:
  void begin_constraint(ConnectionOnDemand& connection, ConstraintOutcome& outcome);
  void end_constraint(ConnectionOnDemand& connection, ConstraintOutcome& outcome);
  static void find_violations(ConnectionOnDemand& connection, ConstraintOutcome& outcome);

  MigrationOutcome& outcome_;
  const std::string& destination_url_;
  std::mutex mutex_;
};

void ConstraintRun::add(MigrationConstraint::Kind kind) {
  std::vector<ConstraintOutcome*> open;
  for (ConstraintOutcome& one : outcome_.constraints) {
    if (one.constraint.kind != kind) continue;
    const auto table = std::find_if(
        outcome_.tables.begin(), outcome_.tables.end(),
        [&](const TableOutcome& candidate) { return candidate.to == one.constraint.table; });
    // What is not loaded yet gets them when it is.
    if (table != outcome_.tables.end() && is_loaded(*table)) open.push_back(&one);
  }
  if (open.empty()) return;
  const bool all_there = std::all_of(
      open.begin(), open.end(), [](const auto* one) { return one->constraint.statements.empty(); });
  if (!all_there) {
    say(kind == MigrationConstraint::Kind::index ? "adding indexes" : "adding foreign keys");
  }
  if (kind == MigrationConstraint::Kind::foreign_key) {
    // Each locks two tables for a moment: side by side they would wait for each other. Looking at
    // the rows, which takes long, does not.
    ConnectionOnDemand connection(destination_url_);
    for (ConstraintOutcome* const one : open) {
      if (one->constraint.statements.size() > 1) begin_constraint(connection, *one);
    }
  }
  // Those of one table wait for each other: they are one thread's.
  std::map<std::string, std::vector<ConstraintOutcome*>> by_table;
  for (ConstraintOutcome* const one : open) by_table[one->constraint.table].push_back(one);
  auto next = by_table.begin();
  const std::size_t most = is_sqlite_url(destination_url_) ? 1 : most_side_by_side;
  run_side_by_side(std::min(most, by_table.size()), [&] {
    ConnectionOnDemand connection(destination_url_);
    while (true) {
      std::vector<ConstraintOutcome*> constraints;
      {
        const std::lock_guard lock(mutex_);
        if (next == by_table.end()) return;
        constraints = (next++)->second;
      }
      for (ConstraintOutcome* const one : constraints) {
        give_up_when_interrupted();
        if (one->state == ConstraintState::waiting) end_constraint(connection, *one);
      }
    }
  });
}

void ConstraintRun::begin_constraint(ConnectionOnDemand& connection, ConstraintOutcome& outcome) {
  auto& statements = outcome.constraint.statements;
  try {
    connection.run(statements.front());
  } catch (const Error& error) {
    outcome.state = ConstraintState::failed;
    outcome.message = error.what();
  }
  statements.erase(statements.begin());
}

void ConstraintRun::end_constraint(ConnectionOnDemand& connection, ConstraintOutcome& outcome) {
  const MigrationConstraint& constraint = outcome.constraint;
  const bool only_looked_at = constraint.statements.empty();
  try {
    for (const std::string& statement : constraint.statements) connection.run(statement);
    if (only_looked_at && !constraint.violations.empty()) {
      outcome.violations = connection.ask(constraint.violations);
      if (!outcome.violations.empty()) outcome.message = "rows refer to nothing";
    }
  } catch (const Error& error) {
    outcome.message = error.what();
    find_violations(connection, outcome);
  }
  if (!outcome.message.empty()) {
    outcome.state = ConstraintState::failed;
  } else {
    outcome.state = only_looked_at ? ConstraintState::present : ConstraintState::added;
  }
}

void ConstraintRun::find_violations(ConnectionOnDemand& connection, ConstraintOutcome& outcome) {
  if (outcome.constraint.violations.empty()) return;
  try {
    outcome.violations = connection.ask(outcome.constraint.violations);
  } catch (const Error&) {
    // What was refused before is the better message.
  }
}

}  // namespace

void add_constraints(MigrationOutcome& outcome, const std::string& destination_url) {
  ConstraintRun run(outcome, destination_url);
  run.add(MigrationConstraint::Kind::index);
  run.add(MigrationConstraint::Kind::foreign_key);
}

bool is_sqlite_url(const std::string& url) { return url.starts_with("sqlite:"); }

}  // namespace freight::daemon
