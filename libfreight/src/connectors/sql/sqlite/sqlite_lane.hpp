#pragma once

#include <condition_variable>
#include <mutex>

#include "freight/connector_context.hpp"

namespace freight::sql {

/// One at a time. Thread-safe.
class SqliteLane {
 public:
  /// Holds the lane while it lives.
  class Turn {
   public:
    explicit Turn(SqliteLane& lane) : lane_(lane) {}
    ~Turn();
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

   private:
    SqliteLane& lane_;
  };

  /// Waits for the lane. Throws Error(cancelled | lease_lost) when the caller cannot wait longer.
  Turn enter(const ConnectorContext& context);

 private:
  std::mutex mutex_;
  std::condition_variable_any freed_;
  bool taken_ = false;
};

}  // namespace freight::sql
