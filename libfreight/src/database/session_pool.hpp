#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "database/session.hpp"
#include "database/session_watch.hpp"

namespace freight::database {

/// A bounded set of sessions, opened when first needed and lent in the order in which they were
/// asked for. A session that comes back broken is dropped and the next borrower opens another, so
/// that a server that went away and came back needs nothing else. Thread-safe. It must outlive what
/// it lent.
class SessionPool {
 public:
  using Factory = std::function<std::unique_ptr<Session>()>;

  struct Options {
    std::size_t size = 4;
    /// How long to wait for one that others hold; then DatabaseError(busy).
    std::chrono::milliseconds acquire_timeout{30'000};
    /// Looks after what is lent, and outlives the pool; may be nullptr.
    SessionWatch* watch = nullptr;
  };

  class Lease {
   public:
    Lease(Lease&& other) noexcept;
    Lease& operator=(Lease&&) = delete;
    ~Lease();
    Session& operator*() const { return *session_; }
    Session* operator->() const { return session_.get(); }

   private:
    friend class SessionPool;
    Lease(SessionPool& pool, std::unique_ptr<Session> session);

    SessionPool* pool_;
    std::unique_ptr<Session> session_;
  };

  SessionPool(Factory factory, Options options);

  /// Throws DatabaseError: busy after the timeout, and what opening a session throws.
  Lease acquire();

  /// How many sessions are open, lent ones included.
  std::size_t open_sessions() const;
  /// How many wait for one.
  std::size_t waiting() const;

 private:
  std::unique_ptr<Session> wait_for_turn();
  void give_back(std::unique_ptr<Session> session) noexcept;

  const Factory factory_;
  const Options options_;
  mutable std::mutex mutex_;
  std::condition_variable freed_;
  std::vector<std::unique_ptr<Session>> idle_;
  std::size_t lent_ = 0;
  // First come, first served: a ticket waits until it is the next to be served.
  std::uint64_t next_ticket_ = 0;
  std::vector<std::uint64_t> waiting_;
};

}  // namespace freight::database
