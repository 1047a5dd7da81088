#include "connectors/sql/sqlite/sqlite_destination.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "connectors/sql/refusal.hpp"
#include "connectors/sql/sqlite/sqlite_error_map.hpp"
#include "connectors/sql/sqlite/sqlite_insert.hpp"
#include "connectors/sql/sqlite/sqlite_lane.hpp"
#include "connectors/sql/sqlite/sqlite_ledger.hpp"
#include "connectors/sql/sqlite/sqlite_prepare.hpp"
#include "connectors/sql/sqlite/sqlite_row_writer.hpp"
#include "core/fault_point.hpp"
#include "database/sqlite/native_connection.hpp"
#include "database/sqlite/native_statement.hpp"
#include "database/sqlite/sqlite_session.hpp"
#include "database/transaction.hpp"
#include "freight/error.hpp"

namespace freight::sql {
namespace {

using database::Condition;
using database::DatabaseError;

// Long enough for another program's transaction; then the batch goes back, uncounted.
constexpr std::chrono::seconds busy_timeout{30};
constexpr std::int64_t expensive_count = 10'000'000;

bool may_go_on(const ConnectorContext& context) {
  return !context.stop.stop_requested() && std::chrono::steady_clock::now() < context.deadline();
}

class SqliteDestination final : public Destination {
 public:
  explicit SqliteDestination(SqliteTarget target) : target_(std::move(target)) {}

  DestinationTraits traits() const override {
    return {.delivery = target_.ledger ? Delivery::transactional : Delivery::none,
            .ordered = false,
            .single_node = true};
  }

  PrepareResult prepare(const PrepareRequest& request, ConnectorContext& context) override;
  WriteResult write(const WriteRequest& request, ConnectorContext& context) override;
  std::optional<std::uint64_t> count(bool allow_expensive, ConnectorContext& context) override;
  std::optional<std::uint64_t> ledger_rows(ConnectorContext& context) override;
  FinishResult finish(ConnectorContext& context) override;
  // What was committed stays: an append has nothing to undo.
  void abandon(ConnectorContext&) override {}

 private:
  /// Runs `work` in the lane with an open session, and says in the engine's words what failed.
  template <typename Work>
  auto in_lane(std::string_view doing, ConnectorContext& context, Work work);
  template <typename Work>
  auto translated(std::string_view doing, ConnectorContext& context, Work work);

  ::sqlite3* connection() { return database::sqlite_handle(*session_); }
  void close();
  const SqliteTable& table();
  SqliteInsert& insert_for(const std::vector<OutputColumn>& columns);

  std::optional<WriteResult> try_write(const WriteRequest& request, ConnectorContext& context,
                                       const std::vector<RefusedRow>* excluded);
  std::optional<SqliteRows> write_rows(const OutputBatch& rows, ConnectorContext& context,
                                       const std::vector<RefusedRow>* excluded);

