#pragma once

// The contract of Source as tests. Include this in one file of a GoogleTest program and instantiate
// the suite with the sources to be tested:
//
//   INSTANTIATE_TEST_SUITE_P(Mine, SourceSuite,
//                            ::testing::Values(SourceCase{.name = "Queue", .make = make_queue,
//                                                         .records = 1000}));
//
// Link Freight::testing.

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <ostream>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "freight/error.hpp"
#include "freight/source.hpp"

namespace freight::testing {

/// @addtogroup testing
/// @{

/// A source to be tested. `make` answers a new object over the same input each time; the input does
/// not change while the suite runs.
struct SourceCase {
  /// Letters and digits.
  std::string name = {};
  std::function<std::unique_ptr<Source>()> make = {};
  /// How many records the input holds; at least 20 for the suite to say anything.
  std::uint64_t records = 0;
  /// Source::decode() reads the raw texts that read() gave.
  bool decodes = false;
};

inline void PrintTo(const SourceCase& source, std::ostream* out) { *out << source.name; }

/// What every source promises, as tests; instantiate it with SourceCase values.
class SourceSuite : public ::testing::TestWithParam<SourceCase> {
 protected:
  /// A record without slices, so that two can be compared.
  struct Record {
    std::uint64_t ordinal = 0;
    std::uint64_t line = 0;
    std::uint64_t byte_offset = 0;
    std::uint64_t byte_length = 0;
    std::string raw;
    std::vector<FieldKind> kinds;
    std::vector<std::string> values;
    bool has_parse_error = false;

    /// Equal when every member is.
    friend bool operator==(const Record&, const Record&) = default;
  };

  /// A new object over the case's input that has described itself.
  std::unique_ptr<Source> source() {
    auto made = GetParam().make();
    ConnectorContext context;
    made->describe(context);
    return made;
  }

  /// The whole plan, chunk after chunk.
  static std::vector<BatchRange> plan(Source& source, const PlanLimits& limits) {
    ConnectorContext context;
    std::vector<BatchRange> ranges;
    std::string position;
    for (;;) {
      PlanChunk chunk = source.plan(position, limits, context);
      EXPECT_LE(chunk.ranges.size(), limits.max_ranges);
      ranges.insert(ranges.end(), chunk.ranges.begin(), chunk.ranges.end());
      if (chunk.done) return ranges;
      if (chunk.position == position) {
        ADD_FAILURE() << "the plan stands still at " << position;
        return ranges;
      }
      position = chunk.position;
    }
  }

  /// The batch's record `index`.
  static Record copy(const RecordBatch& batch, std::size_t index) {
    const SourceRecord& from = batch.records[index];
    Record record{.ordinal = from.ordinal,
                  .line = from.line,
                  .byte_offset = from.byte_offset,
                  .byte_length = from.byte_length,
                  .raw = std::string(from.raw),
                  .kinds = {},
                  .values = {},
                  .has_parse_error = from.parse_error >= 0};
    const std::size_t width = batch.layout->size();
    for (std::size_t column = 0; column < width; ++column) {
      const SourceField& field = batch.fields[index * width + column];
      record.kinds.push_back(field.kind);
      record.values.emplace_back(field.data == nullptr ? std::string_view() : field.text());
    }
    return record;
  }

  /// The records of one range; they are left in `batch`, too.
  static std::vector<Record> read(Source& source, const BatchRange& range, RecordBatch& batch) {
    ConnectorContext context;
    batch.clear();
    source.read(range, batch, context);
    EXPECT_EQ(batch.records.size(), range.records);
    EXPECT_EQ(batch.fields.size(), batch.records.size() * batch.layout->size());
    std::vector<Record> records;
    for (std::size_t index = 0; index < batch.records.size(); ++index) {
      records.push_back(copy(batch, index));
    }
    return records;
  }

  /// The records of all the ranges, one range after the other.
  static std::vector<Record> read(Source& source, const std::vector<BatchRange>& ranges) {
    RecordBatch batch;
    std::vector<Record> records;
    for (const BatchRange& range : ranges) {
      auto more = read(source, range, batch);
      records.insert(records.end(), more.begin(), more.end());
    }
    return records;
  }

  /// Limits of records and ranges only; the bytes are the default.
  static PlanLimits limits(std::uint64_t max_records, std::uint32_t max_ranges = 3) {
    PlanLimits limits;
    limits.max_records = max_records;
    limits.max_ranges = max_ranges;
    return limits;
  }

  /// True when both ranges say the same, their hashes included.
  static bool same(const BatchRange& one, const BatchRange& other) {
    return one.first_ordinal == other.first_ordinal && one.records == other.records &&
           one.byte_offset == other.byte_offset && one.byte_length == other.byte_length &&
           one.first_line == other.first_line && one.locator == other.locator &&
           one.content_hash == other.content_hash;
  }

