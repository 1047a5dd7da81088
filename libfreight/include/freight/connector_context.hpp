#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <stop_token>

#include "freight/ids.hpp"
#include "freight/sinks.hpp"

namespace freight {

/// @addtogroup connectors
/// @{

/// Until when a lease is surely held. Moves on while the engine renews the lease, so a long write
/// is not cut short; look at it again right before a commit. Thread-safe.
class Deadline {
 public:
  /// A time of a clock that never goes back.
  using TimePoint = std::chrono::steady_clock::time_point;

  /// The lease is held until `at` and not a moment longer than that.
  explicit Deadline(TimePoint at) : at_(at) {}

  /// Until when it is held, as far as is known now.
  TimePoint at() const noexcept { return at_.load(std::memory_order_acquire); }
  /// For the engine: the lease was renewed until `at`.
  void move_to(TimePoint at) noexcept { at_.store(at, std::memory_order_release); }

 private:
  std::atomic<TimePoint> at_;
};

/// What a connector is told with each call. Valid for the call.
struct ConnectorContext {
  /// Asks for an end at the next record boundary: the connector throws Error(cancelled) or returns.
  std::stop_token stop;
  /// nullptr for a call without a lease, and so without an end.
  const Deadline* lease = nullptr;
  /// For what an operator should know; never nullptr.
  LogSink* log = &null_log_sink();
  /// Which attempt at the task this is, from 1.
  std::uint32_t attempt = 1;
  TenantId tenant_id;
  JobId job_id;

  /// After it the lease may be another's: nothing may be committed any more. Later calls may answer
  /// a later time.
  Deadline::TimePoint deadline() const {
    return lease != nullptr ? lease->at() : Deadline::TimePoint::max();
  }
};

/// @}

}  // namespace freight
