#include <set>

#include "core/json_text.hpp"
#include "database/query.hpp"
#include "storage/jobs/sql_job_store.hpp"
#include "storage/sql/json_rows.hpp"
#include "storage/sql/value_texts.hpp"

// The part of SqlJobStore that forgets what single records held.

namespace freight::storage {
namespace {

using database::Query;
using database::Session;

// A key may be known of one attempt at a record and not of another: what is found by it is records,
// and what is erased is all that is kept of them.
constexpr std::string_view records_of_key =
    "(SELECT d.job_id, d.ordinal FROM freight.dead_letters AS d"
    " WHERE d.tenant_id = @uuid(:tenant) AND d.key_text = :key"
    " UNION SELECT l.job_id, l.first_ordinal FROM freight.migration_logs AS l"
    " WHERE l.tenant_id = @uuid(:tenant) AND l.key_text = :key AND l.event = 'record')";
constexpr std::string_view count_records =
    "SELECT count(*), count(DISTINCT CASE WHEN j.status NOT IN ('completed',"
    " 'completed_with_errors', 'failed', 'cancelled') THEN p.job_id END)"
    " FROM freight.migration_jobs AS j JOIN ";
constexpr std::string_view of_jobs =
    " AS p ON p.job_id = j.job_id WHERE j.tenant_id = @uuid(:tenant)";
constexpr std::string_view of_ended =
    " AND j.status IN ('completed', 'completed_with_errors', 'failed', 'cancelled')";
constexpr std::string_view select_records_of_key =
    "SELECT p.job_id, p.ordinal FROM freight.migration_jobs AS j JOIN ";
constexpr std::string_view locked_page =
    " ORDER BY p.job_id, p.ordinal LIMIT :limit@pg{ FOR UPDATE OF j}";
constexpr std::string_view count_letters =
    "SELECT count(*) FROM freight.dead_letters AS x JOIN freight.migration_jobs AS j"
    " ON j.tenant_id = x.tenant_id AND j.job_id = x.job_id WHERE x.tenant_id = @uuid(:tenant)"
    " AND (x.job_id, x.ordinal) IN ";
constexpr std::string_view count_entries =
    "SELECT count(*) FROM freight.migration_logs AS x JOIN freight.migration_jobs AS j"
    " ON j.tenant_id = x.tenant_id AND j.job_id = x.job_id WHERE x.tenant_id = @uuid(:tenant)"
    " AND x.event = 'record' AND (x.job_id, x.first_ordinal) IN ";
constexpr std::string_view count_corrections =
    "SELECT count(*) FROM freight.replay_corrections AS x JOIN freight.migration_jobs AS j"
    " ON j.tenant_id = x.tenant_id AND j.job_id = x.job_id WHERE x.tenant_id = @uuid(:tenant)"
    " AND (x.job_id, x.ordinal) IN ";

constexpr std::string_view select_letters_to_erase =
    "SELECT d.job_id, d.ordinal, d.errors FROM @rows(:rows r, job_id uuid, ordinal bigint)"
    " JOIN freight.dead_letters AS d ON d.tenant_id = @uuid(:tenant) AND d.job_id = r.job_id"
    "  AND d.ordinal = r.ordinal";
constexpr std::string_view erase_from_letters =
    "UPDATE freight.dead_letters AS d SET raw = @bytes(''), key_values = '', key_text = '',"
    " correction = NULL, errors = r.errors, erased = 1"
    " FROM @rows(:rows r, job_id uuid, ordinal bigint, errors text)"
    " WHERE d.tenant_id = @uuid(:tenant) AND d.job_id = r.job_id AND d.ordinal = r.ordinal";
constexpr std::string_view select_entries_to_erase =
    "SELECT l.job_id, l.log_sequence, l.detail FROM @rows(:rows r, job_id uuid, ordinal bigint)"
    " JOIN freight.migration_logs AS l ON l.tenant_id = @uuid(:tenant) AND l.job_id = r.job_id"
    "  AND l.first_ordinal = r.ordinal AND l.event = 'record'";
constexpr std::string_view erase_from_entries =
    "UPDATE freight.migration_logs AS l SET key_values = NULL, key_text = NULL, detail = r.detail"
    " FROM @rows(:rows r, job_id uuid, log_sequence bigint, detail text)"
    " WHERE l.tenant_id = @uuid(:tenant) AND l.job_id = r.job_id"
    " AND l.log_sequence = r.log_sequence";
constexpr std::string_view drop_erased_corrections =
    "DELETE FROM freight.replay_corrections WHERE tenant_id = @uuid(:tenant)"
    " AND (job_id, ordinal) IN (SELECT r.job_id, r.ordinal"
    "  FROM @rows(:rows r, job_id uuid, ordinal bigint))";
// Why a job failed may quote one of its rejects.
constexpr std::string_view select_errors =
    "SELECT j.job_id, j.error FROM freight.migration_jobs AS j WHERE j.tenant_id = @uuid(:tenant)"
    " AND j.error IS NOT NULL"
    " AND j.job_id IN (SELECT r.job_id FROM @rows(:rows r, job_id uuid, ordinal bigint))";
constexpr std::string_view write_errors =
    "UPDATE freight.migration_jobs AS j SET error = r.error"
    " FROM @rows(:rows r, job_id uuid, error text)"
    " WHERE j.tenant_id = @uuid(:tenant) AND j.job_id = r.job_id";
constexpr std::string_view select_ends =
    "SELECT l.job_id, l.log_sequence, l.detail FROM freight.migration_logs AS l"
    " WHERE l.tenant_id = @uuid(:tenant) AND l.event = 'job_finished' AND l.detail IS NOT NULL"
    " AND l.job_id IN (SELECT r.job_id FROM @rows(:rows r, job_id uuid, ordinal bigint))";
constexpr std::string_view write_ends =
    "UPDATE freight.migration_logs AS l SET detail = r.detail"
    " FROM @rows(:rows r, job_id uuid, log_sequence bigint, detail text)"
    " WHERE l.tenant_id = @uuid(:tenant) AND l.job_id = r.job_id"
    " AND l.log_sequence = r.log_sequence";

constexpr std::string_view erased_message = "what was wrong was erased together with the record";

/// Erases what is kept of some records, within one transaction.
class Eraser {
 public:
  Eraser(Session& session, SqlText& sql, const Erasure& erasure)
      : session_(session),
        sql_(sql),
        tenant_(erasure.tenant_id.to_string()),
        key_(kept_key(erasure.key)) {}

