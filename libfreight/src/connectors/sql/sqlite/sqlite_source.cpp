#include "connectors/sql/sqlite/sqlite_source.hpp"

#include <chrono>
#include <mutex>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "connectors/sql/source/source_error.hpp"
#include "connectors/sql/source/sql_source.hpp"
#include "connectors/sql/sqlite/sqlite_source_shape.hpp"
#include "connectors/sql/sqlite/sqlite_source_values.hpp"
#include "database/sqlite/native_connection.hpp"
#include "database/sqlite/sqlite_session.hpp"
#include "database/url.hpp"

namespace freight::sql {
namespace {

using database::DatabaseError;
using database::Session;
using database::SqliteStatement;

// A writer that commits keeps readers out for a moment, one that holds the file for longer is
// waited for as for an outage.
constexpr std::chrono::seconds read_busy_timeout{30};

class SqliteSourceDatabase final : public SourceDatabase {
 public:
  explicit SqliteSourceDatabase(const SqlSourceSpec& spec)
      : spec_(spec), url_(database::parse_url(spec.url, Code::source_unreadable)) {}

  SourceShape look(ConnectorContext& context) override {
    return with_connection(context, [this](::sqlite3* connection) {
      return look_at_sqlite_source(connection, spec_, url_.path);
    });
  }

  std::optional<std::uint64_t> number(const std::string& sql, std::span<const std::string> bounds,
                                      ConnectorContext& context) override {
    return with_connection(context, [&](::sqlite3* connection) -> std::optional<std::uint64_t> {
      SqliteStatement query(connection, sql);
      const SqliteBindings bindings(spec_.params, bounds);
      bindings.bind(query);
      if (!query.step()) return std::nullopt;
      return static_cast<std::uint64_t>(query.integer(0));
    });
  }

  std::optional<SourceCut> cut(const std::string& sql, std::span<const std::string> bounds,
                               ConnectorContext& context) override {
    return with_connection(context, [&](::sqlite3* connection) -> std::optional<SourceCut> {
      SqliteStatement query(connection, sql);
      const SqliteBindings bindings(spec_.params, bounds);
      bindings.bind(query);
      if (!query.step()) return std::nullopt;
      SourceCut cut{.records = static_cast<std::uint64_t>(query.integer(0)),
                    .repeated = query.integer(1) != 0,
                    .last = {}};
      for (int column = 2; column < query.columns(); ++column) {
        cut.last.push_back(sqlite_key_value(query, column));
      }
      return cut;
    });
  }

  void read(const std::string& sql, std::span<const std::string> bounds,
            std::uint64_t first_ordinal, RecordBatch& batch, ConnectorContext& context) override {
    with_connection(context, [&](::sqlite3* connection) {
      SqliteStatement query(connection, sql);
      const SqliteBindings bindings(spec_.params, bounds);
      bindings.bind(query);
      std::uint64_t ordinal = first_ordinal;
      SqliteRowAppender rows(batch, spec_.max_record_bytes);
      while (query.step()) rows.append(query, ordinal++);
      return ordinal;
    });
  }

  // A text is a text, whatever its column's declared type.
  bool has_json_values() const override { return false; }

 private:
  /// Runs `work` with a connection of its own and says in the engine's words what failed.
  template <typename Work>
  std::invoke_result_t<Work, ::sqlite3*> with_connection(ConnectorContext& context, Work work) {
    check_reading(context);
    try {
      std::unique_ptr<Session> session = take();
      const auto run = [&] {
        ::sqlite3* const connection = database::sqlite_handle(*session);
        const auto go_on = [&context] { return may_read_on(context); };
        const database::SqliteBusyWait wait(connection, read_busy_timeout, go_on);
        const database::SqliteProgressWatch watch(connection, go_on);
        return work(connection);
      };
      auto result = run();
      // Not after a failure: a file that was moved or altered is met afresh the next time.
      give_back(std::move(session));
      return result;
    } catch (const DatabaseError& error) {
      check_reading(context);
      throw source_error(error.failure(), "cannot read " + subject() + " in " + url_.path);
    }
  }

  std::unique_ptr<Session> take() {
    {
      const std::lock_guard lock(mutex_);
      if (!idle_.empty()) {
        auto session = std::move(idle_.back());
        idle_.pop_back();
        return session;
      }
    }
    return database::open_sqlite_session(url_, {.read_only = true});
  }

  void give_back(std::unique_ptr<Session> session) {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(session));
  }

  std::string subject() const { return spec_.query.empty() ? spec_.table : "source.query"; }

  const SqlSourceSpec spec_;
  const database::Url url_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Session>> idle_;
};

}  // namespace

std::unique_ptr<Source> make_sqlite_source(const ConnectorRequest& request) {
  const auto& source = std::get<SqlSourceSpec>(request.spec.source);
  return make_sql_source(source, std::make_unique<SqliteSourceDatabase>(source));
}

}  // namespace freight::sql
