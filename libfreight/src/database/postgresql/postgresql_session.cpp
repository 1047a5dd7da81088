#include "database/postgresql/postgresql_session.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <future>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include <libpq-fe.h>
#include <soci/postgresql/soci-postgresql.h>
#include <soci/session.h>

#include "database/postgresql/liveness_probe.hpp"
#include "database/postgresql/notices.hpp"
#include "database/postgresql/postgresql_error.hpp"

namespace freight::database {
namespace {

constexpr std::chrono::milliseconds watch_interval{100};

std::string quoted(const std::string& value) {
  std::string text = "'";
  for (const char c : value) {
    if (c == '\'' || c == '\\') text += '\\';
    text += c;
  }
  return text + "'";
}

std::string setting(std::string_view scope, std::string_view name, std::string_view value) {
  return std::string(scope) + std::string(name) + " = '" + std::string(value) + "'; ";
}

std::string limits(std::string_view scope, const PostgresqlOptions& options) {
  return setting(scope, "statement_timeout", std::to_string(options.statement_timeout.count())) +
         setting(scope, "lock_timeout", std::to_string(options.lock_timeout.count())) +
         setting(scope, "idle_in_transaction_session_timeout",
                 std::to_string(options.idle_in_transaction_timeout.count()));
}

std::string formats(std::string_view scope) {
  return setting(scope, "TimeZone", "UTC") + setting(scope, "DateStyle", "ISO, YMD") +
         setting(scope, "standard_conforming_strings", "on");
}

/// The connection's socket under a number of our own: libpq may close its own at any time, and the
/// number may be another file's then.
class OwnLine {
 public:
  explicit OwnLine(int socket) : socket_(::fcntl(socket, F_DUPFD_CLOEXEC, 0)) {}
  ~OwnLine() {
    if (socket_ >= 0) ::close(socket_);
  }
  OwnLine(const OwnLine&) = delete;
  OwnLine& operator=(const OwnLine&) = delete;

  void shut_down() const { ::shutdown(socket_, SHUT_RDWR); }

 private:
  const int socket_;
};

class PostgresqlSession final : public Session {
 public:
  PostgresqlSession(std::unique_ptr<soci::session> session, PGconn* handle,
                    const PostgresqlOptions& options)
      : Session(std::move(session)),
        handle_(handle),
        probe_(handle),
        line_(PQsocket(handle)),
        prepares_(options.prepares) {
    if (options.scope == SettingsScope::transaction) {
      local_settings_ = formats("SET LOCAL ") + limits("SET LOCAL ", options);
    }
  }

  Backend backend() const override { return Backend::postgresql; }

  void run(const std::string& sql) override {
    const Call call(*this);
    const std::unique_ptr<PGresult, decltype(&PQclear)> result(PQexec(handle_, sql.c_str()),
                                                               &PQclear);
    const auto status = PQresultStatus(result.get());
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY) {
      return;
    }
    const char* state = PQresultErrorField(result.get(), PG_DIAG_SQLSTATE);
    throw DatabaseError(
        describe_postgresql(state == nullptr ? "" : state, PQerrorMessage(handle_), alive()));
  }

  std::string begin_statement(TransactionMode mode) const override {
    return std::string("BEGIN ISOLATION LEVEL READ COMMITTED, ") +
           (mode == TransactionMode::write ? "READ WRITE; " : "READ ONLY; ") + local_settings_;
  }

  bool prepares() const override { return prepares_ != nullptr && *prepares_; }

  std::unique_ptr<soci::statement> take_statement(const std::string& sql) override {
    auto found = statements_.extract(sql);
    return found.empty() ? nullptr : std::move(found.mapped());
  }
  void keep_statement(const std::string& sql, std::unique_ptr<soci::statement> statement) override {
    if (statements_.size() >= kept_statements) statements_.clear();
    statements_.insert_or_assign(sql, std::move(statement));
  }

  bool in_transaction() override { return PQtransactionStatus(handle_) != PQTRANS_IDLE; }
  bool alive() override { return PQstatus(handle_) == CONNECTION_OK; }

  DatabaseFailure describe(const std::exception& error) override {
    if (const auto* known = dynamic_cast<const DatabaseError*>(&error)) return known->failure();
    if (const auto* answer = dynamic_cast<const soci::postgresql_soci_error*>(&error)) {
      return describe_postgresql(answer->sqlstate(), answer->get_error_message(), alive());
    }
    if (const auto* soci = dynamic_cast<const soci::soci_error*>(&error)) {
      return describe_postgresql("", soci->get_error_message(), alive());
    }
    return describe_postgresql("", error.what(), alive());
  }

  bool can_be_broken_off() const override { return true; }
  StillWorks still_works() const override {
    return [probe = probe_](const auto& watch) { return probe.still_works(watch); };
  }
  void break_off() override { line_.shut_down(); }

  PGconn* handle() const { return handle_; }

 private:
  static constexpr std::size_t kept_statements = 256;

