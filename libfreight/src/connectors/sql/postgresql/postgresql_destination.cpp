#include "connectors/sql/postgresql/postgresql_destination.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "connectors/sql/destination/catalog_names.hpp"
#include "connectors/sql/destination/create_table.hpp"
#include "connectors/sql/destination/destination_error.hpp"
#include "connectors/sql/destination/refusal.hpp"
#include "connectors/sql/destination/staging.hpp"
#include "connectors/sql/postgresql/postgresql_commit.hpp"
#include "connectors/sql/postgresql/postgresql_ledger.hpp"
#include "connectors/sql/postgresql/postgresql_names.hpp"
#include "connectors/sql/postgresql/postgresql_prepare.hpp"
#include "connectors/sql/postgresql/postgresql_row_writer.hpp"
#include "connectors/sql/postgresql/postgresql_sequences.hpp"
#include "connectors/sql/postgresql/postgresql_sessions.hpp"
#include "connectors/sql/postgresql/postgresql_staging.hpp"
#include "core/fault_point.hpp"
#include "freight/error.hpp"

namespace freight::sql {
namespace {

using database::DatabaseError;
using database::PostgresqlConnection;

constexpr double expensive_count = 10e6;

class PostgresqlDestination final : public Destination {
 public:
  PostgresqlDestination(PostgresqlTarget target, PostgresqlPools& pools)
      : target_(std::move(target)), sessions_(pools.of(target_.url)) {}

  DestinationTraits traits() const override {
    return {.delivery = target_.ledger ? Delivery::transactional : Delivery::none,
            .ordered = target_.rules.merges(),
            .single_node = false,
            .restarts = target_.rules.replaces()};
  }

  PrepareResult prepare(const PrepareRequest& request, ConnectorContext& context) override;
  WriteResult write(const WriteRequest& request, ConnectorContext& context) override;
  std::optional<std::uint64_t> count(bool allow_expensive, ConnectorContext& context) override;
  std::optional<std::uint64_t> ledger_rows(ConnectorContext& context) override;
  FinishResult finish(ConnectorContext& context) override;
  void abandon(ConnectorContext& context) override;

 private:
  // What prepare() found out; never changes once it is there.
  struct Prepared {
    PostgresqlTable table;
    WriteRules rules;
    // Of replace: the table that is filled; nullopt once the rows were exchanged.
    std::optional<PostgresqlTable> staging;
    std::vector<std::string> columns;
    std::string load_hash;
    bool refuse_reload = false;

    const PostgresqlTable& written() const { return staging ? *staging : table; }
  };

  /// Runs `work` with a connection and says in the engine's words what failed.
  template <typename Work>
  auto with_session(std::string_view doing, ConnectorContext& context, Work work);
  std::shared_ptr<const Prepared> prepared(PostgresqlConnection& connection);
  std::shared_ptr<const Prepared> prepared_for_rehearsal(PostgresqlConnection& connection);
  std::optional<PostgresqlTable> find_staging(PostgresqlConnection& connection,
                                              const PostgresqlTable& table) const;
  void forget_staging();
  std::optional<PostgresqlLedger> ledger(PostgresqlConnection& connection,
                                         const PostgresqlTable& table) const;
  WriteResult write_with(PostgresqlSession& session, const WriteRequest& request,
                         const ConnectorContext& context);
  WriteResult rehearse(PostgresqlSession& session, const WriteRequest& request);
  /// Makes the rows ready for write_rows().
  static void encode(PostgresqlSession& session, const Prepared& known, const OutputBatch& batch);
  static WriteResult write_rows(PostgresqlSession& session, const Prepared& known,
                                const OutputBatch& batch);
  void exchange(PostgresqlConnection& connection, const Prepared& known);
  std::optional<std::uint64_t> count_with(PostgresqlConnection& connection, bool allow_expensive);

