#include <algorithm>
#include <utility>
#include <variant>

#include "freight/error.hpp"
#include "freight/migration_engine.hpp"
#include "migration/file_plan.hpp"
#include "migration/run/request_text.hpp"

namespace freight {
namespace {

/// A job that reads or writes elsewhere would leave the plan of tables and keys in the air.
void check_place(const MigrationTable& table, const JobSpec& job, const JobSpec& databases) {
  const auto* const source = std::get_if<SqlSourceSpec>(&job.source);
  const auto* const destination = std::get_if<SqlDestinationSpec>(&job.destination);
  const auto* const from = std::get_if<SqlSourceSpec>(&databases.source);
  const auto& to = std::get<SqlDestinationSpec>(databases.destination);
  // Where tables are files each has a source of its own.
  const bool is_from_there = from == nullptr ? source == nullptr
                                             : source != nullptr && source->url == from->url &&
                                                   source->connection == from->connection;
  if (is_from_there && destination != nullptr && destination->url == to.url &&
      destination->connection == to.connection && destination->table == table.to_in_job) {
    return;
  }
  throw Error(Code::invalid_spec,
              "table " + table.from + ": its job does not go from the source of the defaults to " +
                  table.to_in_job + " in their destination",
              {.hint = "\"to\" gives it another name; another database is another migration"});
}

bool is_of(const TableOutcome& table, const std::string& name) {
  return table.from == name || table.to == name;
}

void leave_out_others(MigrationDraft& draft, const std::vector<std::string>& only) {
  if (only.empty()) return;
  auto& tables = draft.outcome.tables;
  for (const std::string& name : only) {
    const bool known = std::any_of(tables.begin(), tables.end(),
                                   [&](const TableOutcome& table) { return is_of(table, name); });
    if (known) continue;
    throw Error(Code::usage, "--only " + name + ": the migration has no such table",
                {.hint = "freightd validate lists its tables"});
  }
  for (TableOutcome& table : tables) {
    const bool wanted = std::any_of(only.begin(), only.end(),
                                    [&](const std::string& name) { return is_of(table, name); });
    if (!wanted) table.state = TableState::left_out;
  }
  // A key to a table that is neither loaded now nor there already is added by a run of all tables.
  std::erase_if(draft.plan.constraints, [&](const MigrationConstraint& one) {
    for (std::size_t at = 0; at < tables.size(); ++at) {
      if (tables[at].state != TableState::left_out) continue;
      const bool is_missing = !draft.plan.tables[at].create.empty();
      if (tables[at].to == one.table) return true;
      if (tables[at].to == one.referred && is_missing) return true;
    }
    return false;
  });
}

void read_jobs(MigrationDraft& draft, const MigrationRequest& request, const JobSpec& databases) {
  for (const MigrationTable& table : draft.plan.tables) {
    auto result = parse_job_spec(table.job, request.job_options);
    if (!result.spec) {
      draft.errors.push_back({.table = table.from, .errors = std::move(result.errors)});
      continue;
    }
    check_place(table, *result.spec, databases);
    draft.jobs.push_back(*std::move(result.spec));
  }
}

MigrationPlan plan_of_databases(const MigrationRequest& request,
                                const ConnectorRegistry& connectors,
                                const ConnectorRequest& databases,
                                const std::function<void()>& watch) {
  const DatabaseSchema from = connectors.open_schema(databases, DatabaseUse::source, watch)->read();
  const auto there = connectors.open_schema(databases, DatabaseUse::look_at_destination, watch);
  // What is not there is made when it is needed; only a file can be missing so.
  const DatabaseSchema to =
      there != nullptr ? there->read() : DatabaseSchema{.kind = DatabaseKind::sqlite};
  MigrationPlan plan = plan_migration(request.spec, from, to);
  if (!plan.tables.empty()) return plan;
  throw Error(Code::source_not_found, "the source has no table to move",
              {.hint = "\"tables\" and \"exclude\" leave none of its " +
                       std::to_string(from.tables.size())});
}

MigrationPlan plan_of_files(const MigrationRequest& request) {
  MigrationPlan plan = migration::plan_of_files(request.spec, request.job_options.base_folder);
  if (!plan.tables.empty()) return plan;
  throw Error(Code::source_not_found, "\"tables\" and \"exclude\" leave no file to load");
}

}  // namespace

MigrationDraft draft_migration(const MigrationRequest& request, const ConnectorRegistry& connectors,
                               TenantId tenant_id, const std::function<void()>& watch) {
  const migration::RequestText text = migration::text_of_request(request);
  if (!text.errors.empty()) SpecResult{.spec = {}, .errors = text.errors}.value();
  const ConnectorRequest databases{.spec = text.databases, .tenant_id = tenant_id};
  MigrationDraft draft;
  draft.plan = is_of_files(request.spec) ? plan_of_files(request)
                                         : plan_of_databases(request, connectors, databases, watch);
  read_jobs(draft, request, text.databases);
  for (const MigrationTable& table : draft.plan.tables) {
    draft.outcome.tables.push_back({.from = table.from, .to = table.to});
  }
  leave_out_others(draft, request.only);
  for (const MigrationConstraint& one : draft.plan.constraints) {
    draft.outcome.constraints.push_back(
        {.kind = one.kind, .table = one.table, .subject = one.subject});
  }
  draft.outcome.notes = draft.plan.notes;
  return draft;
}

}  // namespace freight
