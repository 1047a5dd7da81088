#include "storage/log/dead_letter_writer.hpp"

#include <utility>

#include "core/kept_text.hpp"
#include "database/query.hpp"
#include "storage/sql/value_texts.hpp"

namespace freight::storage {
namespace {

using database::Query;
using database::Session;

constexpr std::string_view upsert_dead_letters =
    "INSERT INTO freight.dead_letters AS d (tenant_id, job_id, ordinal, dead_letter_id,"
    " batch_sequence, line, byte_offset, byte_length, code, column_name, stage, errors, key_values,"
    " key_text, raw, stub, waits_for_parent, attempts, first_at, last_at, state)"
    " SELECT r.tenant_id, r.job_id, r.ordinal, r.dead_letter_id, r.batch_sequence, r.line,"
    " r.byte_offset, r.byte_length, r.code, r.column_name, r.stage, r.errors, r.key_values,"
    " r.key_text, @bytes(r.raw), r.stub, r.waits_for_parent, 1, @now, @now, 'open'"
    " FROM @rows(:rows r, tenant_id uuid, job_id uuid, ordinal bigint, dead_letter_id uuid,"
    " batch_sequence bigint, line bigint, byte_offset bigint, byte_length bigint, code text,"
    " column_name text, stage text, errors text, key_values text, key_text text, raw text,"
    " stub bigint, waits_for_parent bigint)"
    " WHERE true ON CONFLICT (tenant_id, job_id, ordinal) DO UPDATE SET"
    " line = excluded.line, byte_offset = excluded.byte_offset,"
    " byte_length = excluded.byte_length, code = excluded.code,"
    " column_name = excluded.column_name, stage = excluded.stage, errors = excluded.errors,"
    " key_values = excluded.key_values, key_text = excluded.key_text,"
    " raw = CASE WHEN d.stub = 1 THEN d.raw ELSE excluded.raw END, attempts = d.attempts + 1,"
    " waits_for_parent = excluded.waits_for_parent, replay_batch = NULL, correction = NULL,"
    " last_at = excluded.last_at, state = 'open'";
constexpr std::string_view insert_ranges =
    "INSERT INTO freight.reject_ranges (tenant_id, job_id, first_ordinal, last_ordinal,"
    " batch_sequence, code, column_name)"
    " SELECT r.tenant_id, r.job_id, r.first_ordinal, r.last_ordinal, r.batch_sequence, r.code,"
    " r.column_name FROM @rows(:rows r, tenant_id uuid, job_id uuid, first_ordinal bigint,"
    " last_ordinal bigint, batch_sequence bigint, code text, column_name text)";
constexpr std::string_view take_ranges =
    "DELETE FROM freight.reject_ranges WHERE tenant_id = @uuid(:tenant) AND job_id = @uuid(:job)"
    " AND (CAST(:code AS TEXT) IS NULL OR code = :code)"
    " AND (CAST(:column AS TEXT) IS NULL OR column_name = :column)"
    " AND (CAST(:batch AS TEXT) IS NULL OR batch_sequence IN (SELECT b.sequence"
    "  FROM freight.migration_batches AS b WHERE b.tenant_id = @uuid(:tenant)"
    "  AND b.job_id = @uuid(:job) AND b.batch_id = @uuid(:batch)))"
    " AND (CAST(:replay AS TEXT) IS NULL OR EXISTS (SELECT 1 FROM freight.replay_corrections AS c"
    "  WHERE c.tenant_id = @uuid(:tenant) AND c.job_id = @uuid(:job)"
    "  AND c.replay_id = @uuid(:replay)"
    "  AND c.ordinal BETWEEN reject_ranges.first_ordinal AND reject_ranges.last_ordinal))"
    " RETURNING first_ordinal, last_ordinal, batch_sequence, code, column_name";

/// Its parent may come later.
bool waits_for_parent(const RecordException& exception) {
  return exception.errors.size() == 1 &&
         exception.errors.front().code == Code::foreign_key_violation;
}

}  // namespace

void DeadLetterWriter::begin_batch(const BatchFacts& batch) {
  batch_ = batch;
  batch_ranges_.clear();
}

bool DeadLetterWriter::add(const RecordException& exception) {
  auto& job = *batch_.job;
  const bool waits = waits_for_parent(exception);
  if (waits) ++job.waiting_for_parents;
  if (batch_.kind != BatchKind::planned) {
    // Whether it is a stub was settled when it was rejected first.
    add_row(exception, false, waits);
    return true;
  }
  const bool has_room = job.dead_letters_stored < batch_.max_stored;
  if (!has_room && !waits) {
    add_to_range(exception);
    return false;
  }
  if (has_room) ++job.dead_letters_stored;
  add_row(exception, !has_room, waits);
  return true;
}

void DeadLetterWriter::add_stub(const RecordException& exception) {
  add_row(exception, true, false);
}

void DeadLetterWriter::add_row(const RecordException& exception, bool is_stub, bool waits) {
  const RecordError error = exception.errors.empty() ? RecordError{} : exception.errors.front();
  letters_.begin_row();
  letters_.add("tenant_id", batch_.job->key.first)
      .add("job_id", batch_.job->key.second)
      .add("ordinal", exception.ordinal)
      .add("dead_letter_id", DeadLetterId::generate())
      .add("batch_sequence", batch_.sequence)
      .add("line", exception.line)
      .add("byte_offset", exception.byte_offset)
      .add("byte_length", exception.byte_length)
      .add("code", to_string(error.code))
      .add("column_name", std::string_view(error.column))
      .add("stage", to_string(error.stage))
      .add("errors", text_of(exception.errors))
      .add("key_values", std::string_view(exception.key_values))
      .add("key_text", key_text(exception.key_values))
      .add("stub", is_stub ? 1 : 0)
      .add("waits_for_parent", waits ? 1 : 0)
      .add_hex("raw", is_stub ? std::string_view()
                              : std::string_view(exception.raw).substr(0, core::most_kept_text));
  if (letters_.bytes() > max_rows_bytes) flush();
}

void DeadLetterWriter::add_to_range(const RecordException& exception) {
  const RecordError error = exception.errors.empty() ? RecordError{} : exception.errors.front();
  if (!batch_ranges_.empty()) {
    auto& last = batch_ranges_.back();
    if (last.last_ordinal + 1 == exception.ordinal && last.code == error.code &&
        last.column == error.column) {
      last.last_ordinal = exception.ordinal;
      return;
    }
  }
  batch_ranges_.push_back({.first_ordinal = exception.ordinal,
                           .last_ordinal = exception.ordinal,
                           .batch_sequence = batch_.sequence,
                           .code = error.code,
                           .column = error.column});
}

std::vector<RejectRange> DeadLetterWriter::end_batch() {
  for (const auto& range : batch_ranges_) {
    ranges_.begin_row();
    ranges_.add("tenant_id", batch_.job->key.first)
        .add("job_id", batch_.job->key.second)
        .add("first_ordinal", range.first_ordinal)
        .add("last_ordinal", range.last_ordinal)
        .add("batch_sequence", range.batch_sequence)
        .add("code", to_string(range.code))
        .add("column_name", std::string_view(range.column));
  }
  return std::exchange(batch_ranges_, {});
}

void DeadLetterWriter::flush() {
  if (!letters_.empty()) {
    Query(session_, sql_(upsert_dead_letters)).with("rows", letters_.take()).execute();
  }
  if (!ranges_.empty()) {
    Query(session_, sql_(insert_ranges)).with("rows", ranges_.take()).execute();
  }
}

void make_stubs(Session& session, SqlText& sql, const JobKey& key, const DeadLetterFilter& filter,
                const std::optional<ReplayId>& corrections) {
  // Of a range neither stage nor key is known, and its records have no id.
  if (filter.ids || filter.key || filter.stage) return;
  std::vector<RejectRange> ranges;
  RejectRange row;
  std::string code;
  Query query(session, sql(take_ranges));
  query.with("tenant", key.first.to_string())
      .with("job", key.second.to_string())
      .with("code",
            filter.code ? std::optional(std::string(to_string(*filter.code))) : std::nullopt)
      .with("column", filter.column)
      .with("batch", filter.batch_id ? std::optional(filter.batch_id->to_string()) : std::nullopt)
      .with("replay", corrections ? std::optional(corrections->to_string()) : std::nullopt);
  query.into(row.first_ordinal).into(row.last_ordinal).into(row.batch_sequence).into(code);
  query.into(row.column);
  while (query.next()) {
    row.code = parse_code(code).value_or(Code::internal);
    ranges.push_back(row);
  }
  DeadLetterWriter writer(session, sql);
  LockedJob job;
  job.key = key;
  for (const auto& range : ranges) {
    writer.begin_batch({.job = &job, .sequence = range.batch_sequence, .max_stored = 0});
    for (auto ordinal = range.first_ordinal; ordinal <= range.last_ordinal; ++ordinal) {
      RecordException stub{.ordinal = ordinal};
      stub.errors.push_back({.code = range.code,
                             .stage = Stage::parse,
                             .column = range.column,
                             .value = std::nullopt,
                             .message = "Only the code was kept, because there were too many "
                                        "rejects."});
      writer.add_stub(stub);
    }
  }
  writer.flush();
}

}  // namespace freight::storage
