#include <algorithm>
#include <chrono>
#include <mutex>

#include "database/query.hpp"
#include "storage/jobs/job_rows.hpp"
#include "storage/jobs/sql_job_store.hpp"

// The part of SqlJobStore that tells of events.

namespace freight::storage {
namespace {

using database::Query;
using database::Session;

constexpr std::string_view select_events =
    "SELECT event_sequence, job_id, event_type, happened_at, data FROM freight.events"
    " WHERE tenant_id = @uuid(:tenant) AND event_sequence > :after";
constexpr std::string_view of_events_job = " AND job_id = @uuid(:job)";
constexpr std::string_view of_types =
    " AND event_type IN (SELECT r.type FROM @rows(:types r, type text))";
constexpr std::string_view in_event_order = " ORDER BY event_sequence LIMIT :limit";
constexpr std::string_view select_last =
    "SELECT coalesce(max(event_sequence), 0) FROM freight.events WHERE tenant_id = @uuid(:tenant)";
constexpr std::string_view delete_events =
    "DELETE FROM freight.events WHERE happened_at < @now - 604800000000";
constexpr std::string_view delete_keys =
    "DELETE FROM freight.idempotency_keys WHERE created_at < @now - 604800000000";

constexpr std::chrono::nanoseconds prune_interval = std::chrono::hours(1);

}  // namespace

std::vector<Event> SqlJobStore::list_events(TenantId tenant_id, const EventQuery& query) {
  return connections_.read(tenant_id, [&](Session& session) {
    std::vector<Event> events;
    std::string text = sql_(select_events);
    if (query.job_id) text += sql_(of_events_job);
    if (!query.types.empty()) text += sql_(of_types);
    text += sql_(in_event_order);
    Query statement(session, text);
    statement.with("tenant", tenant_id.to_string())
        .with("after", query.after)
        .with("limit", query.limit);
    if (query.job_id) statement.with("job", query.job_id->to_string());
    if (!query.types.empty()) {
      JsonRows rows;
      for (const auto type : query.types) {
        rows.begin_row();
        rows.add("type", to_string(type));
      }
      statement.with("types", rows.take());
    }
    Event row;
    row.tenant_id = tenant_id;
    std::string job;
    std::string type;
    std::int64_t time = 0;
    statement.into(row.sequence).into(job).into(type).into(time).into(row.data);
    while (statement.next()) {
      Event event = row;
      event.job_id = JobId::parse(job).value_or(JobId());
      event.type = parse_event_type(type).value_or(EventType::log);
      event.time = time_of(time);
      events.push_back(std::move(event));
    }
    return events;
  });
}

std::uint64_t SqlJobStore::last_event(TenantId tenant_id) {
  return connections_.read(tenant_id, [&](Session& session) {
    std::uint64_t sequence = 0;
    Query query(session, sql_(select_last));
    query.with("tenant", tenant_id.to_string()).into(sequence);
    query.next();
    return sequence;
  });
}

void SqlJobStore::subscribe(EventSink& sink) {
  const std::unique_lock lock(sinks_mutex_);
  sinks_.push_back(&sink);
}

void SqlJobStore::unsubscribe(EventSink& sink) {
  const std::unique_lock lock(sinks_mutex_);
  const auto found = std::find(sinks_.begin(), sinks_.end(), &sink);
  if (found != sinks_.end()) sinks_.erase(found);
}

void SqlJobStore::tell(std::span<const Event> events) {
  if (events.empty()) return;
  const std::shared_lock lock(sinks_mutex_);
  for (auto* sink : sinks_) {
    for (const auto& event : events) sink->event(event);
  }
}

void SqlJobStore::prune_old() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  const std::int64_t count = std::chrono::nanoseconds(now).count();
  auto due = next_prune_.load();
  if (count < due || !next_prune_.compare_exchange_strong(due, count + prune_interval.count())) {
    return;
  }
  connections_.write([&](Session& session) {
    Query(session, sql_(delete_events)).execute();
    Query(session, sql_(delete_keys)).execute();
  });
}

}  // namespace freight::storage
