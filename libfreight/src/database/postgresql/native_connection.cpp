#include "database/postgresql/native_connection.hpp"

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <utility>

#include <libpq-fe.h>

#include "database/postgresql/notices.hpp"
#include "database/postgresql/postgresql_error.hpp"

namespace freight::database {
namespace {

constexpr int watch_interval_ms = 100;
constexpr std::size_t piece_bytes = 65'536;
/// How long a server may be silent before it is asked; and, when its answer is no, asked again:
/// what it had to say may be on its way.
constexpr std::chrono::seconds silence_limit{10};
constexpr std::chrono::seconds second_look{1};
// The server sends it back when a COPY is broken off; nothing of its own reads like this.
constexpr const char* broken_off = "freight broke off this COPY";

std::string field(const PGresult* result, int code) {
  const char* text = PQresultErrorField(result, code);
  return text == nullptr ? std::string() : std::string(text);
}

PostgresqlDiagnostics diagnostics_of(const PGresult* result) {
  return {.sqlstate = field(result, PG_DIAG_SQLSTATE),
          .message = field(result, PG_DIAG_MESSAGE_PRIMARY),
          .detail = field(result, PG_DIAG_MESSAGE_DETAIL),
          .hint = field(result, PG_DIAG_MESSAGE_HINT),
          .context = field(result, PG_DIAG_CONTEXT),
          .schema = field(result, PG_DIAG_SCHEMA_NAME),
          .table = field(result, PG_DIAG_TABLE_NAME),
          .column = field(result, PG_DIAG_COLUMN_NAME),
          .constraint = field(result, PG_DIAG_CONSTRAINT_NAME),
          .position = field(result, PG_DIAG_STATEMENT_POSITION)};
}

bool is_failure(const PGresult* result) {
  const auto status = PQresultStatus(result);
  return status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE;
}

}  // namespace

PostgresqlError::PostgresqlError(DatabaseFailure failure, PostgresqlDiagnostics diagnostics)
    : DatabaseError(std::move(failure)),
      diagnostics_(std::make_shared<const PostgresqlDiagnostics>(std::move(diagnostics))) {}

PostgresqlResult::PostgresqlResult(::pg_result* result) : result_(result) {}

void PostgresqlResult::Clear::operator()(::pg_result* result) const { PQclear(result); }

int PostgresqlResult::rows() const { return PQntuples(result_.get()); }

int PostgresqlResult::columns() const { return PQnfields(result_.get()); }

std::string_view PostgresqlResult::column_name(int column) const {
  return PQfname(result_.get(), column);
}

std::uint32_t PostgresqlResult::type(int column) const { return PQftype(result_.get(), column); }

int PostgresqlResult::type_modifier(int column) const { return PQfmod(result_.get(), column); }

int PostgresqlResult::parameters() const { return PQnparams(result_.get()); }

std::string_view PostgresqlResult::text(int row, int column) const {
  return {PQgetvalue(result_.get(), row, column),
          static_cast<std::size_t>(PQgetlength(result_.get(), row, column))};
}

bool PostgresqlResult::is_null(int row, int column) const {
  return PQgetisnull(result_.get(), row, column) != 0;
}

std::int64_t PostgresqlResult::integer(int row, int column) const {
  std::int64_t number = 0;
  const std::string_view digits = text(row, column);
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return number;
}

bool PostgresqlResult::flag(int row, int column) const { return text(row, column) == "t"; }

std::uint64_t PostgresqlResult::affected() const {
  std::uint64_t number = 0;
  const std::string_view digits = PQcmdTuples(result_.get());
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return number;
}

std::string_view PostgresqlResult::tag() const { return PQcmdStatus(result_.get()); }

PostgresqlConnection::PostgresqlConnection(::pg_conn* connection) : connection_(connection) {
  ignore_notices(connection_);
  PQsetnonblocking(connection_, 1);
}

PostgresqlResult PostgresqlConnection::run(const std::string& sql) {
  start(sql);
  return finish();
}

void PostgresqlConnection::start(const std::string& sql) {
  send_done(PQsendQuery(connection_, sql.c_str()));
}

PostgresqlResult PostgresqlConnection::finish() { return answer(); }

PostgresqlResult PostgresqlConnection::run(const std::string& sql,
                                           std::span<const Parameter> parameters) {
  // libpq wants them ended by a NUL byte.
  std::vector<std::string> texts;
  std::vector<const char*> values;
  texts.reserve(parameters.size());
  for (const Parameter& parameter : parameters) {
    values.push_back(parameter ? texts.emplace_back(*parameter).c_str() : nullptr);
  }
  send_done(PQsendQueryParams(connection_, sql.c_str(), static_cast<int>(values.size()), nullptr,
                              values.data(), nullptr, nullptr, 0));
  return answer();
}

PostgresqlResult PostgresqlConnection::describe(const std::string& sql) {
  send_done(PQsendPrepare(connection_, "", sql.c_str(), 0, nullptr));
  answer();
  send_done(PQsendDescribePrepared(connection_, ""));
  return answer();
}

std::optional<std::uint64_t> PostgresqlConnection::copy_in(const std::string& sql,
                                                           std::span<const std::string_view> pieces,
                                                           bool stop_early) {
  send_done(PQsendQuery(connection_, sql.c_str()));
  const PostgresqlResult ready = answer();
  try {
    if (send_pieces(pieces, stop_early))
      end_copy(nullptr);
    else
      end_copy(broken_off);
    return answer().affected();
  } catch (const PostgresqlError& error) {
    if (error.diagnostics().message.find(broken_off) != std::string::npos) return std::nullopt;
    throw CopyRefused(error);
  }
}

int PostgresqlConnection::server_version() const { return PQserverVersion(connection_); }

std::string_view PostgresqlConnection::server_encoding() const {
  const char* const encoding = PQparameterStatus(connection_, "server_encoding");
  return encoding == nullptr ? std::string_view() : std::string_view(encoding);
}

int PostgresqlConnection::server_process() const { return PQbackendPID(connection_); }

std::string_view PostgresqlConnection::user() const { return PQuser(connection_); }

bool PostgresqlConnection::usable() const {
  if (given_up_ || PQstatus(connection_) != CONNECTION_OK) return false;
  // Unasked the server speaks to say goodbye, and hardly ever to say anything else.
  return !has_input();
}

void PostgresqlConnection::send_done(int sent) {
  moved();
  if (sent == 0) fail(nullptr);
  flush();
}

PostgresqlResult PostgresqlConnection::answer() {
  PostgresqlResult last(nullptr);
  PostgresqlResult failure(nullptr);
  for (;;) {
    while (PQisBusy(connection_) != 0) wait(false);
    PGresult* const next = PQgetResult(connection_);
    if (next == nullptr) break;
    PostgresqlResult result(next);
    if (PQresultStatus(next) == PGRES_COPY_IN) return result;
    // What follows a failure only repeats it, in other words.
    if (is_failure(next) && failure.get() == nullptr)
      failure = std::move(result);
    else
      last = std::move(result);
  }
  if (failure.get() != nullptr || last.get() == nullptr) fail(failure.get());
  return last;
}

void PostgresqlConnection::flush() {
  for (;;) {
    const int left = PQflush(connection_);
    if (left == 0) return;
    if (left < 0) fail(nullptr);
    wait(true);
  }
}

void PostgresqlConnection::wait(bool for_writing) {
  pollfd socket{.fd = PQsocket(connection_),
                .events = static_cast<short>(for_writing ? POLLIN | POLLOUT : POLLIN),
                .revents = 0};
  const int ready = ::poll(&socket, 1, watch_interval_ms);
  if (ready < 0 && errno != EINTR) fail(nullptr);
  if (ready > 0)
    moved();
  else
    look_after_server();
  if (ready > 0 && (socket.revents & ~POLLOUT) != 0) {
    heard_ = true;
    // A broken connection shows in the answer, with the server's last words.
    PQconsumeInput(connection_);
  }
  ask_watch();
}

void PostgresqlConnection::moved() {
  moved_at_ = std::chrono::steady_clock::now();
  look_at_ = moved_at_ + silence_limit;
  in_doubt_ = false;
  blockers_.clear();
}

void PostgresqlConnection::look_after_server() {
  if (std::chrono::steady_clock::now() < look_at_) return;
  if (!probe_) probe_.emplace(connection_);
  const bool works = probe_->still_works([this] { ask_watch(); }, &blockers_);
  const auto now = std::chrono::steady_clock::now();
  if (works || !in_doubt_) {
    in_doubt_ = !works;
    look_at_ = now + (works ? silence_limit : second_look);
    return;
  }
  given_up_ = true;
  const auto silent_for = std::chrono::round<std::chrono::seconds>(now - moved_at_).count();
  throw PostgresqlError({.condition = Condition::unavailable,
                         .sqlstate = {},
                         .native_code = 0,
                         .text = "the server has said nothing for " + std::to_string(silent_for) +
                                 " s and does not work on what it was asked",
                         .session_lost = true},
                        {});
}

void PostgresqlConnection::ask_watch() {
  const auto now = std::chrono::steady_clock::now();
  if (!watch_ || now - asked_at_ < std::chrono::milliseconds(watch_interval_ms)) return;
  asked_at_ = now;
  try {
    watch_();
  } catch (...) {
    given_up_ = true;
    throw;
  }
}

bool PostgresqlConnection::has_input() const {
  pollfd socket{.fd = PQsocket(connection_), .events = POLLIN, .revents = 0};
  return ::poll(&socket, 1, 0) > 0;
}

bool PostgresqlConnection::send_pieces(std::span<const std::string_view> pieces, bool stop_early) {
  heard_ = false;
  for (std::string_view rest : pieces) {
    while (!rest.empty()) {
      if (stop_early && (heard_ || has_input())) return false;
      const std::string_view piece = rest.substr(0, piece_bytes);
      send_piece(piece);
      rest.remove_prefix(piece.size());
    }
  }
  return true;
}

void PostgresqlConnection::send_piece(std::string_view piece) {
  int sent = 0;
  while ((sent = PQputCopyData(connection_, piece.data(), static_cast<int>(piece.size()))) == 0) {
    wait(true);
  }
  if (sent < 0) {
    answer();  // Throws: the server's words if there are any, else libpq's.
    fail(nullptr);
  }
  flush();
}

void PostgresqlConnection::end_copy(const char* reason) {
  int sent = 0;
  while ((sent = PQputCopyEnd(connection_, reason)) == 0) wait(true);
  if (sent > 0) flush();
}

void PostgresqlConnection::fail(const ::pg_result* result) {
  const bool connected = PQstatus(connection_) == CONNECTION_OK;
  if (result == nullptr) {
    given_up_ = true;
    throw PostgresqlError(describe_postgresql("", PQerrorMessage(connection_), connected), {});
  }
  PostgresqlDiagnostics diagnostics = diagnostics_of(result);
  std::string text = diagnostics.message;
  if (text.empty()) text = PQresultErrorMessage(result);
  DatabaseFailure failure = describe_postgresql(diagnostics.sqlstate, std::move(text), connected);
  if (failure.session_lost) given_up_ = true;
  throw PostgresqlError(std::move(failure), std::move(diagnostics));
}

}  // namespace freight::database
