#include "storage/sql/clock_steps.hpp"

#include <cstdint>

#include "database/query.hpp"

namespace freight::storage {
namespace {

using database::Query;

/// In microseconds. Less does nobody harm, and clocks are slewed by less all the time.
constexpr std::int64_t tolerance = 1'000'000;

constexpr std::string_view select_ahead =
    "SELECT @greatest(coalesce((SELECT max(claimed_at) FROM freight.tenant_shares), 0),"
    " coalesce((SELECT max(heartbeat_at) FROM freight.nodes), 0)) - @now";
constexpr std::string_view move_tasks =
    "UPDATE freight.batch_queue SET due_at = @now + delay"
    " WHERE delay IS NOT NULL AND due_at - delay > @now + :tolerance";
// All by the same step: who was served last is still the last.
constexpr std::string_view move_shares =
    "UPDATE freight.tenant_shares SET claimed_at = claimed_at - :step,"
    " held_until = CASE WHEN held_until > @now THEN held_until - :step ELSE held_until END"
    " WHERE claimed_at > @now";
constexpr std::string_view move_deadlines =
    "UPDATE freight.migration_jobs SET deadline_at = deadline_at - :step, updated_at = @now"
    " WHERE deadline_at > @now AND updated_at > @now + :tolerance";
constexpr std::string_view move_heartbeats =
    "UPDATE freight.nodes SET heartbeat_at = @now WHERE heartbeat_at > @now";

}  // namespace

std::optional<std::chrono::microseconds> clock_step_back(database::Session& session, SqlText& sql) {
  std::int64_t ahead = 0;
  Query query(session, sql(select_ahead));
  query.into(ahead).next();
  if (ahead <= tolerance) return std::nullopt;
  return std::chrono::microseconds(ahead);
}

void forgive_clock_step(database::Session& session, SqlText& sql, std::chrono::microseconds step) {
  Query(session, sql(move_tasks)).with("tolerance", tolerance).execute();
  Query(session, sql(move_shares)).with("step", step.count()).execute();
  Query(session, sql(move_deadlines))
      .with("step", step.count())
      .with("tolerance", tolerance)
      .execute();
  Query(session, sql(move_heartbeats)).execute();
}

}  // namespace freight::storage
