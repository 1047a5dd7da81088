#include "connectors/sql/sqlite/sqlite_row_writer.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "connectors/sql/refusal.hpp"
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

}  // namespace

SqliteRowWriter::SqliteRowWriter(::sqlite3* connection, const SqliteTable& table,
                                 SqliteInsert& insert, const OutputBatch& rows,
                                 const ConnectorContext& context)
    : connection_(connection),
      table_(table),
      insert_(insert),
      rows_(rows),
      context_(context),
      refusals_(connection, table) {}

std::optional<SqliteRows> SqliteRowWriter::write_grouped() {
  SqliteRows out;
  std::size_t next_look = 0;
  for (std::size_t row = 0; row < rows_.rows();) {
    if (row >= next_look) {
      check_interrupted(context_);
      if (row > 0) core::fault_point("destination.mid_rows");
      next_look = row + rows_between_looks;
    }
    const bool grouped = rows_.rows() - row >= insert_.group_size();
    if (!(grouped ? write_group(row, out) : write_single(row, out))) return std::nullopt;
    row += grouped ? insert_.group_size() : 1;
  }
  const auto orphan = [](const RefusedRow& row) {
    return row.error.code == Code::foreign_key_violation;
  };
  if (table_.refers_to_itself() && std::any_of(out.refused.begin(), out.refused.end(), orphan)) {
    return std::nullopt;
  }
  if (database::sqlite_has_deferred_violations(connection_)) return std::nullopt;
  return out;
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
    const std::uint64_t changes = database::sqlite_changes(connection_);
    insert_.finish();
    out.inserted += changes;
    return changes == 1;
  }
  RecordError error = refusal(result, row);
  if (!database::sqlite_in_transaction(connection_)) return false;
  out.refused.push_back({.row = static_cast<std::uint32_t>(row), .error = std::move(error)});
  return true;
}

RecordError SqliteRowWriter::refusal(int result, std::size_t row) {
  const database::DatabaseFailure failure = database::describe_sqlite(connection_);
  insert_.finish();
  if (!is_sqlite_refusal(result)) {
    if (!may_be_the_rows_fault(result)) throw database::DatabaseError(failure);
    insert_.prepare_again();
  }
  return refusals_.error_of(failure, rows_, row);
}

SqliteRows SqliteRowWriter::write_isolated_from(std::vector<RefusedRow> excluded) {
  std::vector<std::uint32_t> rows;
  for (std::uint32_t row = 0; row < rows_.rows(); ++row) {
    const bool leave_out = std::any_of(excluded.begin(), excluded.end(),
                                       [row](const RefusedRow& one) { return one.row == row; });
    if (!leave_out) rows.push_back(row);
  }
  SqliteRows out;
  const std::size_t tried = rows.size();
  out.refused = write_isolated(*this, std::move(rows), table_.refers_to_itself());
  out.inserted = tried - out.refused.size();
  std::move(excluded.begin(), excluded.end(), std::back_inserter(out.refused));
  std::sort(out.refused.begin(), out.refused.end(),
            [](const RefusedRow& one, const RefusedRow& other) { return one.row < other.row; });
  return out;
}

std::optional<Refusal> SqliteRowWriter::try_rows(std::span<const std::uint32_t> rows) {
  check_interrupted(context_);
  database::run_sqlite(connection_, "SAVEPOINT freight_rows");
  std::optional<Refusal> refusal = insert_under_savepoint(rows);
  if (refusal) database::run_sqlite(connection_, "ROLLBACK TO freight_rows");
  database::run_sqlite(connection_, "RELEASE freight_rows");
  return refusal;
}

std::optional<Refusal> SqliteRowWriter::insert_under_savepoint(
    std::span<const std::uint32_t> rows) {
  for (const std::uint32_t row : rows) {
    const int result = insert_.insert_one(rows_, row);
    RecordError error;
    if (result == SQLITE_DONE) {
      const bool inserted = database::sqlite_changes(connection_) == 1;
      insert_.finish();
      if (inserted) continue;
      error = skipped_by_trigger();
    } else {
      error = refusal(result, row);
      if (!database::sqlite_in_transaction(connection_)) {
        throw TransactionEnded{{.row = row, .error = std::move(error)}};
      }
    }
    Refusal refused;
    refused.earlier_are_good = true;
    refused.culprits.push_back({.row = row, .error = std::move(error)});
    return refused;
  }
  if (!database::sqlite_has_deferred_violations(connection_)) return std::nullopt;
  Refusal refused;
  database::DatabaseFailure failure;
  failure.native_code = SQLITE_CONSTRAINT_FOREIGNKEY;
  refused.error = refusals_.error_of(failure, rows_, rows.front());
  return refused;
}

}  // namespace freight::sql
