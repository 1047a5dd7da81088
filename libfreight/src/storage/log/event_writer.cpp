#include "storage/log/event_writer.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "core/json_text.hpp"
#include "database/query.hpp"
#include "storage/sql/json_rows.hpp"
#include "storage/sql/locked_jobs.hpp"

namespace freight::storage {
namespace {

using database::Query;
using database::Session;

// Ordered in PostgreSQL, as TaskQueue::apply() does.
constexpr std::string_view take =
    "UPDATE freight.tenant_shares AS s SET event_sequence = s.event_sequence + r.events"
    " FROM @lite{@rows(:rows r, tenant_id uuid, events bigint)}"
    " @pg{(SELECT c.* FROM @rows(:rows c, tenant_id uuid, events bigint)"
    "  JOIN freight.tenant_shares AS l ON l.tenant_id = c.tenant_id"
    "  ORDER BY l.tenant_id FOR UPDATE OF l) AS r}"
    " WHERE s.tenant_id = r.tenant_id"
    " RETURNING @pg{s.tenant_id, s.event_sequence}@lite{tenant_id, event_sequence}, @now";
constexpr std::string_view insert =
    "INSERT INTO freight.events (tenant_id, event_sequence, job_id, event_type, happened_at, data)"
    " SELECT r.tenant_id, r.event_sequence, r.job_id, r.event_type, r.happened_at, r.data"
    " FROM @rows(:rows r, tenant_id uuid, event_sequence bigint, job_id uuid, event_type text,"
    " happened_at bigint, data text)";
constexpr std::string_view prune =
    "DELETE FROM freight.events WHERE tenant_id = @uuid(:tenant) AND event_sequence <= :last";

constexpr std::uint64_t kept = 100'000;
/// Old ones are looked for whenever the sequence passes a multiple of this.
constexpr std::uint64_t prune_step = 1024;
constexpr std::int64_t progress_interval = 300'000;

/// A JSON object in the making.
class Object {
 public:
  Object& add(std::string_view name, std::string_view text) {
    core::append_json_key(text_, name);
    core::append_json_string(text_, text);
    return *this;
  }
  Object& add(std::string_view name, std::uint64_t number) {
    core::append_json_key(text_, name);
    text_ += std::to_string(number);
    return *this;
  }
  Object& add(std::string_view name, const std::optional<std::uint64_t>& number) {
    if (number) return add(name, *number);
    core::append_json_key(text_, name);
    text_ += "null";
    return *this;
  }
  Object& add(std::string_view name, std::optional<Code> code) {
    if (code) return add(name, to_string(*code));
    core::append_json_key(text_, name);
    text_ += "null";
    return *this;
  }
  Object& add_flag(std::string_view name, bool flag) {
    core::append_json_key(text_, name);
    text_ += flag ? "true" : "false";
    return *this;
  }
  std::string take() { return std::exchange(text_, {}) + "}"; }

