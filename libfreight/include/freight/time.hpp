#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "freight/cxx20.hpp"

namespace freight {

/// @addtogroup basics
/// @{

/// A point of UTC time in microseconds since the Unix epoch; what storage keeps as BIGINT.
using Timestamp = std::chrono::sys_time<std::chrono::microseconds>;

/// RFC 3339 in UTC with six decimals: `2026-11-23T10:00:00.000000Z`.
std::string format_timestamp(Timestamp time);

/// Reads RFC 3339 with a zone; up to six decimals. Anything else is nullopt.
std::optional<Timestamp> parse_timestamp(std::string_view text);

/// Where an engine takes its time from, so that tests can hold it. Implementations are thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  /// The time of day, in UTC. May be set back, as the machine's clock may.
  virtual Timestamp now() const = 0;
  /// Never goes back; for deadlines and leases.
  virtual std::chrono::steady_clock::time_point steady_now() const = 0;
};

/// The clocks of the machine. Lives as long as the process.
const Clock& system_clock();

/// @}

}  // namespace freight
