#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "connectors/file/input_file.hpp"
#include "connectors/file/range_planner.hpp"
#include "connectors/file/record_format.hpp"
#include "fuzz/memory_file.hpp"

namespace freight::fuzz {

/// How a file is cut and read.
struct Cutting {
  std::uint64_t max_record_bytes = 0;
  std::size_t piece_bytes = 0;
  std::uint64_t max_range_bytes = 0;
  PlanLimits limits;
};

/// The whole plan of a file, in as many calls as it takes; each call goes on from the text of the
/// last one's position.
inline std::vector<BatchRange> plan(const file::InputFile& file, const file::RecordFormat& format,
                                    const Cutting& cutting) {
  std::vector<BatchRange> ranges;
  file::PlanPosition position;
  while (true) {
    const auto scanner = format.make_scanner(position.line_start());
    auto chunk = file::plan_ranges(
        file, *scanner,
        {.max_record_bytes = cutting.max_record_bytes, .piece_bytes = cutting.piece_bytes},
        position, cutting.limits, {});
    for (auto& range : chunk.ranges) ranges.push_back(std::move(range));
    if (chunk.done) return ranges;
    require(!chunk.ranges.empty(), "a call that is not the last finds a range");
    position = file::PlanPosition::from_text(chunk.position, file.size());
  }
}

}  // namespace freight::fuzz