 private:
  std::string text_ = "{";
};

}  // namespace

void EventWriter::add(const JobReference& job, EventType type, std::string data) {
  events_.push_back({.tenant_id = job.tenant_id,
                     .job_id = job.job_id,
                     .type = type,
                     .time = {},
                     .data = std::move(data)});
}

void EventWriter::state(const JobReference& job, JobStatus status, std::optional<Code> code) {
  add(job, EventType::state, Object().add("status", to_string(status)).add("code", code).take());
}

void EventWriter::batch(const BatchReport& report, BatchStatus status, std::uint64_t sequence,
                        std::uint64_t attempt, std::uint64_t first_ordinal, std::uint64_t records) {
  const bool completed = status == BatchStatus::completed;
  Object data;
  data.add("batch_id", report.batch_id.to_string())
      .add("sequence", sequence)
      .add("status", to_string(status))
      .add("attempt", attempt)
      .add("first_ordinal", first_ordinal)
      .add("records", records)
      .add("succeeded", completed ? report.counts.succeeded : 0)
      .add("rejected", completed ? report.counts.rejected : 0)
      .add("code",
           report.failure && !completed ? std::optional(report.failure->code) : std::nullopt);
  add({report.tenant_id, report.job_id}, EventType::batch, data.take());
}

void EventWriter::progress(LockedJob& job, bool always) {
  if (!always && job.now - job.progress_at < progress_interval) return;
  job.progress_at = job.now;
  Object data;
  data.add("status", to_string(job.status))
      .add("read", job.records.read)
      .add("succeeded", job.records.succeeded)
      .add("rejected", job.records.rejected)
      .add("skipped", job.records.skipped)
      .add("filtered", job.records.filtered)
      .add("with_warnings", job.records.with_warnings)
      .add("records_planned", job.records_planned)
      .add_flag("planned", job.planned)
      .add("bytes_read", job.bytes_read)
      .add("batches_total", job.batches_total)
      .add("batches_completed", job.batches_completed)
      .add("batches_failed", job.batches_failed);
  add({job.key.first, job.key.second}, EventType::progress, data.take());
}

void EventWriter::migration(const MigrationReference& migration, JobStatus status,
                            const MigrationOutcome& outcome) {
  const auto count = [&](TableState state) {
    return static_cast<std::uint64_t>(
        std::count_if(outcome.tables.begin(), outcome.tables.end(),
                      [state](const TableOutcome& table) { return table.state == state; }));
  };
  Object data;
  data.add("migration_id", migration.migration_id.to_string())
      .add("status", to_string(status))
      .add("tables", static_cast<std::uint64_t>(outcome.tables.size()))
      .add("tables_completed", count(TableState::completed))
      .add("tables_failed", count(TableState::failed));
  add({migration.tenant_id, JobId()}, EventType::migration, data.take());
}

void EventWriter::log(const JobReference& job, std::uint64_t log_sequence, std::string_view event,
                      std::optional<std::uint64_t> batch_sequence,
                      std::optional<std::uint64_t> attempt, std::optional<Code> code) {
  add(job, EventType::log,
      Object()
          .add("log_sequence", log_sequence)
          .add("event", event)
          .add("batch_sequence", batch_sequence)
          .add("attempt", attempt)
          .add("code", code)
          .take());
}

void EventWriter::take_sequences() {
  std::map<TenantId, std::uint64_t> counts;
  for (const auto& event : events_) ++counts[event.tenant_id];
  JsonRows rows;
  for (const auto& [tenant, count] : counts) {
    rows.begin_row();
    rows.add("tenant_id", tenant).add("events", count);
  }
  struct Taken {
    std::uint64_t next = 0;
    std::int64_t now = 0;
  };
  std::map<TenantId, Taken> taken;
  std::string tenant;
  std::uint64_t last = 0;
  std::int64_t now = 0;
  {
    Query query(session_, sql_(take));
    query.with("rows", rows.take()).into(tenant).into(last).into(now);
    while (query.next()) {
      const auto id = TenantId::parse(tenant).value_or(TenantId());
      taken[id] = {last - counts[id] + 1, now};
    }
  }
  for (auto& event : events_) {
    auto& mine = taken[event.tenant_id];
    event.sequence = mine.next++;
    event.time = Timestamp(std::chrono::microseconds(mine.now));
  }
  for (const auto& [id, mine] : taken) {
    const auto end = mine.next - 1;
    if (end <= kept || end / prune_step == (end - counts[id]) / prune_step) continue;
    Query(session_, sql_(prune)).with("tenant", id.to_string()).with("last", end - kept).execute();
  }
}

std::vector<Event> EventWriter::flush() {
  if (events_.empty()) return {};
  take_sequences();
  JsonRows rows;
  for (const auto& event : events_) {
    rows.begin_row();
    rows.add("tenant_id", event.tenant_id)
        .add("event_sequence", event.sequence)
        .add("job_id", event.job_id)
        .add("event_type", to_string(event.type))
        .add("happened_at", event.time.time_since_epoch().count())
        .add("data", std::string_view(event.data));
  }
  Query(session_, sql_(insert)).with("rows", rows.take()).execute();
  return std::exchange(events_, {});
}

}  // namespace freight::storage
