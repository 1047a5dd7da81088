#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <vector>

#include "database/session.hpp"

namespace freight::database {

/// Sees to it that no call of a session waits for ever: SOCI's calls block, and a network or a
/// proxy that goes silent never answers. Breaks off what has taken longer than `patience` when
/// nobody works on it any more. Has a thread of its own while sessions are watched that can be
/// broken off: whoever waits for the storage cannot look after itself. Thread-safe.
class SessionWatch {
 public:
  explicit SessionWatch(std::chrono::milliseconds patience) : patience_(patience) {}
  ~SessionWatch();

  void enter(Session& session);
  /// The session may be destroyed after it.
  void leave(const Session& session);

 private:
  struct Suspect {
    Session* session = nullptr;
    Session::TimePoint waiting_since;
    Session::StillWorks still_works;
  };

  void run(const std::stop_token& stop);
  std::optional<Suspect> find_suspect();
  /// Twice, because the answer may be on its way at this very moment.
  bool is_lost(const Suspect& suspect, const std::stop_token& stop);
  void break_off(const Suspect& suspect);

  const std::chrono::milliseconds patience_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::vector<Session*> watched_;
  std::jthread thread_;
};

}  // namespace freight::database
