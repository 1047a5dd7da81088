#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "database/database_error.hpp"
#include "database/url.hpp"

namespace soci {
class session;
class statement;
}  // namespace soci

namespace freight::database {

enum class TransactionMode {
  write,  ///< SQLite takes the write lock at once: no deadlock by upgrading a reader
  read,
};

/// One open connection with the settings of its backend. Used by one thread at a time. Made by
/// open_sqlite_session() and open_postgresql_session(). Everything throws DatabaseError.
class Session {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  /// Whether the server still works on what this session asked; calls its argument while it waits.
  using StillWorks = std::function<bool(const std::function<void()>&)>;

  /// Around each call that waits for an answer.
  class Call {
   public:
    explicit Call(Session& session) : session_(session) {
      session_.waiting_since_ = std::chrono::steady_clock::now().time_since_epoch().count();
    }
    ~Call() { session_.waiting_since_ = 0; }
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;

   private:
    Session& session_;
  };

  virtual ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  virtual Backend backend() const = 0;
  soci::session& soci() { return *soci_; }

  /// Runs one or more statements without parameters and drops what they return.
  virtual void run(const std::string& sql) = 0;

  /// What begins a transaction of this mode: one text for run().
  virtual std::string begin_statement(TransactionMode mode) const = 0;

  /// True when a transaction is open.
  virtual bool in_transaction() = 0;

  /// False when the connection is known to be broken. Asks nobody.
  virtual bool alive() = 0;

  /// Whether the server keeps what is compiled for this session, under a name.
  virtual bool prepares() const { return false; }

  /// The compiled statement that a Query of the same text left behind; nullptr when there is none.
  virtual std::unique_ptr<soci::statement> take_statement(const std::string& sql);
  /// Keeps a statement that was executed without an error for the next Query of the same text.
  virtual void keep_statement(const std::string& sql, std::unique_ptr<soci::statement> statement);

  /// Since when a call has been waiting for its answer. From any thread.
  std::optional<TimePoint> waiting_since() const;
  /// Whether a call could wait for ever; then the next two are there.
  virtual bool can_be_broken_off() const { return false; }
  /// From any thread, and to be called without the session, which may be gone.
  virtual StillWorks still_works() const { return {}; }
  /// From any thread: what the session waits for fails as if the connection had broken.
  virtual void break_off() {}

  /// What an exception of SOCI says; for anything else a failure `other`.
  virtual DatabaseFailure describe(const std::exception& error) = 0;

 protected:
  explicit Session(std::unique_ptr<soci::session> session);

 private:
  std::unique_ptr<soci::session> soci_;
  std::atomic<TimePoint::rep> waiting_since_ = 0;
};

}  // namespace freight::database