  const PostgresqlTarget target_;
  const std::shared_ptr<PostgresqlSessions> sessions_;
  std::mutex mutex_;
  std::shared_ptr<const Prepared> prepared_;
  // Nobody else can begin this load any more.
  std::atomic<bool> has_written_ = false;
  // Of a rehearsal: what the table is to be made from where it is missing.
  std::optional<PrepareRequest> rehearsed_;
};

template <typename Work>
auto PostgresqlDestination::with_session(std::string_view doing, ConnectorContext& context,
                                         Work work) {
  check_interrupted(context);
  try {
    const auto watch = [&context] { check_interrupted(context); };
    const PostgresqlSessions::Lease session = sessions_->take(watch);
    return work(*session);
  } catch (const DatabaseError& error) {
    throw destination_error(
        error.failure(),
        std::string(doing) + ' ' + display_table(target_.table) + " in " + target_.url.display());
  }
}

std::shared_ptr<const PostgresqlDestination::Prepared> PostgresqlDestination::prepared(
    PostgresqlConnection& connection) {
  {
    const std::lock_guard lock(mutex_);
    if (prepared_) return prepared_;
  }
  auto found = std::make_shared<Prepared>();
  found->table = find_postgresql_table(connection, target_);
  found->rules = rules_for(target_, found->table);
  found->staging = find_staging(connection, found->table);
  const std::lock_guard lock(mutex_);
  if (!prepared_) prepared_ = std::move(found);
  return prepared_;
}

std::optional<PostgresqlTable> PostgresqlDestination::find_staging(
    PostgresqlConnection& connection, const PostgresqlTable& table) const {
  if (!target_.rules.replaces()) return std::nullopt;
  const PostgresqlStaging staging(connection, table, target_.job_id);
  auto found = read_postgresql_table(connection, staging.name());
  // Records that are replayed after the exchange join the others.
  if (!found && !replacement_is_done(connection, target_, table)) {
    throw_given_up(display_table(table.name), target_.job_id);
  }
  return found;
}

// The rows were exchanged, or the job was given up: whoever writes next looks anew.
void PostgresqlDestination::forget_staging() {
  const std::lock_guard lock(mutex_);
  if (!prepared_) return;
  auto changed = std::make_shared<Prepared>(*prepared_);
  changed->staging.reset();
  prepared_ = std::move(changed);
}

std::optional<PostgresqlLedger> PostgresqlDestination::ledger(PostgresqlConnection& connection,
                                                              const PostgresqlTable& table) const {
  const auto name = ledger_name(target_, table);
  if (!name) return std::nullopt;
  return PostgresqlLedger(connection, *name);
}

PrepareResult PostgresqlDestination::prepare(const PrepareRequest& asked,
                                             ConnectorContext& context) {
  const ShortNames names(asked.columns);
  const PrepareRequest request = names.applied_to(asked);
  return with_session("cannot prepare", context, [&](PostgresqlSession& session) {
    auto found = std::make_shared<Prepared>();
    found->table = prepare_postgresql(session, target_, request);
    found->rules = rules_for(target_, found->table);
    if (target_.rules.replaces() && !request.read_only) {
      session.connection.run(session.begin(true));
      found->staging = find_staging(session.connection, found->table);
      session.connection.run("COMMIT");
    }
    if (target_.rules.disposition == WriteDisposition::append) {
      found->load_hash = request.load_hash;
    }
    found->refuse_reload = request.refuse_reload;
    const auto named = with_catalog_names(request, found->table.catalog, target_.rules.match);
    found->columns = column_names(named.columns);
    PrepareResult result;
    names.warn(result.warnings);
    if (found->table.is_new) {
      warn_of_changed_types(request, &postgresql_column_type, result.warnings);
    }
    warn_of_left_out(request, found->table.catalog, target_.rules.match, result.warnings);
    warn_of_loose_key(target_.rules, found->table.catalog, result.warnings);
    result.catalog = found->table.catalog;
    names.note_in(result.catalog);
    result.catalog.merge_key = found->rules.key;
    if (!named.columns.empty()) key_positions(named.columns, found->rules.key);
    if (found->table.unlogged) {
      result.warnings.push_back("The table " + display_table(found->table.name) +
                                " is unlogged: when its server crashes the rows are gone and the "
                                "ledger is not.");
    }
    const std::lock_guard lock(mutex_);
    if (request.read_only) {
      rehearsed_ = request;
    } else {
      prepared_ = std::move(found);
    }
    return result;
  });
}

WriteResult PostgresqlDestination::write(const WriteRequest& request, ConnectorContext& context) {
  if (request.rows.rows() > 0) require_columns(request.rows);
  return with_session("cannot write to", context, [&](PostgresqlSession& session) {
    return request.roll_back ? rehearse(session, request) : write_with(session, request, context);
  });
}

WriteResult PostgresqlDestination::write_with(PostgresqlSession& session,
                                              const WriteRequest& request,
                                              const ConnectorContext& context) {
  PostgresqlConnection& connection = session.connection;
  const auto known = prepared(connection);
  auto ledger = this->ledger(connection, known->table);
  LedgerRow ledger_row = ledger_row_of(request, display_table(known->table.name));
  ledger_row.load_hash = known->load_hash;
  std::string begin = session.begin(false) + "SET CONSTRAINTS ALL IMMEDIATE";
  const bool is_first = ledger && known->refuse_reload && !has_written_;
  if (is_first) {
    connection.run(std::exchange(begin, ""));
    ledger->refuse_load_of_others(target_.job_id, ledger_row.target, known->load_hash);
  }
  if (ledger) {
    if (!begin.empty()) begin += "; ";
    begin += ledger->insert_statement(target_.job_id, ledger_row);
  }
  connection.start(begin);
  encode(session, *known, request.rows);
  const std::uint64_t inserted = connection.finish().affected();
  if (ledger && inserted == 0) {
    const auto found = ledger->find(target_.job_id, request.unit);
    if (found) return result_of(*found, request);
    throw Error(Code::serialization_failure,
                "The ledger's row '" + request.unit + "' came and went while it was read.");
  }
  core::fault_point("destination.after_ledger_insert");

  WriteResult result = write_rows(session, *known, request.rows);
  if (ledger) {
    ledger_row.inserted = result.inserted;
    ledger_row.updated = result.updated;
    ledger_row.outcome = encode_outcome(result);
    ledger->update(target_.job_id, ledger_row);
  }
  check_interrupted(context);
  core::fault_point("destination.before_commit");
  commit_for_ledger(connection);
  core::fault_point("destination.after_commit");
  has_written_ = true;
  return result;
}

void PostgresqlDestination::encode(PostgresqlSession& session, const Prepared& known,
                                   const OutputBatch& batch) {
  if (batch.rows() > 0 && !known.rules.upserts()) session.text.assign(batch);
}

WriteResult PostgresqlDestination::write_rows(PostgresqlSession& session, const Prepared& known,
                                              const OutputBatch& batch) {
  WriteResult result;
  if (batch.rows() == 0) return result;
  PostgresqlRowWriter writer(session.connection, known.written(), known.rules, batch, session.text);
  PostgresqlRows rows = writer.write();
  result.inserted = rows.inserted;
  result.updated = rows.updated;
  result.unchanged = rows.unchanged;
  result.exceptions = write_exceptions(batch, std::move(rows.refused));
  if (known.staging) {
    speak_of_target(result.exceptions, known.staging->name.table, known.table.name.table);
  }
  return result;
}

// Everything but the commit, and nothing that would outlive it: no ledger either.
WriteResult PostgresqlDestination::rehearse(PostgresqlSession& session,
                                            const WriteRequest& request) {
  session.connection.run(session.begin(false) + "SET CONSTRAINTS ALL IMMEDIATE");
  const auto known = prepared_for_rehearsal(session.connection);
  encode(session, *known, request.rows);
  WriteResult result = write_rows(session, *known, request.rows);
  session.connection.run("ROLLBACK");
  return result;
}

// Tables that are made here are gone with the transaction, so each one looks for itself.
std::shared_ptr<const PostgresqlDestination::Prepared>
PostgresqlDestination::prepared_for_rehearsal(PostgresqlConnection& connection) {
  std::optional<PrepareRequest> request;
  {
    const std::lock_guard lock(mutex_);
    request = rehearsed_;
  }
  if (target_.create_table && request && !read_postgresql_table(connection, target_.table)) {
    create_postgresql_table(connection, target_, *request);
  }
  auto found = std::make_shared<Prepared>();
  found->table = find_postgresql_table(connection, target_);
  found->rules = rules_for(target_, found->table);
  if (target_.rules.replaces()) {
    PostgresqlStaging staging(connection, found->table, target_.job_id);
    if (!staging.exists()) staging.make();
    found->staging = read_postgresql_table(connection, staging.name());
  }
  return found;
}

std::optional<std::uint64_t> PostgresqlDestination::count(bool allow_expensive,
                                                          ConnectorContext& context) {
  // A merge finds some of its rows there already: the table's growth says nothing.
  if (target_.rules.merges()) return std::nullopt;
  return with_session("cannot count", context, [&](PostgresqlSession& session) {
    session.connection.run(session.begin(true));
    return count_with(session.connection, allow_expensive);
  });
}

std::optional<std::uint64_t> PostgresqlDestination::count_with(PostgresqlConnection& connection,
                                                               bool allow_expensive) {
  const auto known = prepared(connection);
  if (!allow_expensive) {
    const std::array<PostgresqlConnection::Parameter, 1> parameters{known->table.oid};
    // A table that was never analysed is taken for one of short rows.
    const auto estimate = connection.run(
        "SELECT coalesce(sum(CASE WHEN c.reltuples >= 0 THEN c.reltuples "
        "ELSE pg_relation_size(c.oid) / 100 END), 0) > " +
            std::to_string(expensive_count) +
            " FROM pg_class c WHERE c.relkind = 'r' AND (c.oid = $1::oid OR c.oid IN "
            "(SELECT relid FROM pg_partition_tree($1::oid::regclass)))",
        parameters);
    if (estimate.flag(0, 0)) return std::nullopt;
  }
  try {
    const auto count = connection.run("SELECT count(*) FROM " + quote_table(known->table.name));
    return static_cast<std::uint64_t>(count.integer(0, 0));
  } catch (const database::PostgresqlError& error) {
    // A role that may only insert.
    if (error.diagnostics().sqlstate == "42501") return std::nullopt;
    throw;
  }
}

std::optional<std::uint64_t> PostgresqlDestination::ledger_rows(ConnectorContext& context) {
  if (!target_.ledger) return std::nullopt;
  return with_session(
      "cannot read the ledger of", context,
      [&](PostgresqlSession& session) -> std::optional<std::uint64_t> {
        session.connection.run(session.begin(true));
        const auto known = prepared(session.connection);
        return ledger(session.connection, known->table)->rows_written(target_.job_id);
      });
}

FinishResult PostgresqlDestination::finish(ConnectorContext& context) {
  return with_session("cannot finish the load of", context, [&](PostgresqlSession& session) {
    PostgresqlConnection& connection = session.connection;
    connection.run(session.begin(false));
    const auto known = prepared(connection);
    if (target_.rules.replaces()) exchange(connection, *known);
    FinishResult result;
    if (target_.sync_sequences) {
      result.warnings = sync_sequences(connection, known->table, known->columns);
    }
    if (auto ledger = this->ledger(connection, known->table)) {
      ledger->complete(target_.job_id, display_table(known->table.name), known->load_hash);
    }
    check_interrupted(context);
    core::fault_point("destination.before_commit");
    commit_for_ledger(connection);
    core::fault_point("destination.after_commit");
    forget_staging();
    return result;
  });
}

void PostgresqlDestination::exchange(PostgresqlConnection& connection, const Prepared& known) {
  PostgresqlStaging staging(connection, known.table, target_.job_id);
  staging.lock();
  if (replacement_is_done(connection, target_, known.table)) return;
  Replacement replacement{
      .target = display_table(known.table.name),
      .job_id = target_.job_id,
      .columns = known.columns.empty() ? known.table.column_names() : known.columns,
      .allow_empty = target_.rules.allow_empty,
      .ledger_rows = std::nullopt};
  if (auto ledger = this->ledger(connection, known.table)) {
    replacement.ledger_rows = ledger->rows_written(target_.job_id);
  }
  replace_rows(staging, replacement);
}

// What an append or a merge has committed stays; rows that were to replace others go.
void PostgresqlDestination::abandon(ConnectorContext& context) {
  if (!target_.rules.replaces()) return;
  with_session("cannot clean up after the load of", context, [&](PostgresqlSession& session) {
    PostgresqlConnection& connection = session.connection;
    connection.run(session.begin(false));
    const auto table = read_postgresql_table(connection, target_.table);
    if (!table) return;
    PostgresqlStaging staging(connection, *table, target_.job_id);
    staging.lock();
    if (staging.exists()) staging.drop();
    commit_for_ledger(connection);
    forget_staging();
  });
}

}  // namespace

std::unique_ptr<Destination> make_postgresql_destination(const ConnectorRequest& request,
                                                         PostgresqlPools& pools) {
  return std::make_unique<PostgresqlDestination>(postgresql_target(request.spec, request.job_id),
                                                 pools);
}

}  // namespace freight::sql
