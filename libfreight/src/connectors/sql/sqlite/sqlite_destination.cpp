#include "connectors/sql/sqlite/sqlite_destination.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <variant>
#include <vector>

#include "connectors/sql/destination/catalog_names.hpp"
#include "connectors/sql/destination/create_table.hpp"
#include "connectors/sql/destination/refusal.hpp"
#include "connectors/sql/destination/staging.hpp"
#include "connectors/sql/sqlite/sqlite_error_map.hpp"
#include "connectors/sql/sqlite/sqlite_insert.hpp"
#include "connectors/sql/sqlite/sqlite_lane.hpp"
#include "connectors/sql/sqlite/sqlite_ledger.hpp"
#include "connectors/sql/sqlite/sqlite_prepare.hpp"
#include "connectors/sql/sqlite/sqlite_row_writer.hpp"
#include "connectors/sql/sqlite/sqlite_staging.hpp"
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
            .ordered = target_.rules.merges(),
            .single_node = true,
            .restarts = target_.rules.replaces()};
  }

  PrepareResult prepare(const PrepareRequest& request, ConnectorContext& context) override;
  WriteResult write(const WriteRequest& request, ConnectorContext& context) override;
  std::optional<std::uint64_t> count(bool allow_expensive, ConnectorContext& context) override;
  std::optional<std::uint64_t> ledger_rows(ConnectorContext& context) override;
  FinishResult finish(ConnectorContext& context) override;
  void abandon(ConnectorContext& context) override;

 private:
  /// Runs `work` in the lane with an open session, and says in the engine's words what failed.
  template <typename Work>
  auto in_lane(std::string_view doing, ConnectorContext& context, Work work);
  template <typename Work>
  auto translated(std::string_view doing, ConnectorContext& context, Work work);

  ::sqlite3* connection() { return database::sqlite_handle(*session_); }
  void open();
  void close();
  const SqliteTable& table();
  const WriteRules& rules();
  PrepareResult result_for(const SqliteTable& table, const PrepareRequest& request) const;
  const SqliteTable& written_table();
  SqliteInsert& insert_for(const std::vector<OutputColumn>& columns);
  void forget_staging();

  void make_for_rehearsal();
  std::optional<WriteResult> try_write(const WriteRequest& request, ConnectorContext& context,
                                       const std::vector<RefusedRow>* excluded);
  std::optional<SqliteRows> write_rows(const OutputBatch& rows, ConnectorContext& context,
                                       const std::vector<RefusedRow>* excluded);
  WriteResult result_of_rows(const OutputBatch& batch, SqliteRows rows) const;
  void exchange(ConnectorContext& context);

  const SqliteTarget target_;
  SqliteLane lane_;
  // All of these belong to whoever holds the lane; statements go before their session.
  std::unique_ptr<database::Session> session_;
  std::optional<SqliteTable> table_;
  std::optional<WriteRules> rules_;
  // Of replace: the table that is filled.
  std::optional<SqliteTable> staging_;
  std::optional<SqliteInsert> insert_;
  std::vector<std::string> columns_;
  std::string load_hash_;
  // Another job may have begun this load since prepare(): to be looked for before the first write.
  bool may_be_of_another_ = false;
  // Of a rehearsal: makes the table where it is missing.
  std::string create_statement_;
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
    if (!session_) open();
    const database::SqliteBusyWait wait(connection(), busy_timeout,
                                        [&context] { return may_go_on(context); });
    return work();
  });
}

void SqliteDestination::open() {
  database::Url url = target_.url;
  std::error_code unknown;
  const bool rehearses_without_file =
      !create_statement_.empty() && !std::filesystem::exists(url.path, unknown) && !unknown;
  if (rehearses_without_file) url.path = database::sqlite_memory_path;
  session_ = database::open_sqlite_session(
      url, {.create = target_.create_table, .foreign_keys = target_.check_foreign_keys});
}

void SqliteDestination::forget_staging() {
  insert_.reset();
  staging_.reset();
}

