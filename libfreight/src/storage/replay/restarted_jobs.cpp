#include "storage/replay/restarted_jobs.hpp"

#include "database/query.hpp"

namespace freight::storage {
namespace {

using database::Query;
using database::Session;

constexpr std::string_view take_back_batches =
    "UPDATE freight.migration_batches SET status = 'ready', finished_at = NULL,"
    " records_read = 0, records_succeeded = 0, records_rejected = 0, records_skipped = 0,"
    " records_filtered = 0, records_with_warnings = 0, rows_inserted = 0, rows_updated = 0,"
    " rows_unchanged = 0"
    " WHERE tenant_id = @uuid(:tenant) AND job_id = @uuid(:job) AND status = 'completed'"
    " AND EXISTS (SELECT 1 FROM freight.migration_jobs AS j WHERE j.tenant_id = @uuid(:tenant)"
    "  AND j.job_id = @uuid(:job) AND j.restarts = 1)";
// What was tried again beyond the planned batches is planned no more.
constexpr std::string_view drop_letters =
    "DELETE FROM freight.dead_letters WHERE tenant_id = @uuid(:tenant) AND job_id = @uuid(:job)"
    " AND EXISTS (SELECT 1 FROM freight.migration_jobs AS j WHERE j.tenant_id = @uuid(:tenant)"
    "  AND j.job_id = @uuid(:job) AND j.restarts = 1)";
constexpr std::string_view drop_ranges =
    "DELETE FROM freight.reject_ranges WHERE tenant_id = @uuid(:tenant) AND job_id = @uuid(:job)"
    " AND EXISTS (SELECT 1 FROM freight.migration_jobs AS j WHERE j.tenant_id = @uuid(:tenant)"
    "  AND j.job_id = @uuid(:job) AND j.restarts = 1)";
constexpr std::string_view drop_batches =
    "DELETE FROM freight.migration_batches WHERE tenant_id = @uuid(:tenant)"
    " AND job_id = @uuid(:job) AND kind <> 'planned'"
    " AND EXISTS (SELECT 1 FROM freight.migration_jobs AS j WHERE j.tenant_id = @uuid(:tenant)"
    "  AND j.job_id = @uuid(:job) AND j.restarts = 1)";
constexpr std::string_view take_back_counts =
    "UPDATE freight.migration_jobs SET batches_completed = 0,"
    " batches_total = (SELECT count(*) FROM freight.migration_batches AS b"
    "  WHERE b.tenant_id = @uuid(:tenant) AND b.job_id = @uuid(:job)),"
    " dead_letters_stored = 0, waiting_for_parents = 0, records_discarded = 0,"
    " records_read = 0, records_succeeded = 0, records_rejected = 0, records_skipped = 0,"
    " records_filtered = 0, records_with_warnings = 0, rows_inserted = 0, rows_updated = 0,"
    " rows_unchanged = 0, bytes_read = 0"
    " WHERE tenant_id = @uuid(:tenant) AND job_id = @uuid(:job) AND restarts = 1";

}  // namespace

void take_back_completed(Session& session, SqlText& sql, const JobKey& key) {
  for (const auto statement :
       {drop_letters, drop_ranges, drop_batches, take_back_batches, take_back_counts}) {
    Query(session, sql(statement))
        .with("tenant", key.first.to_string())
        .with("job", key.second.to_string())
        .execute();
  }
}

}  // namespace freight::storage
