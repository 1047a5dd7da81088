#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>

namespace freight::daemon {

/// How far a job is, in figures.
struct ProgressFigures {
  /// From 0 to 1; nullopt where that cannot be told.
  std::optional<double> share;
  std::optional<std::chrono::milliseconds> left;
  /// Set while it waits for something: since when.
  std::optional<std::chrono::milliseconds> waited;
  std::uint64_t records = 0;
  std::uint64_t records_per_second = 0;
  std::uint64_t rejected = 0;
  std::string name;
};

/// The figures in a line of at most `columns`, the most important first: what has no room is left
/// out, the job's name first. Pure.
std::string progress_line(const ProgressFigures& figures,
                          std::size_t columns = std::numeric_limits<std::size_t>::max());

/// The same with a bar, which takes what room is left and shrinks for the figures. Pure.
std::string progress_bar(const ProgressFigures& figures, std::size_t columns);

}  // namespace freight::daemon
