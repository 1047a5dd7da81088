#include "storage/jobs/migration_rows.hpp"

#include <boost/json.hpp>

#include "storage/jobs/job_rows.hpp"
#include "storage/sql/json_rows.hpp"
#include "storage/sql/value_texts.hpp"

namespace freight::storage {
namespace {

using boost::json::array;
using boost::json::object;
using boost::json::value;

using Kind = MigrationConstraint::Kind;

object json_of(const TableOutcome& table) {
  object out{{"from", storable_text(table.from)},
             {"to", storable_text(table.to)},
             {"state", to_string(table.state)}};
  if (table.job_id) out["job_id"] = table.job_id->to_string();
  if (!table.message.empty()) out["message"] = storable_text(table.message);
  return out;
}

object json_of(const ConstraintOutcome& constraint) {
  object out{{"kind", constraint.kind == Kind::index ? "index" : "foreign_key"},
             {"table", storable_text(constraint.table)},
             {"subject", storable_text(constraint.subject)},
             {"state", to_string(constraint.state)}};
  if (!constraint.message.empty()) out["message"] = storable_text(constraint.message);
  array violations;
  for (const auto& row : constraint.violations) {
    array key;
    for (const auto& text : row) key.push_back(text ? value(storable_text(*text)) : value());
    violations.push_back(std::move(key));
  }
  if (!violations.empty()) out["violations"] = std::move(violations);
  return out;
}

std::string text_in(const object& from, std::string_view key) {
  const value* const found = from.if_contains(key);
  return found != nullptr && found->is_string() ? std::string(found->get_string()) : std::string();
}

const array& array_in(const object& from, std::string_view key) {
  static const array none;
  const value* const found = from.if_contains(key);
  return found != nullptr && found->is_array() ? found->get_array() : none;
}

TableOutcome table_of(const object& from) {
  TableOutcome table{.from = text_in(from, "from"), .to = text_in(from, "to")};
  table.state = parse_table_state(text_in(from, "state")).value_or(TableState::waiting);
  table.job_id = JobId::parse(text_in(from, "job_id"));
  table.message = text_in(from, "message");
  return table;
}

ConstraintOutcome constraint_of(const object& from) {
  ConstraintOutcome constraint;
  if (text_in(from, "kind") == "foreign_key") constraint.kind = Kind::foreign_key;
  constraint.table = text_in(from, "table");
  constraint.subject = text_in(from, "subject");
  constraint.state =
      parse_constraint_state(text_in(from, "state")).value_or(ConstraintState::waiting);
  constraint.message = text_in(from, "message");
  for (const value& row : array_in(from, "violations")) {
    auto& key = constraint.violations.emplace_back();
    if (!row.is_array()) continue;
    for (const value& text : row.get_array()) {
      key.push_back(text.is_string() ? std::optional(std::string(text.get_string()))
                                     : std::nullopt);
    }
  }
  return constraint;
}

}  // namespace

const std::string_view migration_columns =
    "m.tenant_id, m.migration_id, m.name, m.status, m.only_tables, m.identity, m.node_affinity,"
    " CASE WHEN m.leased_until > @now THEN 1 ELSE 0 END, m.outcome, m.error, m.created_at,"
    " m.updated_at, m.started_at, m.finished_at";

void MigrationRow::bind(database::Query& query, bool large) {
  query.into(tenant_id_).into(id_).into(migration_.name).into(status_).into(only_);
  query.into(migration_.identity).into(migration_.node_affinity).into(migration_.driven);
  query.into(outcome_).into(error_);
  query.into(created_at_).into(updated_at_).into(started_at_).into(finished_at_);
  if (large) query.into(migration_.spec);
}

Migration MigrationRow::migration() {
  Migration migration = migration_;
  migration.tenant_id = TenantId::parse(tenant_id_).value_or(TenantId());
  migration.id = MigrationId::parse(id_).value_or(MigrationId());
  migration.status = parse_job_status(status_).value_or(JobStatus::failed);
  migration.only = texts_of(only_);
  migration.outcome = outcome_of(outcome_);
  if (error_) migration.error = failure_of_text(*error_);
  migration.created_at = time_of(created_at_);
  migration.updated_at = time_of(updated_at_);
  migration.started_at = time_of(started_at_);
  migration.finished_at = time_of(finished_at_);
  return migration;
}

std::string text_of(const MigrationOutcome& outcome) {
  array tables;
  for (const TableOutcome& table : outcome.tables) tables.push_back(json_of(table));
  array constraints;
  for (const ConstraintOutcome& one : outcome.constraints) constraints.push_back(json_of(one));
  array notes;
  for (const std::string& note : outcome.notes) notes.emplace_back(storable_text(note));
  return boost::json::serialize(object{{"tables", std::move(tables)},
                                       {"constraints", std::move(constraints)},
                                       {"notes", std::move(notes)}});
}

MigrationOutcome outcome_of(std::string_view text) {
  MigrationOutcome outcome;
  boost::system::error_code error;
  const value parsed = boost::json::parse(text, error);
  if (error || !parsed.is_object()) return outcome;
  const object& from = parsed.get_object();
  for (const value& table : array_in(from, "tables")) {
    if (table.is_object()) outcome.tables.push_back(table_of(table.get_object()));
  }
  for (const value& one : array_in(from, "constraints")) {
    if (one.is_object()) outcome.constraints.push_back(constraint_of(one.get_object()));
  }
  for (const value& note : array_in(from, "notes")) {
    if (note.is_string()) outcome.notes.emplace_back(note.get_string());
  }
  return outcome;
}

}  // namespace freight::storage