  const SqliteTarget target_;
  SqliteLane lane_;
  // All of these belong to whoever holds the lane; statements go before their session.
  std::unique_ptr<database::Session> session_;
  std::optional<SqliteTable> table_;
  std::optional<SqliteInsert> insert_;
  std::string load_hash_;
};

template <typename Work>
auto SqliteDestination::translated(std::string_view doing, ConnectorContext& context, Work work) {
  try {
    return work();
  } catch (const DatabaseError& error) {
    // A file that was moved or altered is met afresh the next time.
    if (error.condition() != Condition::busy) close();
    check_interrupted(context);
    throw sqlite_destination_error(error.failure(), std::string(doing) + ' ' + target_.table.table +
                                                        " in " + target_.url.path);
  }
}

template <typename Work>
auto SqliteDestination::in_lane(std::string_view doing, ConnectorContext& context, Work work) {
  const SqliteLane::Turn turn = lane_.enter(context);
  check_interrupted(context);
  return translated(doing, context, [&] {
    if (!session_) {
      session_ = database::open_sqlite_session(target_.url, {.create = target_.create_table});
    }
    const database::SqliteBusyWait wait(connection(), busy_timeout,
                                        [&context] { return may_go_on(context); });
    return work();
  });
}

void SqliteDestination::close() {
  insert_.reset();
  table_.reset();
  session_.reset();
}

const SqliteTable& SqliteDestination::table() {
  if (!table_) table_ = find_sqlite_table(connection(), target_);
  return *table_;
}

SqliteInsert& SqliteDestination::insert_for(const std::vector<OutputColumn>& columns) {
  if (!insert_ || !insert_->fits(columns)) insert_.emplace(connection(), table(), columns);
  return *insert_;
}

PrepareResult SqliteDestination::prepare(const PrepareRequest& request, ConnectorContext& context) {
  if (request.read_only) {
    const SqliteLane::Turn turn = lane_.enter(context);
    return translated("cannot look at", context, [&] {
      return PrepareResult{.catalog = look_at_sqlite(target_, request).catalog(), .warnings = {}};
    });
  }
  return in_lane("cannot prepare", context, [&] {
    insert_.reset();
    table_ = prepare_sqlite(*session_, target_, request);
    load_hash_ = request.load_hash;
    return PrepareResult{.catalog = table_->catalog(), .warnings = {}};
  });
}

WriteResult SqliteDestination::write(const WriteRequest& request, ConnectorContext& context) {
  if (request.rows.rows() > 0) require_columns(request.rows);
  return in_lane("cannot write to", context, [&] {
    if (auto result = try_write(request, context, nullptr)) return *std::move(result);
    // Each row that ends the transaction is found by itself and then left out.
    std::vector<RefusedRow> excluded;
    for (;;) {
      try {
        return try_write(request, context, &excluded).value();
      } catch (TransactionEnded& ended) {
        excluded.push_back(std::move(ended.culprit));
      }
    }
  });
}

std::optional<WriteResult> SqliteDestination::try_write(const WriteRequest& request,
                                                        ConnectorContext& context,
                                                        const std::vector<RefusedRow>* excluded) {
  database::Transaction transaction(*session_);
  LedgerRow ledger_row = ledger_row_of(request, table().name);
  std::optional<SqliteLedger> ledger;
  if (target_.ledger) {
    ledger.emplace(connection(), target_.ledger->table);
    if (!ledger->insert(target_.job_id, ledger_row)) {
      return result_of(ledger->find(target_.job_id, request.unit).value(), request);
    }
  }
  core::fault_point("destination.after_ledger_insert");
  std::optional<SqliteRows> rows = write_rows(request.rows, context, excluded);
  if (!rows) return std::nullopt;

  WriteResult result;
  result.inserted = rows->inserted;
  result.exceptions = write_exceptions(request.rows, std::move(rows->refused));
  if (ledger) {
    ledger_row.inserted = result.inserted;
    ledger_row.outcome = encode_outcome(result.exceptions);
    ledger->update(target_.job_id, ledger_row);
  }
  check_interrupted(context);
  core::fault_point("destination.before_commit");
  transaction.commit();
  core::fault_point("destination.after_commit");
  return result;
}

std::optional<SqliteRows> SqliteDestination::write_rows(const OutputBatch& rows,
                                                        ConnectorContext& context,
                                                        const std::vector<RefusedRow>* excluded) {
  if (rows.rows() == 0) return SqliteRows{};
  SqliteRowWriter writer(connection(), table(), insert_for(rows.columns), rows, context);
  if (excluded == nullptr) return writer.write_grouped();
  return writer.write_isolated_from(*excluded);
}

std::optional<std::uint64_t> SqliteDestination::count(bool allow_expensive,
                                                      ConnectorContext& context) {
  return in_lane("cannot count", context, [&]() -> std::optional<std::uint64_t> {
    const std::string name = "main." + quote_identifier(table().name);
    if (!allow_expensive && table().has_rowid) {
      // Rowids grow with the rows, so the highest is a bound that costs one look.
      database::SqliteStatement highest(connection(), "SELECT max(rowid) FROM " + name);
      if (highest.step() && highest.integer(0) > expensive_count) return std::nullopt;
    }
    const database::SqliteProgressWatch watch(connection(),
                                              [&context] { return may_go_on(context); });
    database::SqliteStatement query(connection(), "SELECT count(*) FROM " + name);
    query.step();
    return static_cast<std::uint64_t>(query.integer(0));
  });
}

std::optional<std::uint64_t> SqliteDestination::ledger_rows(ConnectorContext& context) {
  if (!target_.ledger) return std::nullopt;
  return in_lane("cannot read the ledger of", context, [&]() -> std::optional<std::uint64_t> {
    return SqliteLedger(connection(), target_.ledger->table).rows_written(target_.job_id);
  });
}

FinishResult SqliteDestination::finish(ConnectorContext& context) {
  if (!target_.ledger) return {};
  return in_lane("cannot finish the load of", context, [&] {
    database::Transaction transaction(*session_);
    SqliteLedger(connection(), target_.ledger->table)
        .complete(target_.job_id, table().name, load_hash_);
    transaction.commit();
    return FinishResult{};
  });
}

}  // namespace

std::unique_ptr<Destination> make_sqlite_destination(const JobSpec& spec, JobId job_id) {
  return std::make_unique<SqliteDestination>(
      sqlite_target(std::get<SqlDestinationSpec>(spec.destination), job_id));
}

}  // namespace freight::sql
