#include "database/postgresql/liveness_probe.hpp"

#include <poll.h>

#include <initializer_list>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <libpq-fe.h>

#include "database/postgresql/notices.hpp"
#include "database/postgresql/postgresql_error.hpp"

namespace freight::database {
namespace {

using Connection = std::unique_ptr<PGconn, decltype(&PQfinish)>;
using Result = std::unique_ptr<PGresult, decltype(&PQclear)>;

constexpr std::chrono::seconds limit{3};
constexpr int watch_every_ms = 100;

// A pooler gives another number than the server's own; then nothing can be said of a number.
constexpr const char* question =
    "SELECT pg_backend_pid(), (SELECT count(*) FROM pg_stat_activity WHERE pid = $1"
    " AND state NOT LIKE 'idle%' AND coalesce(wait_event, '') <> 'ClientRead')";

// The first version whose server says how much a COPY was sent.
constexpr int knows_copy_progress = 140'000;
// What blocks $1, each with what tells that nothing has happened since; and ends those of $2.
constexpr const char* question_of_blockers =
    "SELECT string_agg(mark, ' '), count(CASE WHEN mark = ANY (string_to_array($2, ' '))"
    " THEN pg_terminate_backend(pid) END)"
    " FROM (SELECT pid, pid || '@' || extract(epoch FROM query_start) || '+' || bytes_processed"
    " AS mark FROM unnest(pg_blocking_pids($1)) AS pid JOIN pg_stat_activity USING (pid)"
    " JOIN pg_stat_progress_copy USING (pid) WHERE wait_event = 'ClientRead'"
    " AND application_name = current_setting('application_name') AND usename = current_user) AS b";

/// One attempt, with its end.
class Call {
 public:
  explicit Call(const LivenessProbe::Watch& watch) : watch_(watch) {}

  /// False when the time is up before one of the events comes.
  bool wait(const PGconn* connection, short events) const {
    while (std::chrono::steady_clock::now() < end_) {
      pollfd socket{.fd = PQsocket(connection), .events = events, .revents = 0};
      const bool is_ready = ::poll(&socket, 1, watch_every_ms) > 0;
      if (watch_) watch_();
      if (is_ready) return true;
    }
    return false;
  }

 private:
  const LivenessProbe::Watch& watch_;
  const std::chrono::steady_clock::time_point end_ = std::chrono::steady_clock::now() + limit;
};

/// False when nobody answers in time.
bool connect(PGconn* connection, const Call& call) {
  auto state = PGRES_POLLING_WRITING;
  while (state != PGRES_POLLING_OK && state != PGRES_POLLING_FAILED) {
    if (!call.wait(connection, state == PGRES_POLLING_READING ? POLLIN : POLLOUT)) return false;
    state = PQconnectPoll(connection);
  }
  return true;
}

/// nullopt when nobody answers in time, or the connection breaks.
std::optional<Result> ask(PGconn* connection, const char* sql,
                          std::initializer_list<const char*> values, const Call& call) {
  PQsetnonblocking(connection, 1);
  if (PQsendQueryParams(connection, sql, static_cast<int>(values.size()), nullptr, values.begin(),
                        nullptr, nullptr, 0) == 0) {
    return std::nullopt;
  }
  while (PQflush(connection) > 0) {
    if (!call.wait(connection, POLLOUT)) return std::nullopt;
  }
  // libpq takes the next question once it has said that there is nothing more.
  Result last(nullptr, &PQclear);
  for (;;) {
    while (PQisBusy(connection) != 0) {
      if (!call.wait(connection, POLLIN) || PQconsumeInput(connection) == 0) return std::nullopt;
    }
    Result next(PQgetResult(connection), &PQclear);
    if (!next) return last;
    last = std::move(next);
  }
}

}  // namespace

LivenessProbe::LivenessProbe(const ::pg_conn* connection) {
  auto* const readable = const_cast<PGconn*>(connection);
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options(PQconninfo(readable),
                                                                             &PQconninfoFree);
  for (const auto* option = options.get(); option != nullptr && option->keyword != nullptr;
       ++option) {
    if (option->val != nullptr && *option->val != '\0') settings_[option->keyword] = option->val;
  }
  // Of several servers that one, and without asking for its name again, which could take a while.
  settings_["host"] = PQhost(connection);
  settings_["port"] = PQport(connection);
  settings_["hostaddr"] = PQhostaddr(connection);
  process_ = std::to_string(PQbackendPID(connection));
}

bool LivenessProbe::still_works(const Watch& watch, std::string* blockers) const {
  std::vector<const char*> names;
  std::vector<const char*> values;
  for (const auto& [name, value] : settings_) {
    names.push_back(name.c_str());
    values.push_back(value.c_str());
  }
  names.push_back(nullptr);
  values.push_back(nullptr);
  const Connection connection(PQconnectStartParams(names.data(), values.data(), 0), &PQfinish);
  if (!connection || PQstatus(connection.get()) == CONNECTION_BAD) return false;
  ignore_notices(connection.get());
  const Call call(watch);
  if (!connect(connection.get(), call)) return false;
  if (PQstatus(connection.get()) != CONNECTION_OK) {
    // Whoever says that there is no room, or no entry, is there.
    const auto failure = describe_postgresql_connect(PQerrorMessage(connection.get()));
    return failure.condition != Condition::unavailable || failure.has_no_room();
  }
  const auto answer = ask(connection.get(), question, {process_.c_str()}, call);
  if (!answer) return false;
  if (PQresultStatus(answer->get()) != PGRES_TUPLES_OK) return true;
  if (PQgetvalue(answer->get(), 0, 0) != std::to_string(PQbackendPID(connection.get()))) {
    return true;  // there is a pooler in between
  }
  if (std::string_view(PQgetvalue(answer->get(), 0, 1)) == "0") return false;
  if (blockers != nullptr && PQserverVersion(connection.get()) >= knows_copy_progress) {
    const auto found =
        ask(connection.get(), question_of_blockers, {process_.c_str(), blockers->c_str()}, call);
    const bool known = found && PQresultStatus(found->get()) == PGRES_TUPLES_OK;
    *blockers = known ? PQgetvalue(found->get(), 0, 0) : "";
  }
  return true;
}

}  // namespace freight::database
