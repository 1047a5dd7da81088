#include <algorithm>

#include "database/query.hpp"
#include "storage/jobs/job_rows.hpp"
#include "storage/jobs/sql_job_store.hpp"
#include "storage/replay/replay_batches.hpp"
#include "storage/sql/value_texts.hpp"

// The part of SqlJobStore that looks at dead letters, and discards them.

namespace freight::storage {
namespace {

using database::Query;
using database::Session;

constexpr std::string_view select_letters =
    "SELECT d.dead_letter_id, d.job_id, p.batch_id, d.batch_sequence, d.ordinal, d.line,"
    " d.byte_offset, d.byte_length, @hex(d.raw), d.errors, d.key_values, d.attempts, d.first_at,"
    " d.last_at, d.state, d.replay_batch, d.erased, p.locator FROM freight.dead_letters AS d"
    " JOIN freight.migration_batches AS p ON p.tenant_id = d.tenant_id AND p.job_id = d.job_id"
    "  AND p.sequence = d.batch_sequence";
constexpr std::string_view letters_of_job =
    " WHERE d.tenant_id = @uuid(:tenant) AND d.job_id = @uuid(:job) AND d.ordinal >= :first";
constexpr std::string_view page = " ORDER BY d.ordinal LIMIT :limit";
constexpr std::string_view of_letter_id =
    " WHERE d.tenant_id = @uuid(:tenant) AND d.dead_letter_id = @uuid(:id)";
// The example is the one of the lowest ordinal, of those that are kept whole if there is one.
constexpr std::string_view select_groups =
    "SELECT g.code, g.column_name, g.records, coalesce(d.line, 0), coalesce(d.errors, '[]'),"
    " coalesce(p.locator, '')"
    " FROM (SELECT u.code, u.column_name, CAST(sum(u.records) AS BIGINT) AS records,"
    "  min(u.ordinal) AS first, min(u.example) AS example FROM ("
    "  SELECT code, column_name, count(*) AS records, min(ordinal) AS ordinal,"
    "   min(CASE WHEN stub = 0 THEN ordinal END) AS example"
    "   FROM freight.dead_letters WHERE tenant_id = @uuid(:tenant) AND job_id = @uuid(:job)"
    "   AND state <> 'replayed' GROUP BY code, column_name"
    "  UNION ALL SELECT code, column_name, sum(last_ordinal - first_ordinal + 1),"
    "   min(first_ordinal), CAST(NULL AS BIGINT) FROM freight.reject_ranges"
    "   WHERE tenant_id = @uuid(:tenant) AND job_id = @uuid(:job) GROUP BY code, column_name"
    "  ) AS u GROUP BY u.code, u.column_name) AS g"
    " LEFT JOIN freight.dead_letters AS d ON d.tenant_id = @uuid(:tenant)"
    "  AND d.job_id = @uuid(:job) AND d.ordinal = coalesce(g.example, g.first)"
    " LEFT JOIN freight.migration_batches AS p ON p.tenant_id = d.tenant_id"
    "  AND p.job_id = d.job_id AND p.sequence = d.batch_sequence"
    " ORDER BY g.records DESC, g.first LIMIT :limit";
constexpr std::string_view select_counts =
    "SELECT u.code, u.column_name, u.state, CAST(sum(u.records) AS BIGINT) AS total FROM ("
    " SELECT code, column_name, state, count(*) AS records FROM freight.dead_letters"
    "  WHERE tenant_id = @uuid(:tenant) AND job_id = @uuid(:job) GROUP BY code, column_name, state"
    " UNION ALL SELECT code, column_name, 'open', sum(last_ordinal - first_ordinal + 1)"
    "  FROM freight.reject_ranges WHERE tenant_id = @uuid(:tenant) AND job_id = @uuid(:job)"
    "  GROUP BY code, column_name) AS u"
    " GROUP BY u.code, u.column_name, u.state ORDER BY total DESC, u.code, u.column_name, u.state";
constexpr std::string_view select_ranges =
    "SELECT r.first_ordinal, r.last_ordinal, r.batch_sequence, r.code, r.column_name,"
    " b.first_ordinal, b.records, b.byte_offset, b.byte_length, b.first_line, b.locator,"
    " b.content_hash FROM freight.reject_ranges AS r JOIN freight.migration_batches AS b"
    " ON b.tenant_id = r.tenant_id AND b.job_id = r.job_id AND b.sequence = r.batch_sequence"
    " WHERE r.tenant_id = @uuid(:tenant) AND r.job_id = @uuid(:job)"
    " AND r.last_ordinal >= :first ORDER BY r.first_ordinal LIMIT :limit";
constexpr std::string_view mark_discarded =
    "UPDATE freight.dead_letters SET state = 'discarded' WHERE tenant_id = @uuid(:tenant)"
    " AND job_id = @uuid(:job) AND ordinal IN (SELECT d.ordinal FROM freight.dead_letters AS d"
    "  WHERE d.tenant_id = @uuid(:tenant) AND d.job_id = @uuid(:job) AND d.state = 'open'"
    "  AND d.replay_batch IS NULL";
constexpr std::string_view note_discarded =
    "UPDATE freight.migration_jobs SET updated_at = @now, log_sequence = :log_sequence,"
    " records_discarded = records_discarded + :discarded"
    " WHERE tenant_id = @uuid(:tenant) AND job_id = @uuid(:job)";

std::vector<DeadLetter> read_letters(Query& query) {
  std::vector<DeadLetter> letters;
  DeadLetter row;
  std::string id;
  std::string job;
  std::string batch;
  std::string raw;
  std::string errors;
  std::string state;
  std::optional<std::int64_t> replay_batch;
  std::int64_t first_at = 0;
  std::int64_t last_at = 0;
  query.into(id).into(job).into(batch).into(row.batch_sequence).into(row.ordinal).into(row.line);
  query.into(row.byte_offset).into(row.byte_length).into(raw).into(errors);
  query.into(row.key_values).into(row.attempts).into(first_at).into(last_at).into(state);
  query.into(replay_batch).into(row.erased).into(row.locator);
  while (query.next()) {
    DeadLetter letter = row;
    letter.id = DeadLetterId::parse(id).value_or(DeadLetterId());
    letter.job_id = JobId::parse(job).value_or(JobId());
    letter.batch_id = BatchId::parse(batch).value_or(BatchId());
    letter.raw = bytes_of_hex(raw);
    letter.errors = errors_of(errors);
    letter.first_at = time_of(first_at);
    letter.last_at = time_of(last_at);
    letter.state = parse_dead_letter_state(state).value_or(DeadLetterState::open);
    letter.in_replay = replay_batch.has_value();
    letters.push_back(std::move(letter));
  }
  return letters;
}

}  // namespace

std::vector<DeadLetter> SqlJobStore::list_dead_letters(TenantId tenant_id, JobId job_id,
                                                       const DeadLetterQuery& wanted) {
  return connections_.read(tenant_id, [&](Session& session) {
    Query query(session, sql_(select_letters) + sql_(letters_of_job) + sql_(dead_letter_filter) +
                             sql_(page));
    query.with("tenant", tenant_id.to_string())
        .with("job", job_id.to_string())
        .with("first", wanted.first_ordinal)
        .with("limit", wanted.limit);
    return read_letters(with_filter(query, wanted.filter));
  });
}

std::optional<DeadLetter> SqlJobStore::find_dead_letter(TenantId tenant_id, DeadLetterId id) {
  return connections_.read(tenant_id, [&](Session& session) -> std::optional<DeadLetter> {
    Query query(session, sql_(select_letters) + sql_(of_letter_id));
    query.with("tenant", tenant_id.to_string()).with("id", id.to_string());
    auto letters = read_letters(query);
    if (letters.empty()) return std::nullopt;
    return std::move(letters.front());
  });
}

std::vector<RejectGroup> SqlJobStore::summarise_rejects(TenantId tenant_id, JobId job_id,
                                                        std::uint32_t limit) {
  return connections_.read(tenant_id, [&](Session& session) {
    std::vector<RejectGroup> groups;
    RejectGroup row;
    std::string code;
    std::string errors;
    Query query(session, sql_(select_groups));
    query.with("tenant", tenant_id.to_string())
        .with("job", job_id.to_string())
        .with("limit", limit);
    query.into(code).into(row.column).into(row.count).into(row.example_line).into(errors);
    query.into(row.example_locator);
    while (query.next()) {
      RejectGroup group = row;
      group.code = parse_code(code).value_or(Code::internal);
      const auto all = errors_of(errors);
      if (!all.empty()) {
        group.example_value = all.front().value;
        group.example_message = all.front().message;
        group.example_hint = all.front().hint;
      }
      groups.push_back(std::move(group));
    }
    return groups;
  });
}

std::vector<DeadLetterCount> SqlJobStore::count_dead_letters(TenantId tenant_id, JobId job_id) {
  return connections_.read(tenant_id, [&](Session& session) {
    std::vector<DeadLetterCount> counts;
    DeadLetterCount row;
    std::string code;
    std::string state;
    Query query(session, sql_(select_counts));
    query.with("tenant", tenant_id.to_string()).with("job", job_id.to_string());
    query.into(code).into(row.column).into(state).into(row.count);
    while (query.next()) {
      row.code = parse_code(code).value_or(Code::internal);
      row.state = parse_dead_letter_state(state).value_or(DeadLetterState::open);
      counts.push_back(row);
    }
    return counts;
  });
}

std::vector<RejectRange> SqlJobStore::list_reject_ranges(TenantId tenant_id, JobId job_id,
                                                         std::uint64_t first_ordinal,
                                                         std::uint32_t limit) {
  return connections_.read(tenant_id, [&](Session& session) {
    std::vector<RejectRange> ranges;
    RejectRange row;
    std::string code;
    Query query(session, sql_(select_ranges));
    query.with("tenant", tenant_id.to_string())
        .with("job", job_id.to_string())
        .with("first", first_ordinal)
        .with("limit", limit);
    query.into(row.first_ordinal).into(row.last_ordinal).into(row.batch_sequence).into(code);
    query.into(row.column).into(row.batch.first_ordinal).into(row.batch.records);
    query.into(row.batch.byte_offset).into(row.batch.byte_length).into(row.batch.first_line);
    query.into(row.batch.locator).into(row.batch.content_hash);
    while (query.next()) {
      row.code = parse_code(code).value_or(Code::internal);
      ranges.push_back(row);
    }
    return ranges;
  });
}

std::uint64_t SqlJobStore::discard(TenantId tenant_id, JobId job_id,
                                   const DeadLetterFilter& filter) {
  return write(tenant_id, [&](Session& session, EventWriter& events) -> std::uint64_t {
    auto job = lock_job(session, sql_, {tenant_id, job_id});
    if (!job) return 0;
    Query update(session, sql_(mark_discarded) + sql_(dead_letter_filter) + ")");
    update.with("tenant", tenant_id.to_string()).with("job", job_id.to_string());
    const auto discarded = with_filter(update, filter).execute();
    if (discarded == 0) return 0;
    LogWriter log(session, sql_, events);
    const auto detail = "{\"records\":" + std::to_string(discarded) + "}";
    log.add(*job, {.event = "dead_letters_discarded", .detail = detail});
    log.flush();
    Query(session, sql_(note_discarded))
        .with("log_sequence", job->log_sequence)
        .with("discarded", discarded)
        .with("tenant", tenant_id.to_string())
        .with("job", job_id.to_string())
        .execute();
    return discarded;
  });
}

}  // namespace freight::storage