  /// Fails the test where the two plans differ.
  static void expect_same(const std::vector<BatchRange>& one,
                          const std::vector<BatchRange>& other) {
    ASSERT_EQ(one.size(), other.size());
    for (std::size_t index = 0; index < one.size(); ++index) {
      EXPECT_TRUE(same(one[index], other[index])) << "range " << index;
    }
  }
};

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(SourceSuite);

TEST_P(SourceSuite, DescribesItselfTheSameEachTime) {
  ConnectorContext context;
  const auto one = GetParam().make();
  const SourceDescription first = one->describe(context);
  const SourceDescription again = one->describe(context);
  const SourceDescription other = GetParam().make()->describe(context);
  EXPECT_EQ(first.fields, again.fields);
  EXPECT_EQ(first.fields, other.fields);
  EXPECT_EQ(first.open_fields, other.open_fields);
  EXPECT_EQ(first.typed, other.typed);
  EXPECT_EQ(std::set<std::string>(first.fields.begin(), first.fields.end()).size(),
            first.fields.size());
  if (first.records_total) {
    EXPECT_EQ(*first.records_total, GetParam().records);
  }
}

TEST_P(SourceSuite, FingerprintIsThatOfTheInput) {
  ConnectorContext context;
  EXPECT_EQ(source()->fingerprint(context), source()->fingerprint(context));
}

TEST_P(SourceSuite, PlansRangesWithoutGapOrOverlap) {
  const auto ranges = plan(*source(), limits(7));
  std::uint64_t next = 0;
  for (const BatchRange& range : ranges) {
    EXPECT_EQ(range.first_ordinal, next);
    EXPECT_GT(range.records, 0U);
    EXPECT_LE(range.records, 7U);
    next += range.records;
  }
  EXPECT_EQ(next, GetParam().records);
}

TEST_P(SourceSuite, PlanIsAPureFunctionOfInputAndPosition) {
  const auto one_at_a_time = plan(*source(), limits(7, 1));
  expect_same(one_at_a_time, plan(*source(), limits(7, 1)));
  expect_same(one_at_a_time, plan(*source(), limits(7, 100)));

  // Another object goes on where the first one stopped, as another node does.
  ConnectorContext context;
  std::vector<BatchRange> handed_on;
  std::string position;
  for (bool done = false; !done;) {
    PlanChunk chunk = source()->plan(position, limits(7, 2), context);
    handed_on.insert(handed_on.end(), chunk.ranges.begin(), chunk.ranges.end());
    position = chunk.position;
    done = chunk.done;
  }
  expect_same(one_at_a_time, handed_on);
}

TEST_P(SourceSuite, ReadsEachRangeAloneAndAgain) {
  const auto first = source();
  const auto ranges = plan(*first, limits(7));
  const auto records = read(*first, ranges);
  ASSERT_EQ(records.size(), GetParam().records);
  for (std::size_t index = 0; index < records.size(); ++index) {
    EXPECT_EQ(records[index].ordinal, index);
  }
  // From the last to the first, by an object that has not planned.
  const auto second = source();
  RecordBatch batch;
  for (auto range = ranges.rbegin(); range != ranges.rend(); ++range) {
    const auto again = read(*second, *range, batch);
    for (std::size_t index = 0; index < again.size(); ++index) {
      EXPECT_EQ(again[index], records.at(range->first_ordinal + index));
    }
  }
}

TEST_P(SourceSuite, RecordsDoNotDependOnTheSizeOfBatches) {
  const auto with = [this](std::uint64_t max_records) {
    const auto made = source();
    return read(*made, plan(*made, limits(max_records)));
  };
  const auto expected = with(1);
  EXPECT_EQ(with(3), expected);
  EXPECT_EQ(with(1'000'000), expected);
}

TEST_P(SourceSuite, IsReadFromSeveralThreadsAtOnce) {
  const auto shared = source();
  const auto ranges = plan(*shared, limits(5));
  const auto expected = read(*shared, ranges);
  std::atomic<std::size_t> next = 0;
  std::atomic<std::uint64_t> right = 0;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&] {
      RecordBatch batch;
      for (std::size_t at = next++; at < ranges.size(); at = next++) {
        for (const Record& record : read(*shared, ranges[at], batch)) {
          if (record == expected.at(record.ordinal)) ++right;
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(right, GetParam().records);
}

TEST_P(SourceSuite, CountAgreesWithThePlan) {
  ConnectorContext context;
  const auto count = source()->count(context);
  if (count) {
    EXPECT_EQ(*count, GetParam().records);
  }
}

TEST_P(SourceSuite, EndsSoonWhenAskedToStop) {
  std::stop_source stop;
  stop.request_stop();
  ConnectorContext context;
  context.stop = stop.get_token();
  const auto made = source();
  const auto ranges = plan(*made, limits(1'000'000));
  ASSERT_FALSE(ranges.empty());
  RecordBatch batch;
  try {
    made->read(ranges.front(), batch, context);
  } catch (const Error& error) {
    EXPECT_EQ(error.category(), Category::cancelled);
  }
}

TEST_P(SourceSuite, DecodesTheRawTextsOfItsRecords) {
  if (!GetParam().decodes) {
    ConnectorContext context;
    RecordBatch batch;
    EXPECT_THROW(source()->decode({}, batch, context), Error);
    return;
  }
  const auto made = source();
  const auto records = read(*made, plan(*made, limits(1'000'000)));
  std::vector<RawRecord> raw;
  std::vector<Record> expected;
  // Not all of them and not in a row, as those that were rejected.
  for (std::size_t index = 1; index < records.size(); index += 3) {
    raw.push_back({.ordinal = records[index].ordinal,
                   .line = records[index].line,
                   .byte_offset = records[index].byte_offset,
                   .raw = records[index].raw});
    expected.push_back(records[index]);
  }
  ConnectorContext context;
  RecordBatch batch;
  made->decode(raw, batch, context);
  ASSERT_EQ(batch.records.size(), expected.size());
  for (std::size_t index = 0; index < expected.size(); ++index) {
    const Record record = copy(batch, index);
    EXPECT_EQ(record.ordinal, expected[index].ordinal);
    EXPECT_EQ(record.kinds, expected[index].kinds);
    EXPECT_EQ(record.values, expected[index].values);
    EXPECT_EQ(record.has_parse_error, expected[index].has_parse_error);
  }
}

/// @}

}  // namespace freight::testing
