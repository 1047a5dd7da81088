#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <vector>

namespace freight::daemon::rest {
struct Services;
}

namespace freight::daemon {

/// What was looked at, and how it is.
struct Health {
  struct Check {
    std::string name;
    bool ok = true;
    std::string detail;
  };
  std::vector<Check> checks;
  bool ok() const;
};

/// Where the server is in its life, and how the things are that it depends on. Thread-safe.
class ServerState {
 public:
  void begin_stop() { stopping_ = true; }
  bool stopping() const { return stopping_; }
  /// Gives the figures of the listener: connections and streams.
  void set_listener(std::function<std::pair<std::size_t, unsigned>()> figures) {
    listener_ = std::move(figures);
  }

  Health check(const rest::Services& services) const;
  /// Brings the gauges up to date that nothing feeds by itself.
  void measure(const rest::Services& services) const;

 private:
  std::atomic<bool> stopping_ = false;
  std::function<std::pair<std::size_t, unsigned>()> listener_;
};

}  // namespace freight::daemon
