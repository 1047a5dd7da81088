#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "freight/source.hpp"

namespace freight::testing {

/// All ranges of a source, cut in as many calls as it takes.
inline std::vector<BatchRange> plan_all(Source& source, const PlanLimits& limits) {
  ConnectorContext context;
  std::vector<BatchRange> ranges;
  std::string position;
  bool is_done = false;
  while (!is_done) {
    PlanChunk chunk = source.plan(position, limits, context);
    for (BatchRange& range : chunk.ranges) ranges.push_back(std::move(range));
    position = chunk.position;
    is_done = chunk.done;
  }
  return ranges;
}

/// What was read of one record, without slices.
struct ReadRecord {
  SourceRecord place;
  std::string raw;
  std::vector<FieldKind> kinds;
  /// "" of absent and null fields.
  std::vector<std::string> values;
  std::optional<RecordError> error;
};

inline ReadRecord copy_of(const RecordBatch& batch, std::size_t index) {
  ReadRecord copy{.place = batch.records[index], .raw = std::string(batch.records[index].raw)};
  copy.place.raw = {};
  const std::size_t columns = batch.layout->size();
  for (std::size_t column = 0; column < columns; ++column) {
    const SourceField& field = batch.fields[index * columns + column];
    copy.kinds.push_back(field.kind);
    copy.values.emplace_back(field.data == nullptr ? std::string_view() : field.text());
  }
  if (copy.place.parse_error >= 0) {
    copy.error = batch.errors.at(static_cast<std::size_t>(copy.place.parse_error));
  }
  return copy;
}

/// All records of the ranges, in order. One batch serves them all, as it serves a worker.
inline std::vector<ReadRecord> read_all(Source& source, const std::vector<BatchRange>& ranges) {
  ConnectorContext context;
  RecordBatch batch;
  std::vector<ReadRecord> records;
  for (const BatchRange& range : ranges) {
    batch.clear();
    source.read(range, batch, context);
    for (std::size_t index = 0; index < batch.records.size(); ++index) {
      records.push_back(copy_of(batch, index));
    }
  }
  return records;
}

}  // namespace freight::testing
