#include "connectors/sql/postgresql/postgresql_sessions.hpp"

#include <chrono>
#include <utility>

#include "database/postgresql/postgresql_session.hpp"

namespace freight::sql {
namespace {

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
  if (connection.server_version() >= knows_client_check) {
    sql += "SET LOCAL client_connection_check_interval = '10s'; ";
  }
  return sql;
}

PostgresqlSessions::Lease::~Lease() {
  try {
    session_->connection.set_watch({});
    if (!session_->connection.usable()) return;
    if (session_->session->in_transaction()) {
      // An answer that takes longer than this is not worth waiting for: a dropped connection is
      // rolled back too.
      const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(2);
      session_->connection.set_watch([end] {
        if (std::chrono::steady_clock::now() > end) throw std::runtime_error("no answer");
      });
      session_->connection.run("ROLLBACK");
      session_->connection.set_watch({});
    }
    const std::lock_guard lock(sessions_.mutex_);
    sessions_.idle_.push_back(std::move(session_));
  } catch (const std::exception&) {
    // Closing the connection rolls back as well.
  }
}

PostgresqlSessions::Lease PostgresqlSessions::take() {
  auto session = take_idle();
  if (!session) {
    session =
        std::make_unique<PostgresqlSession>(database::open_postgresql_session(url_, options()));
  }
  return {*this, std::move(session)};
}

std::unique_ptr<PostgresqlSession> PostgresqlSessions::take_idle() {
  for (;;) {
    std::unique_ptr<PostgresqlSession> session;
    {
      const std::lock_guard lock(mutex_);
      if (idle_.empty()) return nullptr;
      session = std::move(idle_.back());
      idle_.pop_back();
    }
    if (session->connection.usable()) return session;
  }
}

}  // namespace freight::sql
