#include "storage/replay/replay_batches.hpp"

#include "core/utf8.hpp"
#include "database/query.hpp"
#include "storage/sql/value_texts.hpp"

namespace freight::storage {

using database::Query;
using database::Session;

namespace {

// Numbered within the whole selection, so that a batch ends with whichever limit it meets first.
constexpr std::string_view assign =
    "UPDATE freight.dead_letters SET replay_number = replay_number + 1,"
    " replay_batch = :first_sequence + g.batch - 1, correction = g.correction"
    " FROM (SELECT s.ordinal, s.correction, dense_rank() OVER"
    "  (ORDER BY (s.number - 1) / CAST(:max_records AS BIGINT),"
    "   (s.bytes - 1) / CAST(:max_bytes AS BIGINT)) AS batch"
    "  FROM (SELECT d.ordinal, c.correction, row_number() OVER (ORDER BY d.ordinal) AS number,"
    "   CAST(sum(@greatest(d.byte_length, coalesce(length(c.correction), 0)) + 1)"
    "    OVER (ORDER BY d.ordinal) AS BIGINT) AS bytes"
    "   FROM freight.dead_letters AS d LEFT JOIN freight.replay_corrections AS c"
    "    ON c.tenant_id = d.tenant_id AND c.job_id = d.job_id AND c.ordinal = d.ordinal"
    "    AND c.replay_id = @uuid(:replay)"
    "   WHERE d.tenant_id = @uuid(:tenant) AND d.job_id = @uuid(:job) AND d.state = 'open'"
    "    AND d.replay_batch IS NULL AND d.erased = 0"
    "    AND (CAST(:parents AS BIGINT) = 0 OR d.waits_for_parent = 1)"
    "    AND (CAST(:replay AS TEXT) IS NULL OR c.ordinal IS NOT NULL)";
constexpr std::string_view assign_end =
    "  ) AS s) AS g WHERE dead_letters.tenant_id = @uuid(:tenant)"
    " AND dead_letters.job_id = @uuid(:job) AND dead_letters.ordinal = g.ordinal";
constexpr std::string_view select_batches =
    "SELECT replay_batch, count(*), min(ordinal) FROM freight.dead_letters"
    " WHERE tenant_id = @uuid(:tenant) AND job_id = @uuid(:job) AND replay_batch >= :first_sequence"
    " GROUP BY replay_batch ORDER BY replay_batch";
constexpr std::string_view insert_replay_batches =
    "INSERT INTO freight.migration_batches (tenant_id, job_id, sequence, batch_id, status, kind,"
    " first_ordinal, records, byte_offset, byte_length, first_line, locator, content_hash,"
    " attempts, records_read, records_succeeded, records_rejected, records_skipped,"
    " records_filtered, records_with_warnings, rows_inserted, rows_updated, rows_unchanged)"
    " SELECT @uuid(:tenant), @uuid(:job), r.sequence, r.batch_id, 'ready', CAST(:kind AS TEXT),"
    " r.first_ordinal, r.records, 0, 0, 0, '', '', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0"
    " FROM @rows(:rows r, sequence bigint, batch_id uuid, first_ordinal bigint, records bigint)";
constexpr std::string_view wait_no_more =
    "UPDATE freight.dead_letters SET waits_for_parent = 0 WHERE tenant_id = @uuid(:tenant)"
    " AND job_id = @uuid(:job) AND waits_for_parent = 1";
constexpr std::string_view write_pass =
    "UPDATE freight.migration_jobs SET updated_at = @now, batches_total = :batches_total,"
    " waiting_for_parents = :waiting, parent_pass = :pass, parent_landed = :landed,"
    " log_sequence = :log_sequence WHERE tenant_id = @uuid(:tenant) AND job_id = @uuid(:job)";

std::optional<std::string> rows_of(const std::optional<std::vector<DeadLetterId>>& ids) {
  if (!ids) return std::nullopt;
  JsonRows rows;
  for (const auto& id : *ids) {
    rows.begin_row();
    rows.add("id", id);
  }
  return rows.take();
}

/// False when there is nothing to be tried again, or the last time let nothing in.
bool begin_parent_pass(Session& session, SqlText& sql, LockedJob& job,
                       std::vector<TaskQueue::Entry>& entries) {
  if (job.parent_pass > 0 && job.parent_landed == 0) return false;
  const auto made =
      make_replay_batches(session, sql, job, {.kind = BatchKind::foreign_keys}, entries);
  if (made.records == 0) return false;
  ++job.parent_pass;
  job.parent_landed = 0;
  return true;
}

}  // namespace

const std::string_view dead_letter_filter =
    " AND (CAST(:state AS TEXT) IS NULL OR d.state = :state)"
    " AND (CAST(:code AS TEXT) IS NULL OR d.code = :code)"
    " AND (CAST(:column AS TEXT) IS NULL OR d.column_name = :column)"
    " AND (CAST(:stage AS TEXT) IS NULL OR d.stage = :stage)"
    " AND (CAST(:key AS TEXT) IS NULL OR d.key_text = :key)"
    " AND (CAST(:batch AS TEXT) IS NULL OR d.batch_sequence IN (SELECT b.sequence"
    "  FROM freight.migration_batches AS b WHERE b.tenant_id = @uuid(:tenant)"
    "  AND b.job_id = @uuid(:job) AND b.batch_id = @uuid(:batch)))"
    " AND (CAST(:ids AS TEXT) IS NULL OR d.dead_letter_id IN"
    "  (SELECT i.id FROM @rows(:ids i, id uuid)))";

Query& with_filter(Query& query, const DeadLetterFilter& filter) {
  if (filter.ids && filter.ids->size() > DeadLetterFilter::max_selected) {
    throw Error(Code::value_out_of_range,
                "more than " + std::to_string(DeadLetterFilter::max_selected) +
                    " dead letters are named in one call",
                {.hint = "use a filter, or several calls"});
  }
  return query.with("state", name_of(filter.state))
      .with("code", name_of(filter.code))
      .with("column", filter.column ? std::optional(storable_text(*filter.column)) : std::nullopt)
      .with("stage", name_of(filter.stage))
      .with("key", filter.key ? std::optional(storable_text(*filter.key)) : std::nullopt)
      .with("batch", filter.batch_id ? std::optional(filter.batch_id->to_string()) : std::nullopt)
      .with("ids", rows_of(filter.ids));
}

TaskQueue::Entry queue_entry(const LockedJob& job, TaskKind kind) {
  return {.tenant_id = job.key.first,
          .job_id = job.key.second,
          .kind = kind,
          .batch_id = {},
          .priority = job.priority,
          .node_affinity = job.node_affinity,
          .held = job.is_held()};
}

ReplayBatches make_replay_batches(Session& session, SqlText& sql, LockedJob& job,
                                  const ReplaySelection& selection,
                                  std::vector<TaskQueue::Entry>& entries) {
  auto filter = selection.filter;
  filter.state.reset();
  Query update(session, sql(assign) + sql(dead_letter_filter) + sql(assign_end));
  update.with("first_sequence", job.batches_total)
      .with("max_records", selection.max_records)
      .with("max_bytes", selection.max_bytes)
      .with("replay", selection.corrections ? std::optional(selection.corrections->to_string())
                                            : std::nullopt)
      .with("parents", selection.kind == BatchKind::foreign_keys ? 1 : 0);
  with_filter(with_job(update, job.key), filter).execute();

  ReplayBatches made;
  JsonRows rows;
  auto entry = queue_entry(job, TaskKind::execute);
  std::uint64_t first_ordinal = 0;
  Query query(session, sql(select_batches));
  with_job(query, job.key).with("first_sequence", job.batches_total);
  query.into(entry.sequence).into(entry.records).into(first_ordinal);
  while (query.next()) {
    entry.batch_id = BatchId::generate();
    rows.begin_row();
    rows.add("sequence", entry.sequence)
        .add("batch_id", entry.batch_id)
        .add("first_ordinal", first_ordinal)
        .add("records", entry.records);
    entries.push_back(entry);
    made.records += entry.records;
    ++made.batches;
  }
  if (made.batches == 0) return made;
  Query insert(session, sql(insert_replay_batches));
  with_job(insert, job.key)
      .with("kind", std::string(to_string(selection.kind)))
      .with("rows", rows.take())
      .execute();
  job.batches_total += made.batches;
  return made;
}

void add_last_work(Session& session, SqlText& sql, LockedJob& job,
                   std::vector<TaskQueue::Entry>& entries) {
  // With batches given up the job waits for a retry, and so do the parents that may be in them.
  const bool passes = job.waiting_for_parents > 0 && job.batches_failed == 0;
  if (!passes || !begin_parent_pass(session, sql, job, entries)) {
    entries.push_back(queue_entry(job, TaskKind::finish));
    if (!passes) return;
    Query clear(session, sql(wait_no_more));
    with_job(clear, job.key).execute();
    job.waiting_for_parents = 0;
  }
  Query update(session, sql(write_pass));
  with_job(update, job.key)
      .with("batches_total", job.batches_total)
      .with("waiting", job.waiting_for_parents)
      .with("pass", job.parent_pass)
      .with("landed", job.parent_landed)
      .with("log_sequence", job.log_sequence)
      .execute();
}

}  // namespace freight::storage