  PGconn* handle_;
  LivenessProbe probe_;
  OwnLine line_;
  std::shared_ptr<const std::atomic<bool>> prepares_;
  std::map<std::string, std::unique_ptr<soci::statement>> statements_;
  std::string local_settings_;
};

// SOCI's library keeps the type information of its backends to itself, which is what UBSan's check
// of a cast asks for.
__attribute__((no_sanitize("vptr"))) PGconn* connection_of(soci::session& session) {
  return static_cast<soci::postgresql_session_backend*>(session.get_backend())->conn_;
}

using Settings = std::map<std::string, std::string>;

Settings connection_settings(const Url& url, const PostgresqlOptions& options) {
  char* message = nullptr;
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> parsed(
      PQconninfoParse(url.text.c_str(), &message), &PQconninfoFree);
  if (!parsed) {
    // libpq's message may quote the URL, password and all.
    PQfreemem(message);
    throw DatabaseError({.condition = Condition::other,
                         .sqlstate = {},
                         .native_code = 0,
                         .text = "libpq does not understand the URL " + url.display(),
                         .session_lost = true});
  }
  Settings settings{{"application_name", "freight"},
                    {"client_encoding", "UTF8"},
                    {"connect_timeout", std::to_string(options.connect_timeout.count())},
                    // A machine that is gone answers nothing and refuses nothing: where an answer
                    // is waited for only probes find that out.
                    {"keepalives", "1"},
                    {"keepalives_idle", "5"},
                    {"keepalives_interval", "2"},
                    {"keepalives_count", "3"},
                    {"tcp_user_timeout", std::to_string(options.tcp_user_timeout.count())}};
  for (const auto* option = parsed.get(); option->keyword != nullptr; ++option) {
    if (option->val != nullptr) settings[option->keyword] = option->val;
  }
  return settings;
}

std::string connection_string(const Settings& settings) {
  std::string text;
  for (const auto& [name, value] : settings) text += name + "=" + quoted(value) + " ";
  return text;
}

std::unique_ptr<soci::session> connect(const std::string& connection_string) {
  try {
    return std::make_unique<soci::session>(soci::postgresql, connection_string);
  } catch (const soci::soci_error& error) {
    throw DatabaseError(describe_postgresql_connect(error.get_error_message()));
  }
}

std::unique_ptr<Session> open(const std::string& connection_string,
                              const PostgresqlOptions& options) {
  auto soci = connect(connection_string);
  auto* handle = connection_of(*soci);
  ignore_notices(handle);
  auto session = std::make_unique<PostgresqlSession>(std::move(soci), handle, options);
  if (options.scope == SettingsScope::session) session->run(postgresql_settings(options));
  return session;
}

/// How long opening may take in all: libpq allows its time-out to each address, of which a name has
/// two as a rule, and no time to what is asked once it is connected. nullopt for no limit, which
/// is what a time-out of 0 asks for.
std::optional<std::chrono::seconds> time_to_open(const Settings& settings) {
  const std::string& text = settings.at("connect_timeout");
  int timeout = 0;
  std::from_chars(text.data(), text.data() + text.size(), timeout);
  if (timeout <= 0) return std::nullopt;
  const auto host = settings.find("host");
  const auto hosts =
      host == settings.end() ? 1 : 1 + std::count(host->second.begin(), host->second.end(), ',');
  return std::chrono::seconds(10 + 2 * hosts * timeout);
}

}  // namespace

std::string postgresql_connection_string(const Url& url, const PostgresqlOptions& options) {
  return connection_string(connection_settings(url, options));
}

std::string postgresql_settings(const PostgresqlOptions& options) {
  return formats("SET ") + limits("SET ", options);
}

std::unique_ptr<Session> open_postgresql_session(const Url& url, const PostgresqlOptions& options,
                                                 const std::function<void()>& watch) {
  const Settings settings = connection_settings(url, options);
  const auto limit = time_to_open(settings);
  const auto begin = std::chrono::steady_clock::now();
  // SOCI waits for the answer to its first statement for as long as it takes, and lets nobody at
  // the connection meanwhile: what is late is left to itself, and closed when it is there after
  // all.
  std::packaged_task<std::unique_ptr<Session>()> task(
      [text = connection_string(settings), options] { return open(text, options); });
  auto opened = task.get_future();
  std::thread(std::move(task)).detach();
  while (opened.wait_for(watch_interval) != std::future_status::ready) {
    if (watch) watch();
    if (!limit || std::chrono::steady_clock::now() - begin < *limit) continue;
    throw DatabaseError({.condition = Condition::unavailable,
                         .sqlstate = {},
                         .native_code = 0,
                         .text = "the server took the connection and said nothing more for " +
                                 std::to_string(limit->count()) + " s",
                         .session_lost = true});
  }
  return opened.get();
}

::pg_conn* postgresql_handle(Session& session) {
  return dynamic_cast<PostgresqlSession&>(session).handle();
}

}  // namespace freight::database
