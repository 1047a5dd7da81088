#include "connectors/sql/postgresql/postgresql_source.hpp"

#include <atomic>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "connectors/sql/postgresql/postgresql_sessions.hpp"
#include "connectors/sql/postgresql/postgresql_source_rows.hpp"
#include "connectors/sql/postgresql/postgresql_source_shape.hpp"
#include "connectors/sql/source/source_error.hpp"
#include "connectors/sql/source/sql_source.hpp"

namespace freight::sql {
namespace {

using database::DatabaseError;
using database::PostgresqlConnection;
using database::PostgresqlResult;
using Parameter = PostgresqlConnection::Parameter;

// One snapshot for all statements of a look; values in texts that read back to the very same; rows
// in the same order each time where nothing else orders them. Without statistics the server would
// rather sort all that is left of a table for each range than walk the key's index.
constexpr const char* settings =
    "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; "
    "SET LOCAL bytea_output = 'hex'; SET LOCAL extra_float_digits = 1; "
    "SET LOCAL IntervalStyle = 'iso_8601'; SET LOCAL synchronize_seqscans = off; "
    "SET LOCAL max_parallel_workers_per_gather = 0; SET LOCAL jit = off; "
    "SET LOCAL enable_sort = off";

// What is left reads a table from one end to the other.
constexpr const char* settings_by_place =
    "; SET LOCAL enable_indexscan = off; SET LOCAL enable_indexonlyscan = off; "
    "SET LOCAL enable_bitmapscan = off; SET LOCAL enable_seqscan = off";

// With row_security off the server refuses what it would else filter.
void warn_of_row_security(PostgresqlConnection& connection, SourceShape& shape) {
  connection.run("SAVEPOINT freight_row_security; SET LOCAL row_security = off");
  try {
    connection.describe("SELECT * FROM " + shape.from);
  } catch (const database::PostgresqlError& error) {
    if (error.failure().condition != database::Condition::denied) throw;
    shape.warnings.push_back(
        "Row-level security is in force on the source: rows that its policies "
        "hide from " +
        std::string(connection.user()) + " are neither read nor counted.");
  }
  connection.run("ROLLBACK TO freight_row_security");
}

class PostgresqlSourceDatabase final : public SourceDatabase {
 public:
  PostgresqlSourceDatabase(const SqlSourceSpec& spec, PostgresqlPools& pools)
      : spec_(spec),
        url_(database::parse_url(spec.url, Code::source_unreadable)),
        sessions_(pools.of(url_)) {}

  SourceShape look(ConnectorContext& context) override {
    return in_transaction(context, [this](PostgresqlConnection& connection) {
      SourceShape shape = look_at_postgresql_source(connection, spec_, url_.display());
      if (spec_.allow_row_security) warn_of_row_security(connection, shape);
      by_place_ = shape.by_place;
      return shape;
    });
  }

  std::optional<std::uint64_t> number(const std::string& sql, std::span<const std::string> bounds,
                                      ConnectorContext& context) override {
    const PostgresqlResult row = run(sql, bounds, context);
    if (row.rows() == 0) return std::nullopt;
    return static_cast<std::uint64_t>(row.integer(0, 0));
  }

  std::optional<SourceCut> cut(const std::string& sql, std::span<const std::string> bounds,
                               ConnectorContext& context) override {
    const PostgresqlResult row = run(sql, bounds, context);
    if (row.rows() == 0) return std::nullopt;
    SourceCut cut{.records = static_cast<std::uint64_t>(row.integer(0, 0)),
                  .repeated = row.integer(0, 1) != 0,
                  .last = {}};
    for (int column = 2; column < row.columns(); ++column) {
      cut.last.emplace_back(row.text(0, column));
    }
    return cut;
  }

  void read(const std::string& sql, std::span<const std::string> bounds,
            std::uint64_t first_ordinal, RecordBatch& batch, ConnectorContext& context) override {
    RowRules rules{.max_record_bytes = spec_.max_record_bytes};
    const PostgresqlResult rows = run(sql, bounds, context, &rules.check_text);
    append_postgresql_rows(rows, first_ordinal, rules, batch);
  }

  bool has_json_values() const override { return true; }

 private:
  /// Runs `work` in a transaction and says in the engine's words what failed.
  template <typename Work>
  std::invoke_result_t<Work, PostgresqlConnection&> in_transaction(ConnectorContext& context,
                                                                   Work work) {
    check_reading(context);
    try {
      const auto watch = [&context] { check_reading(context); };
      const PostgresqlSessions::Lease session = sessions_->take(watch);
      PostgresqlConnection& connection = session->connection;
      connection.run(session->begin(true) + settings + (by_place_ ? settings_by_place : "") +
                     (spec_.allow_row_security ? "; SET LOCAL row_security = on"
                                               : "; SET LOCAL row_security = off"));
      auto result = work(connection);
      connection.run("COMMIT");
      return result;
    } catch (const DatabaseError& error) {
      throw source_error(error.failure(),
                         "cannot read " +
                             (spec_.query.empty() ? spec_.table : std::string("source.query")) +
                             " in " + url_.display());
    }
  }

  /// `is_unchecked` is set for a server that knows nothing of its texts' encoding.
  PostgresqlResult run(const std::string& sql, std::span<const std::string> bounds,
                       ConnectorContext& context, bool* is_unchecked = nullptr) {
    std::vector<Parameter> parameters;
    for (const SqlParameter& parameter : spec_.params) {
      parameters.push_back(parameter.text ? Parameter(*parameter.text) : std::nullopt);
    }
    for (const std::string& bound : bounds) parameters.emplace_back(bound);
    return in_transaction(context, [&](PostgresqlConnection& connection) {
      if (is_unchecked != nullptr) *is_unchecked = connection.server_encoding() == "SQL_ASCII";
      return connection.run(sql, parameters);
    });
  }

  const SqlSourceSpec spec_;
  const database::Url url_;
  const std::shared_ptr<PostgresqlSessions> sessions_;
  std::atomic<bool> by_place_{false};
};

}  // namespace

std::unique_ptr<Source> make_postgresql_source(const ConnectorRequest& request,
                                               PostgresqlPools& pools) {
  const auto& source = std::get<SqlSourceSpec>(request.spec.source);
  return make_sql_source(source, std::make_unique<PostgresqlSourceDatabase>(source, pools));
}

}  // namespace freight::sql