  ErasureResult count() {
    ErasureResult found;
    std::uint64_t all = 0;
    Query records(session_, sql_(count_records) + sql_(records_of_key) + sql_(of_jobs));
    with_key(records).into(all).into(found.unended_jobs).next();
    const auto count_of = [&](std::string_view what) {
      std::uint64_t number = 0;
      Query query(session_, sql_(what) + sql_(records_of_key) + sql_(of_ended));
      with_key(query).into(number).next();
      return number;
    };
    std::uint64_t none = 0;
    Query ended(session_,
                sql_(count_records) + sql_(records_of_key) + sql_(of_jobs) + sql_(of_ended));
    with_key(ended).into(found.records).into(none).next();
    found.dead_letters = count_of(count_letters);
    found.log_entries = count_of(count_entries);
    found.corrections = count_of(count_corrections);
    return found;
  }

  ErasureResult erase(std::uint32_t limit) {
    ErasureResult erased;
    erased.records = find_records(limit);
    if (erased.records > 0) {
      erased.dead_letters = erase_dead_letters();
      erased.log_entries = erase_log_entries();
      Query corrections(session_, sql_(drop_erased_corrections));
      erased.corrections = with_rows(corrections, records_).execute();
      erase_from_failures();
    }
    std::uint64_t all = 0;
    Query left(session_, sql_(count_records) + sql_(records_of_key) + sql_(of_jobs));
    with_key(left).into(all).into(erased.unended_jobs).next();
    return erased;
  }

 private:
  /// As much of it as key_text() leaves.
  static std::string kept_key(std::string_view key) {
    std::string record = "{\"key\":";
    core::append_json_string(record, storable_text(key));
    return key_text(record + "}");
  }

  Query& with_key(Query& query) { return query.with("tenant", tenant_).with("key", key_); }
  Query& with_rows(Query& query, const std::string& rows) {
    return query.with("tenant", tenant_).with("rows", rows);
  }

