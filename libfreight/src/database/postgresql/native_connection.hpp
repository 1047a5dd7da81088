#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "database/database_error.hpp"
#include "database/postgresql/liveness_probe.hpp"

struct pg_conn;
struct pg_result;

namespace freight::database {

/// What the server says of an error, field by field; empty where it says nothing.
struct PostgresqlDiagnostics {
  std::string sqlstate;
  std::string message;
  std::string detail;
  std::string hint;
  /// Localised, and of several lines.
  std::string context;
  std::string schema;
  std::string table;
  std::string column;
  std::string constraint;
  /// The place within the statement that is meant, in characters from 1; empty for none.
  std::string position;
};

/// A DatabaseError with all that the server said.
class PostgresqlError : public DatabaseError {
 public:
  PostgresqlError(DatabaseFailure failure, PostgresqlDiagnostics diagnostics);
  const PostgresqlDiagnostics& diagnostics() const { return *diagnostics_; }

 private:
  std::shared_ptr<const PostgresqlDiagnostics>
      diagnostics_;  // copies of an exception must not throw
};

/// The server took the COPY statement and refused its data.
class CopyRefused final : public PostgresqlError {
 public:
  explicit CopyRefused(const PostgresqlError& error) : PostgresqlError(error) {}
};

/// What a statement gave back.
class PostgresqlResult {
 public:
  explicit PostgresqlResult(::pg_result* result);

  int rows() const;
  int columns() const;
  std::string_view column_name(int column) const;
  /// The OID of the column's type; of a domain the type that it is made of.
  std::uint32_t type(int column) const;
  /// What limits the type, as its length; -1 for nothing.
  int type_modifier(int column) const;
  /// Of a described statement.
  int parameters() const;
  std::string_view text(int row, int column) const;
  bool is_null(int row, int column) const;
  /// An integer column; 0 for NULL.
  std::int64_t integer(int row, int column) const;
  /// A boolean column.
  bool flag(int row, int column) const;
  /// Rows inserted, updated or copied, by the server's own count.
  std::uint64_t affected() const;
  /// The command's tag, as "COMMIT".
  std::string_view tag() const;
  const ::pg_result* get() const { return result_.get(); }

 private:
  struct Clear {
    void operator()(::pg_result* result) const;
  };
  std::unique_ptr<::pg_result, Clear> result_;
};

/// A borrowed connection, used directly for what SOCI has no way to say: COPY, waits that end when
/// they are told to, and every field of an error. It never blocks for longer than a tenth of a
/// second without asking `watch`, which throws to give up: the connection is then closed() and to
/// be dropped, and the server rolls back. It gives up by itself when the server has been silent for
/// a while and, asked over another connection, does not work on it. Used by one thread at a time.
/// Throws PostgresqlError.
class PostgresqlConnection {
 public:
  using Watch = std::function<void()>;
  using Parameter = std::optional<std::string_view>;

  /// Notices of the server are dropped from now on: libpq would print them.
  explicit PostgresqlConnection(::pg_conn* connection);

  /// Replaces what is asked while waiting; an empty one waits as long as it takes.
  void set_watch(Watch watch) { watch_ = std::move(watch); }

  /// Runs one or more statements; the result is the last one's.
  PostgresqlResult run(const std::string& sql);
  /// run() in two halves, for work of one's own while the server does its part: nothing else may
  /// be asked of the connection in between.
  void start(const std::string& sql);
  PostgresqlResult finish();
  /// Runs one statement with text parameters $1, $2, …
  PostgresqlResult run(const std::string& sql, std::span<const Parameter> parameters);

  /// What one statement would return and what parameters it takes, without running it.
  PostgresqlResult describe(const std::string& sql);

  /// Runs `sql`, whose last statement is COPY … FROM STDIN, and sends it `pieces`, in order.
  /// Returns the number of rows that the server took in. With `stop_early` the sending ends as soon
  /// as the server has something to say, most likely a refusal; nullopt when it was nothing of the
  /// kind, and the COPY has failed for being broken off. Throws CopyRefused when the server refuses
  /// what it was sent, and what run() throws when it refuses the statement.
  std::optional<std::uint64_t> copy_in(const std::string& sql,
                                       std::span<const std::string_view> pieces, bool stop_early);

  /// The version of the server, as 150018.
  int server_version() const;
  /// As "UTF8"; texts of a server whose encoding is "SQL_ASCII" may be anything.
  std::string_view server_encoding() const;
  /// The number of the server's process that serves the connection, or what a pooler says instead.
  int server_process() const;
  /// The role that the connection was opened as.
  std::string_view user() const;

  /// Between statements: false when the connection is broken, was given up, or has something
  /// unread. Looks at the socket, asks nobody.
  bool usable() const;

 private:
  PostgresqlResult answer();
  void send_done(int sent);
  void flush();
  void wait(bool for_writing);
  void ask_watch();
  void moved();
  void look_after_server();
  bool has_input() const;
  bool send_pieces(std::span<const std::string_view> pieces, bool stop_early);
  void send_piece(std::string_view piece);
  void end_copy(const char* reason);
  [[noreturn]] void fail(const ::pg_result* result);

  ::pg_conn* connection_;
  Watch watch_;
  std::chrono::steady_clock::time_point asked_at_;
  // When the other side last did anything, and when it is to be asked what it does.
  std::chrono::steady_clock::time_point moved_at_;
  std::chrono::steady_clock::time_point look_at_;
  std::optional<LivenessProbe> probe_;
  std::string blockers_;  // what the probe saw last time
  bool in_doubt_ = false;
  bool given_up_ = false;
  // Something came in since the COPY began.
  bool heard_ = false;
};

/// Runs a statement of one parameter.
inline PostgresqlResult ask(PostgresqlConnection& connection, const std::string& sql,
                            std::string_view parameter) {
  const std::array<PostgresqlConnection::Parameter, 1> parameters{parameter};
  return connection.run(sql, parameters);
}

}  // namespace freight::database