void SqliteDestination::close() {
  forget_staging();
  rules_.reset();
  table_.reset();
  session_.reset();
}

const SqliteTable& SqliteDestination::table() {
  if (!table_) table_ = find_sqlite_table(connection(), target_);
  return *table_;
}

const WriteRules& SqliteDestination::rules() {
  if (!rules_) rules_ = rules_for(target_, table());
  return *rules_;
}

const SqliteTable& SqliteDestination::written_table() {
  if (!target_.rules.replaces()) return table();
  if (!staging_) {
    const SqliteStaging staging(connection(), table(), target_.job_id);
    staging_ =
        read_sqlite_table(connection(), {.schema = {}, .table = staging.name(), .quoted = true});
  }
  if (staging_) return *staging_;
  // Records that are replayed after the exchange join the others.
  if (replacement_is_done(connection(), target_, table())) return table();
  throw_given_up(table().name, target_.job_id);
}

SqliteInsert& SqliteDestination::insert_for(const std::vector<OutputColumn>& columns) {
  if (!insert_ || !insert_->fits(columns)) {
    insert_.emplace(connection(), written_table(), columns, rules());
  }
  return *insert_;
}

PrepareResult SqliteDestination::result_for(const SqliteTable& table,
                                            const PrepareRequest& request) const {
  PrepareResult result{.catalog = table.catalog(), .warnings = {}};
  result.catalog.merge_key = rules_for(target_, table).key;
  if (!request.columns.empty()) {
    key_positions(with_catalog_names(request, result.catalog, target_.rules.match).columns,
                  result.catalog.merge_key);
  }
  warn_of_left_out(request, result.catalog, target_.rules.match, result.warnings);
  warn_of_loose_key(target_.rules, result.catalog, result.warnings);
  if (table.is_new) warn_of_changed_types(request, &sqlite_column_type, result.warnings);
  return result;
}

