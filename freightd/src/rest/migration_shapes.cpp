#include "rest/migration_shapes.hpp"

#include <algorithm>
#include <utility>

#include <boost/json.hpp>

#include "rest/shapes.hpp"

namespace freight::daemon::rest {
namespace {

namespace json = boost::json;

json::object tables_progress(const MigrationOutcome& outcome) {
  const auto count = [&](TableState state) {
    return std::count_if(outcome.tables.begin(), outcome.tables.end(),
                         [state](const TableOutcome& table) { return table.state == state; });
  };
  return {{"tables_total", outcome.tables.size() - count(TableState::left_out)},
          {"tables_completed", count(TableState::completed)},
          {"tables_failed", count(TableState::failed) + count(TableState::skipped)},
          {"tables_running", count(TableState::running)}};
}

json::object table_shape(const TableOutcome& table, const Job* job) {
  json::object object{
      {"from", utf8_of(table.from)}, {"to", utf8_of(table.to)}, {"state", state_of(table, job)},
      {"job_id", nullptr},           {"records", nullptr},      {"message", nullptr}};
  if (table.job_id) object["job_id"] = table.job_id->to_string();
  if (job != nullptr) object["records"] = shape_of(job->records);
  if (!table.message.empty()) object["message"] = utf8_of(table.message);
  return object;
}

json::object constraint_shape(const ConstraintOutcome& one) {
  json::array violations;
  for (const auto& row : one.violations) {
    json::array key;
    for (const auto& value : row) {
      key.push_back(value ? json::value(utf8_of(*value)) : json::value(nullptr));
    }
    violations.push_back(std::move(key));
  }
  const bool is_index = one.kind == MigrationConstraint::Kind::index;
  return {
      {"table", utf8_of(one.table)},
      {"kind", is_index ? "index" : "foreign_key"},
      {"subject", utf8_of(one.subject)},
      {"state", to_string(one.state)},
      {"message", one.message.empty() ? json::value(nullptr) : json::value(utf8_of(one.message))},
      {"violations", std::move(violations)}};
}

/// A migration whose passwords went with the program that had them is driven by nobody.
json::value waiting_on(const Migration& migration) {
  const bool is_open =
      migration.status == JobStatus::pending || migration.status == JobStatus::running;
  constexpr std::string_view of_secret = "secret:";
  if (!is_open || migration.driven || !migration.node_affinity.starts_with(of_secret)) {
    return nullptr;
  }
  return json::object{
      {"code", to_string(Code::missing_secret)},
      {"message",
       "its passwords are not stored, and no program that has them drives it; cancel it, and send "
       "it again: what is there is found"},
      {"since", format_timestamp(migration.updated_at)},
      {"next_attempt_at", nullptr}};
}

}  // namespace

json::object shape_of(const Migration& migration) {
  json::array actions;
  for (const std::string_view action : actions_of_migration(migration.status)) {
    actions.push_back(json::string(action.data(), action.size()));
  }
  json::value error = nullptr;
  if (migration.error) error = shape_of(*migration.error);
  return {{"id", migration.id.to_string()},
          {"tenant_id", migration.tenant_id.to_string()},
          {"name", utf8_of(migration.name)},
          {"status", to_string(migration.status)},
          {"actions", std::move(actions)},
          {"progress", tables_progress(migration.outcome)},
          {"waiting_on", waiting_on(migration)},
          {"error", std::move(error)},
          {"created_at", format_timestamp(migration.created_at)},
          {"started_at", time_or_null(migration.started_at)},
          {"finished_at", time_or_null(migration.finished_at)},
          {"updated_at", format_timestamp(migration.updated_at)}};
}

json::object shape_of(const MigrationView& view) {
  const MigrationOutcome& outcome = view.migration.outcome;
  json::object object = shape_of(view.migration);
  object["progress"].get_object()["records"] = shape_of(records_of(view));
  json::array tables;
  for (const TableOutcome& table : outcome.tables) {
    tables.push_back(table_shape(table, view.job_of(table)));
  }
  object["tables"] = std::move(tables);
  json::array constraints;
  for (const ConstraintOutcome& one : outcome.constraints) {
    constraints.push_back(constraint_shape(one));
  }
  object["constraints"] = std::move(constraints);
  json::array notes;
  for (const std::string& note : outcome.notes) notes.emplace_back(utf8_of(note));
  object["notes"] = std::move(notes);
  object["spec"] = parse_own(view.migration.spec);
  return object;
}

}  // namespace freight::daemon::rest
