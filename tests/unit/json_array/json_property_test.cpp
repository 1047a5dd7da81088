// Random arrays with hostile elements: however a file is cut into ranges, pieces and calls, the
// records are the same, and no range leaves a gap.

#include <algorithm>
#include <optional>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "connectors/file/range_planner.hpp"
#include "connectors/file/range_reader.hpp"
#include "connectors/json_array/array_format.hpp"
#include "freight/error.hpp"
#include "unit/json_array/json_fixture.hpp"

namespace freight::testing::json_property_test {
namespace {

using Random = std::mt19937;

std::size_t any_up_to(Random& random, std::size_t most) {
  return std::uniform_int_distribution<std::size_t>(0, most)(random);
}

std::string random_array(Random& random) {
  std::vector<std::string> pieces{"{\"a\":1}",
                                  ",",
                                  ",",
                                  ",\n",
                                  ",{\"b\":\"x\"}",
                                  "{",
                                  "}",
                                  "[",
                                  "]",
                                  "\"",
                                  "\n",
                                  "\n",
                                  "\r",
                                  "  ",
                                  "\\",
                                  "\"a\":",
                                  "\n{\"",
                                  "\n\"",
                                  "5",
                                  "\xC3\xA9",
                                  "\xE9",
                                  "{\"a\":[{\"c\":\"\n"};
  // Most texts with an open quote or bracket are refused in the end.
  if (any_up_to(random, 2) != 0) {
    std::erase_if(pieces, [](const std::string& piece) {
      return std::count(piece.begin(), piece.end(), '"') % 2 != 0 || piece == "\\" ||
             piece == "[" || piece == "]";
    });
  }
  std::string text = "[";
  const std::size_t size = any_up_to(random, 300);
  while (text.size() < size) text += pieces[any_up_to(random, pieces.size() - 1)];
  for (const std::string& long_part : {std::string(70'000, 'y'), std::string(70'000, ' ')}) {
    if (any_up_to(random, 40) == 0) text.insert(1 + any_up_to(random, text.size() - 1), long_part);
  }
  return text + "]";
}

/// What was read of one record, to be compared.
struct Reading {
  std::uint64_t line;
  std::uint64_t offset;
  std::uint64_t length;
  std::string raw;
  std::vector<std::string> values;
  std::optional<Code> code;

  friend bool operator==(const Reading&, const Reading&) = default;
};

struct Cut {
  PlanLimits limits;
  std::size_t piece_bytes = 200'000;
  std::uint64_t max_range_bytes = 1'000'000;
};

/// Ranges up to the text's end, or to where it is refused.
std::vector<BatchRange> ranges_of(const file::InputFile& file, const file::RecordFormat& format,
                                  std::uint64_t max_record_bytes, const Cut& cut) {
  std::vector<BatchRange> ranges;
  file::PlanPosition position{.offset = 1};
  while (true) {
    const auto scanner = format.make_scanner(position.line_start());
    auto chunk = file::plan_ranges(
        file, *scanner, {.max_record_bytes = max_record_bytes, .piece_bytes = cut.piece_bytes},
        position, cut.limits, {});
    for (auto& range : chunk.ranges) ranges.push_back(std::move(range));
    if (chunk.done) return ranges;
    position = file::PlanPosition::from_text(chunk.position, file.size());
  }
}

std::vector<Reading> readings_of(const file::InputFile& file, std::uint64_t max_record_bytes,
                                 const Cut& cut) {
  const json_array::ArrayFormat format({.begin = {.offset = 1}, .enclosing = {}},
                                       {.max_record_bytes = max_record_bytes},
                                       json::RecordLayout({"a", "b"}, false));
  const file::RangeReaderOptions options{.max_record_bytes = max_record_bytes,
                                         .max_range_bytes = cut.max_range_bytes,
                                         .piece_bytes = cut.piece_bytes};
  std::vector<Reading> readings;
  std::uint64_t offset = 1;
  RecordBatch batch;
  for (const BatchRange& range : ranges_of(file, format, max_record_bytes, cut)) {
    EXPECT_EQ(range.byte_offset, offset);
    EXPECT_EQ(range.first_ordinal, readings.size());
    batch.clear();
    file::read_range(file, format, options, range, batch, {});
    for (std::size_t index = 0; index < batch.records.size(); ++index) {
      const ReadRecord record = copy_of(batch, index);
      readings.push_back({record.place.line, record.place.byte_offset, record.place.byte_length,
                          record.raw, record.values, std::nullopt});
      if (record.error) readings.back().code = record.error->code;
    }
    offset += range.byte_length;
  }
  if (!readings.empty()) EXPECT_EQ(offset, file.size());
  return readings;
}

/// Nothing when the text is refused.
std::optional<std::vector<Reading>> try_reading(const file::InputFile& file,
                                                std::uint64_t max_record_bytes, const Cut& cut) {
  try {
    return readings_of(file, max_record_bytes, cut);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::source_unreadable) << error.what();
    return std::nullopt;
  }
}

TEST(JsonProperty, HoweverAFileIsCutItsRecordsAreTheSame) {
  const JsonFile made("");
  std::size_t read = 0;
  for (unsigned seed = 1; seed <= 1500; ++seed) {
    Random random(seed);
    const std::string text = random_array(random);
    write_file(made.path(), text);
    const file::InputFile file(made.path());
    const std::uint64_t max_record_bytes =
        any_up_to(random, 1) == 0 ? any_up_to(random, 40) : 10'000;
    const Cut fine{
        .limits = {.max_records = 1 + any_up_to(random, 4),
                   .max_bytes = 1 + any_up_to(random, 120),
                   .max_ranges = 1 + static_cast<std::uint32_t>(any_up_to(random, 3))},
        .piece_bytes = 1 + any_up_to(random, 100),
        .max_range_bytes = any_up_to(random, 1) == 0 ? any_up_to(random, 100) : 1'000'000};
    const auto whole = try_reading(file, max_record_bytes, {});
    ASSERT_EQ(whole, try_reading(file, max_record_bytes, fine)) << "seed " << seed << ": " << text;
    if (whole) read += whole->size();
  }
  EXPECT_GT(read, 7000U);
}

TEST(JsonProperty, HostileTextTakesLinearWork) {
  for (const std::string piece :
       {"\n", " ", ",", "{", "[", "\"\\", " {", "\"\n{", "{\"\n{ ", "\"\n\"", "{}", "]", "}"}) {
    std::string text = "[";
    while (text.size() < 150'000) text += piece;
    const JsonFile made(text);
    const file::InputFile file(made.path());
    const json_array::ArrayFormat format({.begin = {.offset = 1}, .enclosing = {}},
                                         {.max_record_bytes = 100}, json::RecordLayout({}, false));
    file::PlanPosition position{.offset = 1};
    std::uint64_t work = 0;
    try {
      while (true) {
        const auto scanner = format.make_scanner(position.line_start());
        const auto chunk =
            file::plan_ranges(file, *scanner, {.max_record_bytes = 100, .piece_bytes = 64 * 1024},
                              position, {.max_ranges = 1000}, {});
        work += scanner->work();
        if (chunk.done) break;
        position = file::PlanPosition::from_text(chunk.position, file.size());
      }
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Code::source_unreadable);
    }
    EXPECT_LE(work, 2 * text.size()) << piece;
  }
}

}  // namespace
}  // namespace freight::testing::json_property_test
