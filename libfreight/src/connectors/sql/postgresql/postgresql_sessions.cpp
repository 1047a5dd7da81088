#include "connectors/sql/postgresql/postgresql_sessions.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <stdexcept>
#include <utility>

#include "database/postgresql/postgresql_session.hpp"

namespace freight::sql {
namespace {

using database::PostgresqlConnection;

constexpr std::chrono::milliseconds watch_interval{100};
constexpr std::chrono::seconds unused_after{60};

// A transaction of ours never idles for long; one whose process was frozen must not hold its lock
// on the ledger against the node that takes over.
constexpr std::chrono::seconds idle_in_transaction_timeout{30};
constexpr std::chrono::seconds lock_timeout{60};
// The first version whose server looks after its client while it works or waits.
constexpr int knows_client_check = 140'000;

database::PostgresqlOptions options() {
  database::PostgresqlOptions options;
  // A batch may take its time; who waits is asked every so often whether to go on.
  options.statement_timeout = std::chrono::milliseconds(0);
  options.lock_timeout = lock_timeout;
  options.idle_in_transaction_timeout = idle_in_transaction_timeout;
  options.scope = database::SettingsScope::transaction;
  return options;
}

}  // namespace

PostgresqlSession::PostgresqlSession(std::unique_ptr<database::Session> opened)
    : session(std::move(opened)), connection(database::postgresql_handle(*session)) {}

std::string PostgresqlSession::begin(bool read_only) const {
  std::string sql = session->begin_statement(read_only ? database::TransactionMode::read
                                                       : database::TransactionMode::write);
  // Notices would look like a refusal while rows are sent.
  sql += "SET LOCAL client_min_messages = error; ";
  // A client that lost its power while rows were copied leaves locks behind that no other limit
  // ends. Ignored for sockets that are files.
  sql +=
      "SET LOCAL tcp_keepalives_idle = 3; SET LOCAL tcp_keepalives_interval = 1; "
      "SET LOCAL tcp_keepalives_count = 3; ";
  if (connection.server_version() >= knows_client_check) {
    sql += "SET LOCAL client_connection_check_interval = '10s'; ";
  }
  return sql;
}

PostgresqlSessions::Lease::~Lease() {
  try {
    session_->connection.set_watch({});
    if (session_->connection.usable() && session_->session->in_transaction()) {
      // An answer that takes longer than this is not worth waiting for: a dropped connection is
      // rolled back too.
      const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(2);
      session_->connection.set_watch([end] {
        if (std::chrono::steady_clock::now() > end) throw std::runtime_error("no answer");
      });
      session_->connection.run("ROLLBACK");
      session_->connection.set_watch({});
    }
  } catch (const std::exception&) {
    // Closing the connection rolls back as well.
  }
  sessions_.give_back(std::move(session_));
}

PostgresqlSessions::Lease PostgresqlSessions::take(const PostgresqlConnection::Watch& watch) {
  auto session = take_place(watch);
  if (session) {
    session->connection.set_watch(watch);
  } else {
    session = open(watch);
  }
  return {*this, std::move(session)};
}

std::unique_ptr<PostgresqlSession> PostgresqlSessions::take_place(
    const PostgresqlConnection::Watch& watch) {
  std::vector<std::unique_ptr<PostgresqlSession>> broken;  // closed without the lock
  std::unique_lock lock(mutex_);
  while (lent_ >= most_) {
    freed_.wait_for(lock, watch_interval);
    lock.unlock();
    watch();
    lock.lock();
  }
  ++lent_;
  while (!idle_.empty()) {
    auto session = std::move(idle_.back());
    idle_.pop_back();
    if (session->connection.usable()) return session;
    broken.push_back(std::move(session));
  }
  return nullptr;
}

std::unique_ptr<PostgresqlSession> PostgresqlSessions::open(
    const PostgresqlConnection::Watch& watch) {
  try {
    auto session = std::make_unique<PostgresqlSession>(
        database::open_postgresql_session(url_, options(), watch));
    session->connection.set_watch(watch);
    end_lost(*session);
    return session;
  } catch (...) {
    give_back(nullptr);
    throw;
  }
}

void PostgresqlSessions::give_back(std::unique_ptr<PostgresqlSession> session) {
  std::vector<std::unique_ptr<PostgresqlSession>> closing;  // without the lock
  const auto now = std::chrono::steady_clock::now();
  const bool keep = session && session->connection.usable() && !session->session->in_transaction();
  const std::lock_guard lock(mutex_);
  --lent_;
  const auto unused = std::find_if(idle_.begin(), idle_.end(), [&](const auto& idle) {
    return now - idle->used_at < unused_after;
  });
  std::move(idle_.begin(), unused, std::back_inserter(closing));
  idle_.erase(idle_.begin(), unused);
  if (keep) {
    session->used_at = now;
    idle_.push_back(std::move(session));
  } else if (session) {
    lost_.push_back(session->connection.server_process());
    closing.push_back(std::move(session));
  }
  freed_.notify_one();
}

// A server that was not told, because the network was silent, still holds what the transaction had
// locked, in a COPY for as long as the connection seems to stand. A process with the same number
// that is another's does not wait for its client in a transaction of ours; behind a pooler numbers
// mean nothing.
void PostgresqlSessions::end_lost(PostgresqlSession& session) {
  std::vector<int> lost;
  {
    const std::lock_guard lock(mutex_);
    lost.swap(lost_);
  }
  if (lost.empty()) return;
  std::string processes;
  for (const int process : lost) processes += ',' + std::to_string(process);
  session.connection.run(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid IN (" +
      processes.substr(1) + ") AND application_name = current_setting('application_name')" +
      " AND usename = current_user AND (state LIKE 'idle in%' OR wait_event = 'ClientRead')" +
      " AND pg_backend_pid() = " + std::to_string(session.connection.server_process()));
}

std::shared_ptr<PostgresqlSessions> PostgresqlPools::of(const database::Url& url) {
  const std::lock_guard lock(mutex_);
  std::erase_if(pools_, [](const auto& pool) { return pool.second.expired(); });
  auto& known = pools_[url.text];
  auto pool = known.lock();
  if (!pool) {
    pool = std::make_shared<PostgresqlSessions>(url, most_);
    known = pool;
  }
  return pool;
}

}  // namespace freight::sql
