#include "connectors/sql/sqlite/sqlite_row_writer.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "connectors/sql/destination/refusal.hpp"
#include "core/fault_point.hpp"
#include "database/database_error.hpp"
#include "database/sqlite/native_connection.hpp"
#include "database/sqlite/sqlite_error.hpp"
#include "database/sqlite/sqlite_settings.hpp"

namespace freight::sql {
namespace {

constexpr std::size_t rows_between_looks = 1024;

// An expression of the table (a check, a generated column, a trigger) fails with the same code as a
// statement that no longer fits the table.
bool may_be_the_rows_fault(int result) {
  return is_sqlite_refusal(result) || (result & 0xff) == SQLITE_ERROR;
}

bool comes_before(const RefusedRow& one, const RefusedRow& other) { return one.row < other.row; }

void count(SqliteInsert::Effect effect, SqliteRows& rows) {
  switch (effect) {
    case SqliteInsert::Effect::inserted:
      ++rows.inserted;
      return;
    case SqliteInsert::Effect::updated:
      ++rows.updated;
      return;
    case SqliteInsert::Effect::unchanged:
      ++rows.unchanged;
      return;
  }
}

}  // namespace

SqliteRowWriter::SqliteRowWriter(::sqlite3* connection, const SqliteTable& table,
                                 const WriteRules& rules, SqliteInsert& insert,
                                 const OutputBatch& rows, const ConnectorContext& context)
    : connection_(connection),
      table_(table),
      rules_(rules),
      insert_(insert),
      rows_(rows),
      context_(context),
      refusals_(connection, table) {}

// Rows of one batch may refer to each other in any order, even in a ring, as in one statement of
// PostgreSQL. The pragma holds until the transaction ends.
void SqliteRowWriter::look_at_own_keys_late() {
  if (table_.refers_to_itself()) {
    database::run_sqlite(connection_, "PRAGMA defer_foreign_keys = ON");
  }
}

std::optional<SqliteRows> SqliteRowWriter::write_grouped() {
  look_at_own_keys_late();
  SqliteRows out;
  if (!(rules_.merges() ? write_last_of_each_key(out) : write_all(out))) return std::nullopt;
  if (database::sqlite_has_deferred_violations(connection_)) return std::nullopt;
  return out;
}

bool SqliteRowWriter::write_all(SqliteRows& out) {
  for (std::size_t row = 0; row < rows_.rows();) {
    look_around(row);
    const bool grouped = rows_.rows() - row >= insert_.group_size();
    if (!(grouped ? write_group(row, out) : write_single(row, out))) return false;
    row += grouped ? insert_.group_size() : 1;
  }
  return true;
}

bool SqliteRowWriter::write_last_of_each_key(SqliteRows& out) {
  KeyedRows keyed = last_of_each_key(rows_, rules_.key);
  out.refused = std::move(keyed.refused);
  for (const std::uint32_t last : keyed.rows) {
    look_around(last);
    for (std::uint32_t row = last;;) {
      const std::size_t refused = out.refused.size();
      if (!write_single(row, out)) return false;
      if (out.refused.size() == refused) break;
      const auto earlier = keyed.overtaken.find(row);
      if (earlier == keyed.overtaken.end()) break;
      row = earlier->second.row;
    }
  }
  std::sort(out.refused.begin(), out.refused.end(), comes_before);
  return true;
}

void SqliteRowWriter::look_around(std::size_t row) {
  if (row < next_look_) return;
  check_interrupted(context_);
  if (row > 0) core::fault_point("destination.mid_rows");
  next_look_ = row + rows_between_looks;
}

bool SqliteRowWriter::write_group(std::size_t first, SqliteRows& out) {
  const int result = insert_.insert_group(rows_, first);
  if (result == SQLITE_DONE) {
    const std::uint64_t changes = database::sqlite_changes(connection_);
    insert_.finish();
    out.inserted += changes;
    return changes == insert_.group_size();
  }
  const database::DatabaseFailure failure = database::describe_sqlite(connection_);
  insert_.finish();
  if (!may_be_the_rows_fault(result)) throw database::DatabaseError(failure);
  if (!database::sqlite_in_transaction(connection_)) return false;
  // Whatever it was, it left nothing behind; row by row it shows whose fault it is.
  for (std::size_t row = first; row < first + insert_.group_size(); ++row) {
    if (!write_single(row, out)) return false;
  }
  return true;
}

bool SqliteRowWriter::write_single(std::size_t row, SqliteRows& out) {
  const int result = insert_.insert_one(rows_, row);
  if (result == SQLITE_DONE) {
    const auto effect = insert_.effect();
    insert_.finish();
    if (effect) count(*effect, out);
    return effect.has_value();
  }
  RefusedRow refused = refusal(result, row);
  if (!database::sqlite_in_transaction(connection_)) return false;
  out.refused.push_back(std::move(refused));
  return true;
}

RefusedRow SqliteRowWriter::refusal(int result, std::size_t row) {
  const database::DatabaseFailure failure = database::describe_sqlite(connection_);
  insert_.finish();
  if (!is_sqlite_refusal(result)) {
    if (!may_be_the_rows_fault(result)) throw database::DatabaseError(failure);
    insert_.prepare_again();
  }
  RefusedRow refused{.row = static_cast<std::uint32_t>(row),
                     .error = refusals_.error_of(failure, rows_, row)};
  if (refused.error.code == Code::unique_violation) {
    refused.outcome = rules_.conflict_outcome(refusals_.conflict_columns(failure));
  }
  return refused;
}

SqliteRows SqliteRowWriter::write_isolated_from(std::vector<RefusedRow> excluded) {
  look_at_own_keys_late();
  KeyedRows keyed = rows_to_send(excluded);
  isolated_ = {};
  Isolated isolated = write_isolated(
      *this, std::move(keyed.rows),
      {.retry_foreign_keys = table_.refers_to_itself(), .held = std::move(keyed.overtaken)});
  SqliteRows out = std::move(isolated_);
  out.refused = std::move(isolated.refused);
  std::move(excluded.begin(), excluded.end(), std::back_inserter(out.refused));
  std::move(keyed.refused.begin(), keyed.refused.end(), std::back_inserter(out.refused));
  std::sort(out.refused.begin(), out.refused.end(), comes_before);
  return out;
}

// In place of a row that is excluded an earlier one of its key is sent.
KeyedRows SqliteRowWriter::rows_to_send(const std::vector<RefusedRow>& excluded) const {
  KeyedRows keyed;
  if (rules_.merges()) {
    keyed = last_of_each_key(rows_, rules_.key);
  } else {
    for (std::uint32_t row = 0; row < rows_.rows(); ++row) keyed.rows.push_back(row);
  }
  for (const RefusedRow& one : excluded) {
    const auto found = std::lower_bound(keyed.rows.begin(), keyed.rows.end(), one.row);
    if (found != keyed.rows.end() && *found == one.row) keyed.rows.erase(found);
    const auto waiting = keyed.overtaken.find(one.row);
    if (waiting == keyed.overtaken.end()) continue;
    const std::uint32_t earlier = waiting->second.row;
    keyed.overtaken.erase(waiting);
    keyed.rows.insert(std::lower_bound(keyed.rows.begin(), keyed.rows.end(), earlier), earlier);
  }
  return keyed;
}

std::optional<Refusal> SqliteRowWriter::try_rows(std::span<const std::uint32_t> rows) {
  check_interrupted(context_);
  database::run_sqlite(connection_, "SAVEPOINT freight_rows");
  SqliteRows written;
  std::optional<Refusal> refusal = insert_under_savepoint(rows, written);
  if (refusal) database::run_sqlite(connection_, "ROLLBACK TO freight_rows");
  database::run_sqlite(connection_, "RELEASE freight_rows");
  if (!refusal) {
    isolated_.inserted += written.inserted;
    isolated_.updated += written.updated;
    isolated_.unchanged += written.unchanged;
  }
  return refusal;
}

std::optional<Refusal> SqliteRowWriter::insert_under_savepoint(std::span<const std::uint32_t> rows,
                                                               SqliteRows& written) {
  for (const std::uint32_t row : rows) {
    const int result = insert_.insert_one(rows_, row);
    RefusedRow culprit{.row = row, .error = {}};
    if (result == SQLITE_DONE) {
      const auto effect = insert_.effect();
      insert_.finish();
      if (effect) {
        count(*effect, written);
        continue;
      }
      culprit.error = skipped_by_trigger();
    } else {
      culprit = refusal(result, row);
      if (!database::sqlite_in_transaction(connection_)) {
        throw TransactionEnded{std::move(culprit)};
      }
    }
    Refusal refused;
    refused.earlier_are_good = true;
    refused.culprits.push_back(std::move(culprit));
    return refused;
  }
  if (!database::sqlite_has_deferred_violations(connection_)) return std::nullopt;
  Refusal refused;
  for (const std::uint32_t row : rows) {
    auto error = refusals_.orphan(rows_, rows_.row(row));
    if (error) refused.culprits.push_back({.row = row, .error = *std::move(error)});
  }
  if (!refused.culprits.empty()) return refused;
  database::DatabaseFailure failure;
  failure.native_code = SQLITE_CONSTRAINT_FOREIGNKEY;
  refused.error = refusals_.error_of(failure, rows_, rows.front());
  return refused;
}

}  // namespace freight::sql
