#include <array>

#include <boost/json.hpp>

#include "freight/storage.hpp"
#include "migration_report.hpp"
#include "rest/migration_shapes.hpp"
#include "rest/query.hpp"
#include "rest/quota.hpp"
#include "rest/routes.hpp"
#include "rest/services.hpp"
#include "rest/specs.hpp"
#include "rest/states.hpp"

// Migrations: many tables at once.

namespace freight::daemon::rest {
namespace {

namespace json = boost::json;

http::Answer answer_of(const Call& call, MigrationId id, int status) {
  auto migration = call.services.storage.migrations().find(call.tenant_id(), id);
  if (!migration) throw not_found("migration");
  return json_answer(shape_of(view_of(call.services.storage, *std::move(migration))), status);
}

http::Answer create_migration(Call& call) {
  const MigrationRequest request = require_migration(call);
  require_quota(call);
  const auto submitted = call.services.migrations.submit(call.tenant_id(), request);
  if (!submitted.created) {
    throw Problem{.code = Code::already_loaded,
                  .detail = "the same migration has not ended yet",
                  .more = {{"migration_id", submitted.id.to_string()}}};
  }
  http::Answer answer = answer_of(call, submitted.id, 201);
  answer.headers.emplace_back("Location", "/api/v1/migrations/" + submitted.id.to_string());
  return answer;
}

http::Answer list_migrations(Call& call) {
  Query query(call);
  MigrationQuery migrations;
  migrations.statuses = query.choices("status", &parse_job_status, "the status of a migration");
  const PageQuery page = read_page(query);
  migrations.limit = page.limit + 1;
  if (page.cursor) {
    const auto place = place_of_cursor(*page.cursor);
    migrations.before = place ? MigrationId::parse(*place) : std::nullopt;
    if (!migrations.before) query.report("cursor", "is none that this list has given");
  }
  query.finish();
  MigrationStore& store = call.services.storage.migrations();
  auto found = store.list(call.tenant_id(), migrations);
  const bool more = cut_page(found, page);
  json::array items;
  for (const Migration& migration : found) items.push_back(shape_of(migration));
  json::object body =
      page_object(std::move(items), more ? cursor_of(found.back().id.to_string()) : "");
  if (page.total) {
    migrations.before.reset();
    add_total(body, store.count(call.tenant_id(), migrations, most_counted + 1));
  }
  return json_answer(body);
}

http::Answer get_migration(Call& call) {
  return json_answer(shape_of(view_of(call.services.storage, call.migration())));
}

http::Answer get_migration_report(Call& call) {
  const Migration migration = call.migration();
  const MigrationView view = view_of(call.services.storage, migration);
  return {.status = 200, .body = render_report(view, to_string(migration.status))};
}

Problem migration_cannot_be(JobStatus status, std::string_view action) {
  return wrong_migration_state(status, "the migration is " + std::string(to_string(status)) +
                                           " and cannot be " + std::string(action));
}

http::Answer cancel_migration(Call& call) {
  const Migration migration = call.migration();
  if (migration.status == JobStatus::cancelled) return answer_of(call, migration.id, 200);
  const StateChange change = call.services.migrations.cancel(call.tenant_id(), migration.id);
  if (!change.accepted) throw migration_cannot_be(change.status, "cancelled");
  return answer_of(call, migration.id, 202);
}

http::Answer pause_migration(Call& call) {
  const Migration migration = call.migration();
  const StateChange change = call.services.migrations.pause(call.tenant_id(), migration.id);
  if (!change.accepted) throw migration_cannot_be(change.status, "paused");
  return answer_of(call, migration.id, 202);
}

http::Answer resume_migration(Call& call) {
  const Migration migration = call.migration();
  const StateChange change = call.services.migrations.resume(call.tenant_id(), migration.id);
  if (!change.accepted) throw migration_cannot_be(change.status, "resumed");
  return answer_of(call, migration.id, 202);
}

http::Answer retry_migration(Call& call) {
  const Migration migration = call.migration();
  require_quota(call);
  try {
    const StateChange change = call.services.migrations.retry(call.tenant_id(), migration.id);
    if (!change.accepted) throw migration_cannot_be(change.status, "tried again");
  } catch (const Error& error) {
    if (error.code() != Code::missing_secret) throw;
    Problem problem = wrong_migration_state(migration.status, detail_of(error));
    problem.code = error.code();
    problem.status = 409;
    throw problem;
  }
  return answer_of(call, migration.id, 202);
}

constexpr std::array migration_list_parameters{
    Parameter{"status", "JobStatus", "only migrations of these statuses", true}, limit_parameter,
    cursor_parameter, total_parameter};

constexpr std::array migration_table{
    Route{.method = "POST",
          .path = "/api/v1/migrations",
          .operation_id = "createMigration",
          .access = Access::write,
          .handle = create_migration,
          .summary = "Begin a migration: many tables at once",
          .body = "MigrationSpec",
          .answer = "Migration",
          .status = 201,
          .streamed = Streamed::aside},
    Route{.method = "GET",
          .path = "/api/v1/migrations",
          .operation_id = "listMigrations",
          .access = Access::read,
          .handle = list_migrations,
          .summary = "List the tenant's migrations, newest first",
          .parameters = migration_list_parameters,
          .answer = "MigrationPage"},
    Route{.method = "GET",
          .path = "/api/v1/migrations/{migration_id}",
          .operation_id = "getMigration",
          .access = Access::read,
          .handle = get_migration,
          .summary = "One migration, with what became of each table",
          .answer = "Migration"},
    Route{.method = "GET",
          .path = "/api/v1/migrations/{migration_id}/report",
          .operation_id = "getMigrationReport",
          .access = Access::read,
          .handle = get_migration_report,
          .summary = "The migration's report, a row a table",
          .answer = "MigrationReport"},
    Route{.method = "PUT",
          .path = "/api/v1/migrations/{migration_id}/cancel",
          .operation_id = "cancelMigration",
          .access = Access::write,
          .handle = cancel_migration,
          .summary = "Stop a migration and its jobs",
          .answer = "Migration",
          .status = 202,
          .streamed = Streamed::aside},
    Route{.method = "PUT",
          .path = "/api/v1/migrations/{migration_id}/pause",
          .operation_id = "pauseMigration",
          .access = Access::write,
          .handle = pause_migration,
          .summary = "Let nothing more of a migration begin",
          .answer = "Migration",
          .status = 202,
          .streamed = Streamed::aside},
    Route{.method = "PUT",
          .path = "/api/v1/migrations/{migration_id}/resume",
          .operation_id = "resumeMigration",
          .access = Access::write,
          .handle = resume_migration,
          .summary = "Let a paused migration go on",
          .answer = "Migration",
          .status = 202,
          .streamed = Streamed::aside},
    Route{.method = "POST",
          .path = "/api/v1/migrations/{migration_id}/retry",
          .operation_id = "retryMigration",
          .access = Access::write,
          .handle = retry_migration,
          .summary = "Put what failed of a migration back to work",
          .answer = "Migration",
          .status = 202,
          .streamed = Streamed::aside},
};

}  // namespace

std::span<const Route> migration_routes() { return migration_table; }

}  // namespace freight::daemon::rest
