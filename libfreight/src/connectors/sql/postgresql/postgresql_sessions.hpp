#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <map>
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
  std::chrono::steady_clock::time_point used_at;
};

/// The connections of a node to one database, for all its jobs: no more than `most` at a time, kept
/// for the next call and closed when nobody has used them for a minute. What is given back broken,
/// or with a transaction that cannot be ended, is dropped; a server that went away and came back is
/// met with a new connection. Thread-safe. Must outlive its leases.
class PostgresqlSessions {
 public:
  PostgresqlSessions(database::Url url, std::size_t most) : url_(std::move(url)), most_(most) {}

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

  /// Waits while all are in use, and calls `watch` meanwhile, which throws to give up; it is the
  /// connection's watch, too, until the lease ends. Throws DatabaseError when a new connection
  /// cannot be opened. Who has one must not take another.
  Lease take(const database::PostgresqlConnection::Watch& watch);

 private:
  std::unique_ptr<PostgresqlSession> take_place(const database::PostgresqlConnection::Watch& watch);
  std::unique_ptr<PostgresqlSession> open(const database::PostgresqlConnection::Watch& watch);
  void give_back(std::unique_ptr<PostgresqlSession> session);
  void end_lost(PostgresqlSession& session);

  const database::Url url_;
  const std::size_t most_;
  std::mutex mutex_;
  std::condition_variable freed_;
  std::size_t lent_ = 0;
  // The one that was used last is the last.
  std::vector<std::unique_ptr<PostgresqlSession>> idle_;
  // The server's processes whose connections were given up here, and which may not know of it.
  std::vector<int> lost_;
};

/// The sessions of a node by the URL that they were opened with. Those of a URL that no connector
/// uses any more are closed. Thread-safe.
class PostgresqlPools {
 public:
  /// `most` to each database, at least 1.
  explicit PostgresqlPools(std::size_t most) : most_(most) {}

  std::shared_ptr<PostgresqlSessions> of(const database::Url& url);

 private:
  const std::size_t most_;
  std::mutex mutex_;
  std::map<std::string, std::weak_ptr<PostgresqlSessions>> pools_;
};

}  // namespace freight::sql
