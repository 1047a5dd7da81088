#pragma once

#include "freight/migration_store.hpp"
#include "storage/jobs/sql_job_store.hpp"
#include "storage/log/event_writer.hpp"
#include "storage/sql/store_connections.hpp"

namespace freight::storage {

/// The tenants' migrations, of both backends.
class SqlMigrationStore final : public MigrationStore {
 public:
  /// `jobs` hands on what events tell.
  SqlMigrationStore(StoreConnections& connections, SqlJobStore& jobs)
      : connections_(connections), sql_(connections.sql()), jobs_(jobs) {}

  MigrationSubmission submit(MigrationId id, const NewMigration& migration) override;
  std::optional<Migration> find(TenantId tenant_id, MigrationId id) override;
  std::vector<Migration> list(TenantId tenant_id, const MigrationQuery& query) override;
  std::uint64_t count(TenantId tenant_id, const MigrationQuery& query, std::uint64_t most) override;

  StateChange pause(TenantId tenant_id, MigrationId id) override;
  StateChange resume(TenantId tenant_id, MigrationId id) override;
  StateChange cancel(TenantId tenant_id, MigrationId id) override;
  StateChange restart(TenantId tenant_id, MigrationId id) override;

  std::vector<ClaimedMigration> claim(const MigrationClaim& request) override;
  std::optional<JobStatus> renew(const MigrationReference& migration, LeaseToken token,
                                 std::chrono::milliseconds lease) override;
  std::optional<JobStatus> save(const MigrationReport& report) override;
  void release(const MigrationReference& migration, LeaseToken token) override;

  std::uint64_t prune(Timestamp before, std::uint32_t limit) override;

 private:
  /// Runs `work(session, events)` in a transaction within the wall around the tenant and, after
  /// the commit, hands on the events.
  template <typename Work>
  auto write(TenantId tenant_id, Work&& work);
  /// Moves a migration to `to` when `may(its status)`; one that is in `settled` already is as was
  /// asked for.
  template <typename May, typename Settled>
  StateChange change(TenantId tenant_id, MigrationId id, JobStatus to, May may, Settled settled);

  StoreConnections& connections_;
  SqlText& sql_;
  SqlJobStore& jobs_;
};

}  // namespace freight::storage
