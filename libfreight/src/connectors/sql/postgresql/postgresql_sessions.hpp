#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "connectors/sql/postgresql/copy_text.hpp"
#include "database/postgresql/native_connection.hpp"
#include "database/session.hpp"
#include "database/url.hpp"

namespace freight::sql {

/// One connection to the destination and what goes with it.
struct PostgresqlSession {
  explicit PostgresqlSession(std::unique_ptr<database::Session> opened);

  /// What begins a transaction with all its settings; behind a transaction pooler nothing else
  /// would hold.
  std::string begin(bool read_only) const;

  std::unique_ptr<database::Session> session;
  database::PostgresqlConnection connection;
  CopyText text;
};

/// The connections of one destination: as many as are in use at once, kept for the next call. What
/// is given back broken, or with a transaction that cannot be ended, is dropped; a server that went
/// away and came back is met with a new connection. Thread-safe. Must outlive its leases.
class PostgresqlSessions {
 public:
  explicit PostgresqlSessions(database::Url url) : url_(std::move(url)) {}

  /// Owns a session until it goes; an open transaction is rolled back.
  class Lease {
   public:
    Lease(PostgresqlSessions& sessions, std::unique_ptr<PostgresqlSession> session)
        : sessions_(sessions), session_(std::move(session)) {}
    ~Lease();
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    PostgresqlSession* operator->() const { return session_.get(); }
    PostgresqlSession& operator*() const { return *session_; }

   private:
    PostgresqlSessions& sessions_;
    std::unique_ptr<PostgresqlSession> session_;
  };

  /// Throws DatabaseError when a new connection cannot be opened.
  Lease take();

 private:
  std::unique_ptr<PostgresqlSession> take_idle();

  const database::Url url_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<PostgresqlSession>> idle_;
};

}  // namespace freight::sql