PrepareResult SqliteDestination::prepare(const PrepareRequest& request, ConnectorContext& context) {
  if (request.read_only) {
    const SqliteLane::Turn turn = lane_.enter(context);
    if (target_.create_table && !request.columns.empty()) {
      create_statement_ = create_statement(target_, request);
    }
    return translated("cannot look at", context,
                      [&] { return result_for(look_at_sqlite(target_, request), request); });
  }
  return in_lane("cannot prepare", context, [&] {
    forget_staging();
    table_ = prepare_sqlite(*session_, target_, request);
    rules_ = rules_for(target_, *table_);
    columns_ =
        column_names(with_catalog_names(request, table_->catalog(), target_.rules.match).columns);
    load_hash_ =
        target_.rules.disposition == WriteDisposition::append ? request.load_hash : std::string();
    may_be_of_another_ = request.refuse_reload;
    return result_for(*table_, request);
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

// Makes in the open transaction what prepare() was told not to touch.
void SqliteDestination::make_for_rehearsal() {
  if (!create_statement_.empty()) session_->run(create_statement_);
  if (!target_.rules.replaces()) return;
  SqliteStaging staging(connection(), table(), target_.job_id);
  if (!staging.exists()) staging.make();
}

std::optional<WriteResult> SqliteDestination::try_write(const WriteRequest& request,
                                                        ConnectorContext& context,
                                                        const std::vector<RefusedRow>* excluded) {
  database::Transaction transaction(*session_);
  if (request.roll_back) make_for_rehearsal();
  LedgerRow ledger_row = ledger_row_of(request, table().name);
  std::optional<SqliteLedger> ledger;
  if (target_.ledger && !request.roll_back) {
    ledger.emplace(connection(), target_.ledger->table);
    ledger_row.load_hash = load_hash_;
    if (may_be_of_another_) {
      ledger->refuse_load_of_others(target_.job_id, ledger_row.target, load_hash_);
    }
    if (!ledger->insert(target_.job_id, ledger_row)) {
      return result_of(ledger->find(target_.job_id, request.unit).value(), request);
    }
  }
  core::fault_point("destination.after_ledger_insert");
  std::optional<SqliteRows> rows = write_rows(request.rows, context, excluded);
  if (!rows) return std::nullopt;

  WriteResult result = result_of_rows(request.rows, *std::move(rows));
  if (request.roll_back) return result;
  if (ledger) {
    ledger_row.inserted = result.inserted;
    ledger_row.updated = result.updated;
    ledger_row.outcome = encode_outcome(result);
    ledger->update(target_.job_id, ledger_row);
  }
  check_interrupted(context);
  core::fault_point("destination.before_commit");
  transaction.commit();
  core::fault_point("destination.after_commit");
  may_be_of_another_ = false;
  return result;
}

WriteResult SqliteDestination::result_of_rows(const OutputBatch& batch, SqliteRows rows) const {
  WriteResult result;
  result.inserted = rows.inserted;
  result.updated = rows.updated;
  result.unchanged = rows.unchanged;
  result.exceptions = write_exceptions(batch, std::move(rows.refused));
  if (staging_) speak_of_target(result.exceptions, staging_->name, table_->name);
  return result;
}

std::optional<SqliteRows> SqliteDestination::write_rows(const OutputBatch& rows,
                                                        ConnectorContext& context,
                                                        const std::vector<RefusedRow>* excluded) {
  if (rows.rows() == 0) return SqliteRows{};
  SqliteInsert& insert = insert_for(rows.columns);
  SqliteRowWriter writer(connection(), written_table(), rules(), insert, rows, context);
  if (excluded == nullptr) return writer.write_grouped();
  return writer.write_isolated_from(*excluded);
}

std::optional<std::uint64_t> SqliteDestination::count(bool allow_expensive,
                                                      ConnectorContext& context) {
  // A merge finds some of its rows there already: the table's growth says nothing.
  if (target_.rules.merges()) return std::nullopt;
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
  if (!target_.ledger && !target_.rules.replaces()) return {};
  return in_lane("cannot finish the load of", context, [&] {
    database::Transaction transaction(*session_);
    if (target_.rules.replaces() && !replacement_is_done(connection(), target_, table())) {
      exchange(context);
    }
    if (target_.ledger) {
      SqliteLedger(connection(), target_.ledger->table)
          .complete(target_.job_id, table().name, load_hash_);
    }
    check_interrupted(context);
    core::fault_point("destination.before_commit");
    transaction.commit();
    core::fault_point("destination.after_commit");
    return FinishResult{};
  });
}

void SqliteDestination::exchange(ConnectorContext& context) {
  SqliteStaging staging(connection(), table(), target_.job_id);
  Replacement replacement{.target = table().name,
                          .job_id = target_.job_id,
                          .columns = columns_.empty() ? table().column_names() : columns_,
                          .allow_empty = target_.rules.allow_empty,
                          .ledger_rows = std::nullopt};
  if (target_.ledger) {
    replacement.ledger_rows =
        SqliteLedger(connection(), target_.ledger->table).rows_written(target_.job_id);
  }
  // A statement that was prepared for the table would keep it from being dropped.
  forget_staging();
  const database::SqliteProgressWatch watch(connection(),
                                            [&context] { return may_go_on(context); });
  replace_rows(staging, replacement);
}

// What an append or a merge has committed stays; rows that were to replace others go.
void SqliteDestination::abandon(ConnectorContext& context) {
  if (!target_.rules.replaces()) return;
  in_lane("cannot clean up after the load of", context, [&] {
    database::Transaction transaction(*session_);
    const auto found = read_sqlite_table(connection(), target_.table);
    if (!found) return;
    SqliteStaging staging(connection(), *found, target_.job_id);
    if (!staging.exists()) return;
    forget_staging();
    staging.drop();
    transaction.commit();
  });
}

}  // namespace

std::unique_ptr<Destination> make_sqlite_destination(const ConnectorRequest& request) {
  return std::make_unique<SqliteDestination>(sqlite_target(request.spec, request.job_id));
}

}  // namespace freight::sql
