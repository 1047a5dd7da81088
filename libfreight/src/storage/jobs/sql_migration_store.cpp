#include "storage/jobs/sql_migration_store.hpp"

#include "database/query.hpp"
#include "storage/jobs/migration_rows.hpp"
#include "storage/sql/json_rows.hpp"
#include "storage/sql/value_texts.hpp"

namespace freight::storage {
namespace {

using database::Query;
using database::Session;

constexpr std::uint32_t max_migrations_listed = 1000;

// The lock makes one submission of a tenant come after the other. Deleted tenants have a share,
// too.
constexpr std::string_view lock_share =
    "SELECT 1 FROM freight.tenant_shares WHERE tenant_id = @uuid(:tenant)@pg{ FOR UPDATE}";
constexpr std::string_view tenant_is_known =
    "SELECT 1 FROM freight.tenants WHERE tenant_id = @uuid(:tenant) AND deleted_at IS NULL";
constexpr std::string_view find_live =
    "SELECT m.migration_id FROM freight.migration_groups AS m"
    " WHERE m.tenant_id = @uuid(:tenant) AND m.identity = :identity"
    " AND m.status IN ('pending', 'running', 'paused', 'cancelling') LIMIT 1";
constexpr std::string_view insert_migration =
    "INSERT INTO freight.migration_groups (tenant_id, migration_id, name, status, spec, "
    "only_tables,"
    " identity, node_affinity, outcome, created_at, updated_at)"
    " VALUES (@uuid(:tenant), @uuid(:id), :name, 'pending', :spec, :only, :identity, :affinity,"
    " '{}', @now, @now) ON CONFLICT DO NOTHING";
constexpr std::string_view of_id =
    " FROM freight.migration_groups AS m WHERE m.tenant_id = @uuid(:tenant)"
    " AND m.migration_id = @uuid(:id)";
constexpr std::string_view of_id_locked =
    " FROM freight.migration_groups AS m WHERE m.tenant_id = @uuid(:tenant)"
    " AND m.migration_id = @uuid(:id)@pg{ FOR UPDATE}";
constexpr std::string_view migrations_of_tenant =
    " FROM freight.migration_groups AS m WHERE m.tenant_id = @uuid(:tenant)"
    " AND (CAST(:any_status AS BIGINT) = 1"
    "  OR m.status IN (SELECT r.status FROM @rows(:statuses r, status text)))"
    " AND (CAST(:first AS BIGINT) = 1 OR m.migration_id < @uuid(:before))";
constexpr std::string_view newest_migrations_first = " ORDER BY m.migration_id DESC LIMIT :limit";
constexpr std::string_view write_migration_status =
    "UPDATE freight.migration_groups SET status = :status, updated_at = @now"
    " WHERE tenant_id = @uuid(:tenant) AND migration_id = @uuid(:id)";
constexpr std::string_view begin_anew =
    "UPDATE freight.migration_groups SET outcome = :outcome, error = NULL, finished_at = NULL"
    " WHERE tenant_id = @uuid(:tenant) AND migration_id = @uuid(:id)";
constexpr std::string_view to_drive =
    " FROM freight.migration_groups AS m"
    " JOIN freight.tenant_shares AS s ON s.tenant_id = m.tenant_id AND s.claimable = 1"
    " WHERE m.status IN ('pending', 'running', 'cancelling') AND m.leased_until <= @now"
    " AND (CAST(:any_status AS BIGINT) = 1 OR m.status = 'cancelling')"
    " AND (m.status = 'cancelling' OR m.node_affinity = '' OR m.node_affinity IN (SELECT"
    "  @pg{jsonb_array_elements_text(CAST(:affinities AS jsonb))}"
    "  @lite{value FROM json_each(:affinities)}))"
    " AND (CAST(:any AS BIGINT) = 1"
    "  OR (m.tenant_id = @uuid(:tenant) AND m.migration_id = @uuid(:id)))"
    " ORDER BY CASE m.status WHEN 'cancelling' THEN 0 ELSE 1 END,"
    "  (SELECT count(*) FROM freight.migration_groups AS l WHERE l.tenant_id = m.tenant_id"
    "   AND l.leased_until > @now), m.migration_id"
    " LIMIT :limit@pg{ FOR UPDATE OF m SKIP LOCKED}";
constexpr std::string_view write_lease =
    "UPDATE freight.migration_groups SET lease_token = @uuid(:token), leased_until = @now + :lease,"
    " status = :status, updated_at = @now, started_at = coalesce(started_at, @now)"
    " WHERE tenant_id = @uuid(:tenant) AND migration_id = @uuid(:id)";
constexpr std::string_view renew_lease =
    "UPDATE freight.migration_groups SET leased_until = @now + :lease"
    " WHERE tenant_id = @uuid(:tenant) AND migration_id = @uuid(:id)"
    " AND lease_token = @uuid(:token) AND EXISTS (SELECT 1 FROM freight.tenant_shares AS s"
    "  WHERE s.tenant_id = @uuid(:tenant) AND s.claimable = 1) RETURNING status";
constexpr std::string_view write_outcome =
    "UPDATE freight.migration_groups SET outcome = :outcome, error = :error, updated_at = @now"
    " WHERE tenant_id = @uuid(:tenant) AND migration_id = @uuid(:id)"
    " AND lease_token = @uuid(:token) RETURNING status";
constexpr std::string_view write_end =
    "UPDATE freight.migration_groups SET status = :status, finished_at = @now, lease_token = NULL,"
    " leased_until = 0 WHERE tenant_id = @uuid(:tenant) AND migration_id = @uuid(:id)";
constexpr std::string_view write_pause =
    "UPDATE freight.migration_groups SET status = 'paused', lease_token = NULL, leased_until = 0"
    " WHERE tenant_id = @uuid(:tenant) AND migration_id = @uuid(:id) AND status = 'running'";
constexpr std::string_view drop_lease =
    "UPDATE freight.migration_groups SET lease_token = NULL, leased_until = 0"
    " WHERE tenant_id = @uuid(:tenant) AND migration_id = @uuid(:id)"
    " AND lease_token = @uuid(:token)";
constexpr std::string_view delete_ended =
    "DELETE FROM freight.migration_groups WHERE migration_id IN (SELECT m.migration_id"
    " FROM freight.migration_groups AS m"
    " WHERE m.status IN ('completed', 'completed_with_errors', 'failed', 'cancelled')"
    " AND m.finished_at < :before LIMIT :limit)";

Query& with_migration(Query& query, TenantId tenant_id, MigrationId id) {
  return query.with("tenant", tenant_id.to_string()).with("id", id.to_string());
}

std::vector<Migration> read_migrations(Query& query, bool large) {
  std::vector<Migration> found;
  MigrationRow row;
  row.bind(query, large);
  while (query.next()) found.push_back(row.migration());
  return found;
}

std::string columns(SqlText& sql, bool large) {
  return "SELECT " + sql(migration_columns) + (large ? ", m.spec" : "");
}

Migration lock_migration(Session& session, SqlText& sql, TenantId tenant_id, MigrationId id) {
  Query query(session, columns(sql, true) + sql(of_id_locked));
  auto found = read_migrations(with_migration(query, tenant_id, id), true);
  if (found.empty()) throw Error(Code::not_found, "there is no migration " + id.to_string());
  return std::move(found.front());
}

/// The tenant's migration of that identity that has not ended; whoever asks next asks after the
/// transaction's end.
std::optional<MigrationId> lock_and_find_live(Session& session, SqlText& sql, TenantId tenant_id,
                                              const std::string& identity) {
  {
    std::int64_t one = 0;
    Query lock(session, sql(lock_share));
    lock.with("tenant", tenant_id.to_string()).into(one).next();
  }
  std::string id;
  Query query(session, sql(find_live));
  query.with("tenant", tenant_id.to_string()).with("identity", identity).into(id);
  if (!query.next()) return std::nullopt;
  return MigrationId::parse(id);
}

std::optional<JobStatus> status_in(Query& query) {
  std::string status;
  query.into(status);
  if (!query.next()) return std::nullopt;
  return parse_job_status(status);
}

void add_conditions(Query& statement, TenantId tenant_id, const MigrationQuery& query) {
  JsonRows statuses;
  for (const JobStatus status : query.statuses) {
    statuses.begin_row();
    statuses.add("status", to_string(status));
  }
  statement.with("tenant", tenant_id.to_string())
      .with("any_status", query.statuses.empty() ? 1 : 0)
      .with("statuses", statuses.take())
      .with("first", query.before ? 0 : 1)
      .with("before", query.before.value_or(MigrationId()).to_string());
}

}  // namespace

template <typename Work>
auto SqlMigrationStore::write(TenantId tenant_id, Work&& work) {
  std::vector<Event> written;
  auto result = connections_.write(tenant_id, [&](Session& session) {
    EventWriter events(session, sql_);
    auto answer = work(session, events);
    written = events.flush();
    return answer;
  });
  jobs_.tell(written);
  return result;
}

MigrationSubmission SqlMigrationStore::submit(MigrationId id, const NewMigration& migration) {
  const TenantId tenant_id = migration.tenant_id;
  const auto is_known = connections_.read([&](Session& session) {
    std::int64_t one = 0;
    Query query(session, sql_(tenant_is_known));
    return query.with("tenant", tenant_id.to_string()).into(one).next();
  });
  if (!is_known) throw Error(Code::not_found, "there is no tenant " + tenant_id.to_string());
  return write(tenant_id, [&](Session& session, EventWriter& events) {
    const auto live = lock_and_find_live(session, sql_, tenant_id, migration.identity);
    if (live && *live != id && !migration.even_if_live) {
      return MigrationSubmission{.id = *live, .created = false};
    }
    Query insert(session, sql_(insert_migration));
    const auto rows = with_migration(insert, tenant_id, id)
                          .with("name", storable_text(migration.name))
                          .with("spec", migration.spec)
                          .with("only", text_of(migration.only))
                          .with("identity", migration.identity)
                          .with("affinity", migration.node_affinity)
                          .execute();
    if (rows > 0) events.migration({tenant_id, id}, JobStatus::pending, {});
    return MigrationSubmission{.id = id};
  });
}

std::optional<Migration> SqlMigrationStore::find(TenantId tenant_id, MigrationId id) {
  return connections_.read(tenant_id, [&](Session& session) -> std::optional<Migration> {
    Query query(session, columns(sql_, true) + sql_(of_id));
    auto found = read_migrations(with_migration(query, tenant_id, id), true);
    if (found.empty()) return std::nullopt;
    return std::move(found.front());
  });
}

std::vector<Migration> SqlMigrationStore::list(TenantId tenant_id, const MigrationQuery& query) {
  if (query.limit < 1 || query.limit > max_migrations_listed) {
    throw Error(Code::invalid_value, "the limit of a list is 1 to 1000");
  }
  return connections_.read(tenant_id, [&](Session& session) {
    Query statement(
        session, columns(sql_, false) + sql_(migrations_of_tenant) + sql_(newest_migrations_first));
    add_conditions(statement, tenant_id, query);
    statement.with("limit", query.limit);
    return read_migrations(statement, false);
  });
}

std::uint64_t SqlMigrationStore::count(TenantId tenant_id, const MigrationQuery& query,
                                       std::uint64_t most) {
  return connections_.read(tenant_id, [&](Session& session) {
    std::uint64_t total = 0;
    Query statement(session, "SELECT count(*) FROM (SELECT 1" + sql_(migrations_of_tenant) +
                                 " LIMIT " + std::to_string(most) + ") AS t");
    add_conditions(statement, tenant_id, query);
    statement.into(total).next();
    return total;
  });
}

template <typename May, typename Settled>
StateChange SqlMigrationStore::change(TenantId tenant_id, MigrationId id, JobStatus to, May may,
                                      Settled settled) {
  return write(tenant_id, [&](Session& session, EventWriter& events) {
    const Migration migration = lock_migration(session, sql_, tenant_id, id);
    const bool is_again = is_final(migration.status);
    // Of two that do the same at the same time each would find the other's jobs.
    const bool is_barred = is_again && may(migration.status) &&
                           lock_and_find_live(session, sql_, tenant_id, migration.identity);
    if (!may(migration.status) || is_barred) {
      return StateChange{.accepted = settled(migration.status), .status = migration.status};
    }
    Query update(session, sql_(write_migration_status));
    with_migration(update, tenant_id, id).with("status", std::string(to_string(to))).execute();
    MigrationOutcome outcome = migration.outcome;
    if (is_again) {
      for (TableOutcome& table : outcome.tables) {
        table.state = TableState::waiting;
        table.message.clear();
      }
      Query anew(session, sql_(begin_anew));
      with_migration(anew, tenant_id, id).with("outcome", text_of(outcome)).execute();
    }
    events.migration({tenant_id, id}, to, outcome);
    return StateChange{.accepted = true, .changed = true, .status = to};
  });
}

StateChange SqlMigrationStore::pause(TenantId tenant_id, MigrationId id) {
  return change(
      tenant_id, id, JobStatus::paused,
      [](JobStatus status) { return can_transition(status, JobStatus::paused); },
      [](JobStatus status) { return status == JobStatus::paused; });
}

StateChange SqlMigrationStore::resume(TenantId tenant_id, MigrationId id) {
  return change(
      tenant_id, id, JobStatus::pending,
      [](JobStatus status) { return status == JobStatus::paused; },
      [](JobStatus) { return false; });
}

StateChange SqlMigrationStore::cancel(TenantId tenant_id, MigrationId id) {
  return change(
      tenant_id, id, JobStatus::cancelling,
      [](JobStatus status) { return !is_final(status) && status != JobStatus::cancelling; },
      [](JobStatus status) {
        return status == JobStatus::cancelling || status == JobStatus::cancelled;
      });
}

StateChange SqlMigrationStore::restart(TenantId tenant_id, MigrationId id) {
  return change(
      tenant_id, id, JobStatus::pending,
      [](JobStatus status) { return is_final(status) && status != JobStatus::completed; },
      [](JobStatus) { return false; });
}

std::vector<ClaimedMigration> SqlMigrationStore::claim(const MigrationClaim& request) {
  const MigrationReference only = request.only.value_or(MigrationReference());
  const std::chrono::microseconds lease = request.lease;
  std::vector<Event> written;
  auto claimed = connections_.write([&](Session& session) {
    std::vector<ClaimedMigration> taken;
    std::vector<Migration> found;
    {
      Query query(session, columns(sql_, true) + sql_(to_drive));
      with_migration(query, only.tenant_id, only.migration_id)
          .with("affinities", text_of(request.affinities))
          .with("any", request.only ? 0 : 1)
          .with("any_status", request.only_cancelling ? 0 : 1)
          .with("limit", request.limit);
      found = read_migrations(query, true);
    }
    EventWriter events(session, sql_);
    for (Migration& migration : found) {
      const bool begins = migration.status == JobStatus::pending;
      if (begins) migration.status = JobStatus::running;
      const auto token = LeaseToken::generate();
      Query update(session, sql_(write_lease));
      with_migration(update, migration.tenant_id, migration.id)
          .with("token", token.to_string())
          .with("lease", lease.count())
          .with("status", std::string(to_string(migration.status)))
          .execute();
      if (begins) {
        events.migration({migration.tenant_id, migration.id}, migration.status, migration.outcome);
      }
      taken.push_back({token, std::move(migration)});
    }
    written = events.flush();
    return taken;
  });
  jobs_.tell(written);
  return claimed;
}

std::optional<JobStatus> SqlMigrationStore::renew(const MigrationReference& migration,
                                                  LeaseToken token,
                                                  std::chrono::milliseconds lease) {
  const std::chrono::microseconds longer = lease;
  return connections_.write(migration.tenant_id, [&](Session& session) {
    Query update(session, sql_(renew_lease));
    with_migration(update, migration.tenant_id, migration.migration_id)
        .with("token", token.to_string())
        .with("lease", longer.count());
    return status_in(update);
  });
}

std::optional<JobStatus> SqlMigrationStore::save(const MigrationReport& report) {
  const TenantId tenant_id = report.migration.tenant_id;
  const MigrationId id = report.migration.migration_id;
  return write(tenant_id, [&](Session& session, EventWriter& events) -> std::optional<JobStatus> {
    std::optional<JobStatus> status;
    {
      Query update(session, sql_(write_outcome));
      with_migration(update, tenant_id, id)
          .with("token", report.token.to_string())
          .with("outcome", text_of(report.outcome))
          .with("error", report.error ? std::optional(text_of(*report.error)) : std::nullopt);
      status = status_in(update);
    }
    if (!status) return std::nullopt;
    if (report.ended == JobStatus::paused) {
      Query pause(session, sql_(write_pause));
      if (with_migration(pause, tenant_id, id).execute() > 0) status = JobStatus::paused;
    } else if (report.ended) {
      status = *report.ended;
      Query end(session, sql_(write_end));
      with_migration(end, tenant_id, id).with("status", std::string(to_string(*status))).execute();
    }
    events.migration(report.migration, *status, report.outcome);
    return status;
  });
}

void SqlMigrationStore::release(const MigrationReference& migration, LeaseToken token) {
  connections_.write(migration.tenant_id, [&](Session& session) {
    Query update(session, sql_(drop_lease));
    with_migration(update, migration.tenant_id, migration.migration_id)
        .with("token", token.to_string())
        .execute();
  });
}

std::uint64_t SqlMigrationStore::prune(Timestamp before, std::uint32_t limit) {
  return connections_.write([&](Session& session) {
    return Query(session, sql_(delete_ended))
        .with("before", before.time_since_epoch().count())
        .with("limit", limit)
        .execute();
  });
}

}  // namespace freight::storage
