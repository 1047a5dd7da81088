// Random files of hostile lines: planning from any position gives the same ranges, ranges leave no
// gap, and whatever their size they hold the lines that are there.

#include <algorithm>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "connectors/file/range_planner.hpp"
#include "connectors/file/range_reader.hpp"
#include "connectors/jsonl/jsonl_format.hpp"
#include "unit/jsonl/jsonl_fixture.hpp"

namespace freight::testing::jsonl_property_test {
namespace {

using Random = std::mt19937;

std::size_t up_to(Random& random, std::size_t most) {
  return std::uniform_int_distribution<std::size_t>(0, most)(random);
}

std::string random_text(Random& random, std::size_t size) {
  const std::vector<std::string> pieces{"{\"a\":1}",
                                        "{\"b\":\"x\",\"a\":2.50}",
                                        "{\"a\":[1,2]}",
                                        "[1]",
                                        "{\"a\":",
                                        "}",
                                        "\"",
                                        "\n",
                                        "\n",
                                        "\n",
                                        "\n",
                                        "\r\n",
                                        "\r",
                                        "  ",
                                        "\t",
                                        "\xC3\xA9",
                                        "\xE9",
                                        "nonsense",
                                        std::string(1, '\0')};
  std::string text;
  while (text.size() < size) text += pieces[up_to(random, pieces.size() - 1)];
  // Records of which only the beginning is kept, and blank lines as long.
  if (up_to(random, 40) == 0) text.insert(up_to(random, text.size()), std::string(70'000, 'y'));
  if (up_to(random, 40) == 0) text.insert(up_to(random, text.size()), std::string(70'000, ' '));
  return text;
}

struct ExpectedLine {
  std::uint64_t line;
  std::uint64_t offset;
  std::uint64_t length;
};

/// The lines that are records, found as plainly as can be.
std::vector<ExpectedLine> lines_of(const std::string& text) {
  std::vector<ExpectedLine> lines;
  std::uint64_t line = 1;
  for (std::size_t begin = 0; begin < text.size(); ++line) {
    const std::size_t feed = text.find('\n', begin);
    const std::size_t next = feed == std::string::npos ? text.size() : feed + 1;
    std::size_t end = feed == std::string::npos ? text.size() : feed;
    const bool is_blank =
        text.substr(begin, end - begin).find_first_not_of(" \t\r") == std::string::npos;
    if (end != next && end > begin && text[end - 1] == '\r') --end;
    if (!is_blank) lines.push_back({line, begin, end - begin});
    begin = next;
  }
  return lines;
}

class Case {
 public:
  Case(unsigned seed, const JsonlFile& file) : random_(seed), path_(file.path()) {
    text_ = random_text(random_, up_to(random_, 400));
    write_file(path_, text_);
    source_.path = path_;
    if (up_to(random_, 1) == 0) source_.max_record_bytes = up_to(random_, 40);
    if (up_to(random_, 3) == 0) source_.encoding = Encoding::windows_1252;
    limits_ = {.max_records = 1 + up_to(random_, 8), .max_bytes = 1 + up_to(random_, 120)};
    expected_ = lines_of(text_);
  }

  void check() {
    const file::InputFile file(path_);
    const jsonl::JsonlFormat format(source_, json::RecordLayout({"a", "b"}, false));
    const auto ranges = plan(file, format);
    const file::RangeReaderOptions options{
        .max_record_bytes = source_.max_record_bytes,
        .max_range_bytes = up_to(random_, 1) == 0 ? up_to(random_, 100) : text_.size(),
        .piece_bytes = 1 + up_to(random_, 200)};
    std::uint64_t offset = 0;
    std::uint64_t ordinal = 0;
    RecordBatch batch;
    for (const BatchRange& range : ranges) {
      ASSERT_EQ(range.byte_offset, offset);
      ASSERT_EQ(range.first_ordinal, ordinal);
      ASSERT_LE(range.records, limits_.max_records);
      batch.clear();
      file::read_range(file, format, options, range, batch, {});
      ASSERT_EQ(batch.records.size(), range.records);
      for (std::size_t index = 0; index < range.records; ++index) {
        ASSERT_NO_FATAL_FAILURE(check_record(batch, index, ordinal + index));
      }
      offset += range.byte_length;
      ordinal += range.records;
    }
    ASSERT_EQ(ordinal, expected_.size());
    if (!ranges.empty()) {
      ASSERT_EQ(offset, text_.size());
    }
  }

 private:
  std::vector<BatchRange> plan(const file::InputFile& file, const jsonl::JsonlFormat& format) {
    std::vector<BatchRange> ranges;
    file::PlanPosition position;
    while (true) {
      PlanLimits limits = limits_;
      limits.max_ranges = 1 + static_cast<std::uint32_t>(up_to(random_, 3));
      const auto scanner = format.make_scanner(position.line_start());
      auto chunk = file::plan_ranges(file, *scanner, {.piece_bytes = up_to(random_, 200)}, position,
                                     limits, {});
      for (auto& range : chunk.ranges) ranges.push_back(std::move(range));
      if (chunk.done) return ranges;
      position = file::PlanPosition::from_text(chunk.position, text_.size());
    }
  }

  void check_record(const RecordBatch& batch, std::size_t index, std::size_t ordinal) const {
    ASSERT_LT(ordinal, expected_.size());
    SCOPED_TRACE("record " + std::to_string(ordinal));
    const ReadRecord record = copy_of(batch, index);
    const ExpectedLine& expected = expected_[ordinal];
    ASSERT_EQ(record.place.ordinal, ordinal);
    ASSERT_EQ(record.place.line, expected.line);
    ASSERT_EQ(record.place.byte_offset, expected.offset);
    ASSERT_EQ(record.place.byte_length, expected.length);
    const std::string raw = text_.substr(expected.offset, expected.length);
    if (expected.length > source_.max_record_bytes) {
      ASSERT_EQ(record.raw, raw.substr(0, 64U * 1024U));
      ASSERT_TRUE(record.error);
      ASSERT_EQ(record.error->code, Code::record_too_long);
      return;
    }
    ASSERT_EQ(record.raw, raw);
    ASSERT_NO_FATAL_FAILURE(check_alone(record));
  }

  /// The same comes of the record's text alone.
  void check_alone(const ReadRecord& record) const {
    const jsonl::JsonlFormat format(source_, json::RecordLayout({"a", "b"}, false));
    const RawRecord raw{record.place.ordinal, record.place.line, record.place.byte_offset,
                        record.raw};
    // Its memory serves all records: making it anew took most of the time.
    static RecordBatch batch;
    batch.clear();
    file::decode_records(format, {&raw, 1}, batch, {});
    const ReadRecord alone = copy_of(batch, 0);
    ASSERT_EQ(alone.values, record.values);
    ASSERT_EQ(alone.kinds, record.kinds);
    ASSERT_EQ(alone.error.has_value(), record.error.has_value());
    if (record.error) {
      ASSERT_EQ(alone.error->code, record.error->code);
    }
  }

  Random random_;
  std::filesystem::path path_;
  JsonlSourceSpec source_;
  std::string text_;
  PlanLimits limits_;
  std::vector<ExpectedLine> expected_;
};

TEST(JsonlProperty, RangesOfAnySizeCoverTheFileAndHoldItsLines) {
  const JsonlFile file("");
  for (unsigned seed = 1; seed <= 3000; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Case(seed, file).check();
    if (HasFatalFailure()) return;
  }
}

TEST(JsonlProperty, HostileTextTakesLinearWork) {
  for (const std::string piece : {"\n", " ", " \n", "\r", "{", "[\n", "\"\\", " {", "\r\n\r"}) {
    std::string text;
    while (text.size() < 150'000) text += piece;
    const JsonlFile made(text);
    const file::InputFile file(made.path());
    const JsonlSourceSpec source{.max_record_bytes = 100};
    const jsonl::JsonlFormat format(source, json::RecordLayout({}, false));
    file::PlanPosition position;
    std::uint64_t work = 0;
    while (true) {
      const auto scanner = format.make_scanner(position.line_start());
      const auto chunk = file::plan_ranges(file, *scanner, {.piece_bytes = 64 * 1024}, position,
                                           {.max_ranges = 1000}, {});
      work += scanner->work();
      if (chunk.done) break;
      position = file::PlanPosition::from_text(chunk.position, file.size());
    }
    EXPECT_LE(work, 2 * text.size()) << piece;
  }
}

}  // namespace
}  // namespace freight::testing::jsonl_property_test
