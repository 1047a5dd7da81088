#pragma once

#include <string>
#include <string_view>

#include "mapping/values/date_time.hpp"
#include "mapping/values/fault.hpp"

namespace freight::mapping {

/// Writes ISO 8601 dates, times and datetimes in another format: the letters of TimeFormat, each
/// with all its digits (`%f` six, `%j` three, `%z` as `+0100`), English names, or `epoch_s` and
/// `epoch_ms` with as much of a fraction as there is. Immutable and thread-safe.
class TimeWriter {
 public:
  /// `offset`, minutes east of UTC, is the zone of texts without one and of what is written. Throws
  /// Error(invalid_value) for a format that is not one.
  TimeWriter(std::string_view format, int offset);

  const std::string& format() const { return format_; }

  /// Appends to `out`. `malformed` for a text that is not ISO 8601, or is a time of day alone where
  /// the format has a date. A date alone begins at midnight.
  Fault write(std::string_view text, std::string& out) const;

 private:
  void put(char letter, const CivilTime& local, std::string& out) const;
  void put_epoch(const CivilTime& utc, std::string& out) const;

  std::string format_;
  int offset_;
  bool needs_date_ = false;
  /// 0 for a format of letters; else the unit of an epoch in microseconds.
  std::int64_t epoch_unit_ = 0;
};

}  // namespace freight::mapping