  std::uint64_t find_records(std::uint32_t limit) {
    std::string job;
    std::uint64_t ordinal = 0;
    JsonRows rows;
    Query query(session_, sql_(select_records_of_key) + sql_(records_of_key) + sql_(of_jobs) +
                              sql_(of_ended) + sql_(locked_page));
    with_key(query).with("limit", limit).into(job).into(ordinal);
    while (query.next()) {
      rows.begin_row();
      rows.add("job_id", std::string_view(job)).add("ordinal", ordinal);
    }
    const auto found = rows.rows();
    records_ = rows.take();
    return found;
  }

  std::uint64_t erase_dead_letters() {
    std::string job;
    std::uint64_t ordinal = 0;
    std::string errors;
    JsonRows rows;
    Query query(session_, sql_(select_letters_to_erase));
    with_rows(query, records_).into(job).into(ordinal).into(errors);
    while (query.next()) {
      rows.begin_row();
      rows.add("job_id", std::string_view(job))
          .add("ordinal", ordinal)
          .add("errors", without_values(errors));
    }
    return write_rows(erase_from_letters, rows);
  }

  std::uint64_t erase_log_entries() {
    std::string job;
    std::uint64_t sequence = 0;
    std::optional<std::string> detail;
    JsonRows rows;
    Query query(session_, sql_(select_entries_to_erase));
    with_rows(query, records_).into(job).into(sequence).into(detail);
    while (query.next()) {
      rows.begin_row();
      rows.add("job_id", std::string_view(job)).add("log_sequence", sequence);
      if (detail) rows.add("detail", without_values(*detail));
    }
    return write_rows(erase_from_entries, rows);
  }

  /// Errors of a record with what they are and nothing of what it held.
  std::string without_values(std::string_view text) {
    auto errors = errors_of(text);
    for (auto& error : errors) {
      if (!error.message.empty()) messages_.insert(error.message);
      error.value.reset();
      error.expected.clear();
      error.message = erased_message;
      error.hint.clear();
    }
    return text_of(errors);
  }

  void erase_from_failures() {
    std::string job;
    std::string text;
    JsonRows rows;
    Query errors(session_, sql_(select_errors));
    with_rows(errors, records_).into(job).into(text);
    while (errors.next()) {
      if (const auto changed = without_quotation(text)) {
        rows.begin_row();
        rows.add("job_id", std::string_view(job)).add("error", *changed);
      }
    }
    write_rows(write_errors, rows);
    std::uint64_t sequence = 0;
    Query ends(session_, sql_(select_ends));
    with_rows(ends, records_).into(job).into(sequence).into(text);
    while (ends.next()) {
      if (const auto changed = without_quotation(text)) {
        rows.begin_row();
        rows.add("job_id", std::string_view(job))
            .add("log_sequence", sequence)
            .add("detail", *changed);
      }
    }
    write_rows(write_ends, rows);
  }

  /// nullopt for a failure that quotes none of the records.
  std::optional<std::string> without_quotation(std::string_view text) const {
    Failure failure = failure_of_text(text);
    for (const auto& message : messages_) {
      if (!failure.message.ends_with(": " + message)) continue;
      failure.message.resize(failure.message.size() - message.size());
      failure.message += erased_message;
      return text_of(failure);
    }
    return std::nullopt;
  }

  std::uint64_t write_rows(std::string_view statement, JsonRows& rows) {
    if (rows.empty()) return 0;
    Query update(session_, sql_(statement));
    return with_rows(update, rows.take()).execute();
  }

  Session& session_;
  SqlText& sql_;
  const std::string tenant_;
  const std::string key_;
  std::string records_;
  std::set<std::string> messages_;
};

}  // namespace

ErasureResult SqlJobStore::erase(const Erasure& erasure) {
  if (erasure.dry_run) {
    return connections_.read(erasure.tenant_id, [&](Session& session) {
      return Eraser(session, sql_, erasure).count();
    });
  }
  return connections_.write(erasure.tenant_id, [&](Session& session) {
    return Eraser(session, sql_, erasure).erase(erasure.limit);
  });
}

}  // namespace freight::storage
