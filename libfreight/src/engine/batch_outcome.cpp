#include "engine/batch_outcome.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "freight/error.hpp"

namespace freight::engine {
namespace {

[[noreturn]] void refuse(const std::string& what) {
  throw Error(Code::connector_failed,
              "the destination's answer to a batch cannot be true: " + what);
}

std::uint64_t records_in(const std::vector<OutcomeRange>& ranges) {
  std::uint64_t records = 0;
  for (const auto& range : ranges) records += range.last_ordinal - range.first_ordinal + 1;
  return records;
}

/// Both are in ordinal order. A record that was changed and then refused is only refused.
std::vector<RecordException> merge(std::vector<RecordException> mapped,
                                   std::vector<RecordException> refused) {
  if (refused.empty()) return mapped;
  std::vector<RecordException> merged;
  merged.reserve(mapped.size() + refused.size());
  auto earlier = mapped.begin();
  for (auto& exception : refused) {
    for (; earlier != mapped.end() && earlier->ordinal < exception.ordinal; ++earlier) {
      merged.push_back(std::move(*earlier));
    }
    if (earlier != mapped.end() && earlier->ordinal == exception.ordinal) ++earlier;
    merged.push_back(std::move(exception));
  }
  std::move(earlier, mapped.end(), std::back_inserter(merged));
  return merged;
}

}  // namespace

void check_read(const BatchRange& range, const RecordBatch& batch) {
  const auto& records = batch.records;
  if (records.size() != range.records) {
    throw Error(Code::source_changed,
                "the source is not the same as when this job was planned: the " +
                    std::to_string(range.records) + " records from ordinal " +
                    std::to_string(range.first_ordinal) + " on are now " +
                    std::to_string(records.size()));
  }
  const std::size_t width = batch.layout ? batch.layout->size() : 0;
  const bool in_order =
      records.empty() || (records.front().ordinal == range.first_ordinal &&
                          records.back().ordinal == range.first_ordinal + range.records - 1);
  if (!in_order || batch.fields.size() != records.size() * width) {
    throw Error(
        Code::connector_failed,
        "what the source read cannot be true: wrong ordinals or missing fields in the batch "
        "from ordinal " +
            std::to_string(range.first_ordinal) + " on");
  }
}

void check_write_result(const WriteResult& result, const OutputBatch& rows) {
  const auto sent = rows.rows();
  if (result.inserted > sent || result.updated > sent || result.unchanged > sent ||
      result.inserted + result.updated + result.unchanged > sent) {
    refuse("more rows written than were sent");
  }
  auto row = rows.ordinals.begin();
  for (const auto& exception : result.exceptions) {
    if (exception.outcome != Outcome::rejected && exception.outcome != Outcome::skipped) {
      refuse("a record is neither rejected nor skipped");
    }
    row = std::lower_bound(row, rows.ordinals.end(), exception.ordinal);
    if (row == rows.ordinals.end() || *row != exception.ordinal) {
      refuse("record " + std::to_string(exception.ordinal) +
             " was not sent, or is refused twice or out of order");
    }
    ++row;
  }
}

void account(BatchReport& report, BatchBuffer& buffer, const mapping::RecordMapper& mapper,
             const WriteResult& result) {
  auto& mapped = buffer.mapped;
  report.written = {result.inserted, result.updated, result.unchanged};

  std::vector<RecordException> refused;
  refused.reserve(result.exceptions.size());
  for (const auto& exception : result.exceptions) {
    refused.push_back(mapper.exception_of(buffer.records, mapped, exception));
  }
  report.exceptions = merge(std::move(mapped.exceptions), std::move(refused));
  report.ranges = std::move(mapped.filtered);

  auto& counts = report.counts;
  counts.read = buffer.records.records.size();
  counts.filtered = records_in(report.ranges);
  for (const auto& exception : report.exceptions) {
    if (exception.outcome == Outcome::rejected) ++counts.rejected;
    if (exception.outcome == Outcome::skipped) ++counts.skipped;
    if (exception.outcome == Outcome::succeeded) ++counts.with_warnings;
  }
  counts.succeeded = mapped.rows.rows() - result.exceptions.size();
}

}  // namespace freight::engine
