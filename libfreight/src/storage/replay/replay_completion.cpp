#include "storage/replay/replay_completion.hpp"

#include <algorithm>

#include "database/query.hpp"

namespace freight::storage {
namespace {

using database::Query;
using database::Session;

constexpr std::string_view select_landed =
    "SELECT d.ordinal, d.key_values, d.stub FROM freight.dead_letters AS d"
    " WHERE d.tenant_id = @uuid(:tenant) AND d.job_id = @uuid(:job)"
    " AND d.replay_batch = :sequence ORDER BY d.ordinal";
constexpr std::string_view mark_replayed =
    "UPDATE freight.dead_letters SET state = 'replayed', replay_batch = NULL, correction = NULL,"
    " waits_for_parent = 0, attempts = attempts + 1, last_at = @now"
    " WHERE tenant_id = @uuid(:tenant) AND job_id = @uuid(:job) AND replay_batch = :sequence";
constexpr std::string_view remove_landed =
    "DELETE FROM freight.dead_letters WHERE tenant_id = @uuid(:tenant) AND job_id = @uuid(:job)"
    " AND replay_batch = :sequence";

/// True for a record that the report logs itself: a warning, a skip.
bool has_row(const BatchReport& report, std::uint64_t ordinal) {
  const auto found = std::lower_bound(
      report.exceptions.begin(), report.exceptions.end(), ordinal,
      [](const RecordException& exception, std::uint64_t at) { return exception.ordinal < at; });
  return found != report.exceptions.end() && found->ordinal == ordinal;
}

Outcome outcome_of(const BatchReport& report, std::uint64_t ordinal) {
  for (const auto& range : report.ranges) {
    if (ordinal >= range.first_ordinal && ordinal <= range.last_ordinal) return range.outcome;
  }
  return Outcome::succeeded;
}

Query& with_batch(Query& query, const CompletedReplay& batch) {
  return with_job(query, batch.job->key).with("sequence", batch.sequence);
}

void settle(Session& session, SqlText& sql, const CompletedReplay& batch, LogWriter& log) {
  std::uint64_t ordinal = 0;
  std::string key_values;
  bool is_stub = false;
  std::uint64_t kept_whole = 0;
  Query query(session, sql(select_landed));
  with_batch(query, batch).into(ordinal).into(key_values).into(is_stub);
  while (query.next()) {
    if (!is_stub) ++kept_whole;
    if (has_row(*batch.report, ordinal)) continue;
    log.add(*batch.job, {.event = "record",
                         .batch_sequence = batch.sequence,
                         .attempt = batch.attempt,
                         .first_ordinal = ordinal,
                         .last_ordinal = ordinal,
                         .outcome = outcome_of(*batch.report, ordinal),
                         .key_values = key_values});
  }
  const bool is_replay = batch.kind == BatchKind::replay;
  Query change(session, sql(is_replay ? mark_replayed : remove_landed));
  with_batch(change, batch).execute();
  if (is_replay) return;
  auto& stored = batch.job->dead_letters_stored;
  stored -= std::min(stored, kept_whole);
}

}  // namespace

void settle_replays(Session& session, SqlText& sql, std::span<const CompletedReplay> batches,
                    LogWriter& log) {
  for (const auto& batch : batches) settle(session, sql, batch, log);
}

}  // namespace freight::storage
