#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "freight/job.hpp"
#include "options.hpp"
#include "progress_line.hpp"

namespace freight::daemon {

/// Shows on stderr how a job goes on: a bar that is drawn again, or a line every few seconds. Says
/// at once what the job begins to wait for.
class Progress {
 public:
  explicit Progress(ProgressStyle style);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void update(const Job& job);
  /// Says that the work waits for what `message` tells, unless that was the last thing said. An
  /// empty message: it waits no more.
  void note_waiting(Code code, std::string_view message);
  /// Takes the bar away, so that others may write.
  void clear();

 private:
  using TimePoint = std::chrono::steady_clock::time_point;
  struct Sample {
    TimePoint at;
    std::uint64_t records = 0;
    double share = 0.0;
  };

  void sample(const Job& job, TimePoint now);
  ProgressFigures figures(const Job& job) const;
  void draw(const Job& job);

  ProgressStyle style_;
  bool drawn_ = false;
  /// What it was last said to wait for.
  std::string waiting_for_;
  /// The last seconds, for speed and time left.
  std::deque<Sample> samples_;
  TimePoint last_line_;
};

/// How much of the job is done, from 0 to 1, when that can be told. Pure.
std::optional<double> share_done(const Job& job);

}  // namespace freight::daemon
