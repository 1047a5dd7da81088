#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <string>

struct pg_conn;

namespace freight::database {

/// Finds out, over a connection of its own, whether a server still works on what another connection
/// asked of it. A statement may be silent for hours and be well; a network or a proxy that went
/// silent looks the same to the connection itself. Keeps the password. Thread-safe.
class LivenessProbe {
 public:
  using Watch = std::function<void()>;

  /// Asks about this connection, which has to be open now and may be gone later.
  explicit LivenessProbe(const ::pg_conn* connection);

  /// False when nobody can be reached there within some seconds, and when the server has no such
  /// session or waits for its client. True also when the server does not say: it has no connection
  /// left, or a pooler stands in between. Calls `watch`, unless it is empty, every tenth of a
  /// second; it may throw.
  ///
  /// With `blockers`, which begins empty and is for the next call: when the statement waits for the
  /// lock of a COPY of ours, of whatever process, that has been sent nothing since the last call,
  /// ends that COPY's connection. Its client was frozen or cut off, and as long as the connection
  /// seems to stand no limit of the server ends it.
  bool still_works(const Watch& watch, std::string* blockers = nullptr) const;

 private:
  std::map<std::string, std::string> settings_;
  std::string process_;
};

}  // namespace freight::database
