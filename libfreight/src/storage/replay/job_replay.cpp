#include <map>

#include "core/json_text.hpp"
#include "database/query.hpp"
#include "storage/jobs/sql_job_store.hpp"
#include "storage/log/dead_letter_writer.hpp"
#include "storage/replay/job_restart.hpp"
#include "storage/replay/replay_batches.hpp"

// The part of SqlJobStore that replays.

namespace freight::storage {
namespace {

using database::Query;
using database::Session;

constexpr std::string_view delete_old_corrections =
    "DELETE FROM freight.replay_corrections WHERE tenant_id = @uuid(:tenant)"
    " AND job_id = @uuid(:job) AND staged_at < @now - 86400000000";
constexpr std::string_view insert_corrections =
    "INSERT INTO freight.replay_corrections (tenant_id, job_id, replay_id, ordinal, correction,"
    " staged_at) SELECT @uuid(:tenant), @uuid(:job), @uuid(:replay), r.ordinal, r.correction, @now"
    " FROM @rows(:rows r, ordinal bigint, correction text)"
    " WHERE true ON CONFLICT (tenant_id, job_id, replay_id, ordinal) DO UPDATE SET"
    " correction = excluded.correction";
constexpr std::string_view delete_corrections =
    "DELETE FROM freight.replay_corrections WHERE tenant_id = @uuid(:tenant)"
    " AND job_id = @uuid(:job) AND replay_id = @uuid(:replay)";
constexpr std::string_view count_erased_letters =
    "SELECT count(*) FROM freight.dead_letters AS d WHERE d.tenant_id = @uuid(:tenant)"
    " AND d.job_id = @uuid(:job) AND d.erased = 1"
    " AND (CAST(:replay AS TEXT) IS NULL OR d.ordinal IN (SELECT c.ordinal"
    "  FROM freight.replay_corrections AS c WHERE c.tenant_id = @uuid(:tenant)"
    "  AND c.job_id = @uuid(:job) AND c.replay_id = @uuid(:replay)))";
constexpr std::string_view select_records =
    "SELECT d.ordinal, d.replay_number, d.line, d.byte_offset, d.byte_length, @hex(d.raw),"
    " d.correction, d.batch_sequence, b.first_ordinal, b.records, b.byte_offset, b.byte_length,"
    " b.first_line, b.locator, b.content_hash FROM freight.dead_letters AS d"
    " JOIN freight.migration_batches AS b ON b.tenant_id = d.tenant_id AND b.job_id = d.job_id"
    "  AND b.sequence = d.batch_sequence"
    " WHERE d.tenant_id = @uuid(:tenant) AND d.job_id = @uuid(:job)"
    " AND d.replay_batch = :sequence ORDER BY d.ordinal";

std::optional<std::string> stored_correction(const Correction& correction) {
  if (!correction.record.empty()) return storable_text(correction.record);
  if (correction.texts.empty()) return std::nullopt;
  std::string text = "[";
  for (const auto& field : correction.texts) {
    if (text.size() > 1) text += ',';
    if (field) {
      core::append_json_string(text, *field);
    } else {
      text += "null";
    }
  }
  return text + "]";
}

/// Why there is nothing to replay.
ReplayRefusal why_nothing_is_replayed(Session& session, SqlText& sql,
                                      const ReplayRequest& request) {
  auto filter = request.filter;
  filter.state = DeadLetterState::open;
  std::uint64_t erased = 0;
  Query query(session, sql(count_erased_letters) + sql(dead_letter_filter));
  with_job(query, {request.tenant_id, request.job_id})
      .with("replay",
            request.corrections ? std::optional(request.corrections->to_string()) : std::nullopt);
  with_filter(query, filter).into(erased).next();
  return erased > 0 ? ReplayRefusal::erased : ReplayRefusal::nothing_open;
}

}  // namespace

void SqlJobStore::stage_corrections(TenantId tenant_id, JobId job_id, ReplayId replay_id,
                                    std::span<const Correction> corrections) {
  // An ordinal may come twice, and no statement may touch a row twice.
  std::map<std::uint64_t, const Correction*> latest;
  for (const auto& correction : corrections) latest[correction.ordinal] = &correction;
  JsonRows rows;
  for (const auto& [ordinal, correction] : latest) {
    rows.begin_row();
    rows.add("ordinal", ordinal).add("correction", stored_correction(*correction));
  }
  const auto text = rows.take();
  connections_.write(tenant_id, [&](Session& session) {
    Query(session, sql_(delete_old_corrections))
        .with("tenant", tenant_id.to_string())
        .with("job", job_id.to_string())
        .execute();
    Query(session, sql_(insert_corrections))
        .with("tenant", tenant_id.to_string())
        .with("job", job_id.to_string())
        .with("replay", replay_id.to_string())
        .with("rows", text)
        .execute();
  });
}

ReplayResult SqlJobStore::replay(const ReplayRequest& request) {
  const JobKey key{request.tenant_id, request.job_id};
  return write(request.tenant_id, [&](Session& session, EventWriter& events) {
    ReplayResult result;
    auto job = lock_job(session, sql_, key);
    if (!job) throw Error(Code::not_found, "there is no job " + key.second.to_string());
    result.status = job->status;
    if (!is_final(job->status)) {
      result.refusal = ReplayRefusal::not_ended;
      return result;
    }
    make_stubs(session, sql_, key, request.filter, request.corrections);
    std::vector<TaskQueue::Entry> entries;
    const auto made = make_replay_batches(session, sql_, *job,
                                          {.kind = BatchKind::replay,
                                           .filter = request.filter,
                                           .corrections = request.corrections,
                                           .max_records = request.max_records,
                                           .max_bytes = request.max_bytes},
                                          entries);
    if (made.records == 0) result.refusal = why_nothing_is_replayed(session, sql_, request);
    if (request.corrections) {
      Query drop(session, sql_(delete_corrections));
      with_job(drop, key).with("replay", request.corrections->to_string()).execute();
    }
    if (made.records == 0) return result;
    result.records = made.records;
    result.batches = made.batches;
    LogWriter log(session, sql_, events);
    begin_replay_pass(session, sql_, *job, made, log);
    log.flush();
    // The new batches are among those that are not finished.
    entries = ready_unfinished(session, sql_, *job);
    restart_job(session, sql_, *job);
    events.state(job->reference(), job->status);
    result.status = job->status;
    ShareChanges changes;
    queue_.add(session, entries, changes);
    queue_.apply(session, changes);
    return result;
  });
}

ReplayBatch SqlJobStore::list_replay_records(TenantId tenant_id, JobId job_id,
                                             std::uint64_t sequence) {
  return connections_.read(tenant_id, [&](Session& session) {
    ReplayBatch batch;
    std::map<std::uint64_t, std::size_t> range_of;
    ReplayRecord row;
    BatchRange range;
    std::string raw;
    std::optional<std::string> correction;
    std::uint64_t planned = 0;
    Query query(session, sql_(select_records));
    query.with("tenant", tenant_id.to_string())
        .with("job", job_id.to_string())
        .with("sequence", sequence);
    query.into(row.ordinal).into(row.replay_number).into(row.line).into(row.byte_offset);
    query.into(row.byte_length).into(raw).into(correction).into(planned);
    query.into(range.first_ordinal).into(range.records).into(range.byte_offset);
    query.into(range.byte_length).into(range.first_line).into(range.locator);
    query.into(range.content_hash);
    while (query.next()) {
      const auto [place, is_new] = range_of.emplace(planned, batch.ranges.size());
      if (is_new) batch.ranges.push_back(range);
      row.raw = bytes_of_hex(raw);
      row.correction = correction.value_or("");
      row.range = place->second;
      batch.records.push_back(row);
    }
    return batch;
  });
}

}  // namespace freight::storage
