// Random files of hostile bytes: planning from any position gives the same ranges, ranges leave no
// gap, and what they hold is what a slow reference reads.

#include <algorithm>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "connectors/csv/csv_format.hpp"
#include "connectors/file/range_planner.hpp"
#include "connectors/file/range_reader.hpp"
#include "support/reference_csv.hpp"
#include "unit/csv/csv_fixture.hpp"

namespace freight::testing {
namespace {

using Random = std::mt19937;

std::size_t up_to(Random& random, std::size_t most) {
  return std::uniform_int_distribution<std::size_t>(0, most)(random);
}

bool one_in(Random& random, std::size_t odds) { return up_to(random, odds - 1) == 0; }

std::string random_text(Random& random, const CsvDialect& dialect, std::size_t size) {
  // Weighted towards the bytes that mean something.
  std::vector<std::string> pieces{"a",  "b",  "longer text", " ",  "\n",
                                  "\n", "\n", "\r\n",        "\r", "x"};
  for (int times = 0; times < 4; ++times) pieces.emplace_back(1, dialect.delimiter);
  for (int times = 0; times < 2; ++times) pieces.emplace_back(1, dialect.line_terminator);
  if (dialect.quote_char) {
    for (int times = 0; times < 3; ++times) pieces.emplace_back(1, *dialect.quote_char);
  }
  if (dialect.escape_char) pieces.emplace_back(2, *dialect.escape_char);
  if (dialect.escape_char) pieces.emplace_back(1, *dialect.escape_char);
  if (dialect.comment_char) pieces.push_back("\n" + std::string(1, *dialect.comment_char));
  if (one_in(random, 2)) pieces.insert(pieces.end(), {"\xC3\xA9", "\xF0\x9F\x98\x80"});
  if (one_in(random, 4)) pieces.insert(pieces.end(), {"\xE9", std::string(1, '\0'), "\xC3"});
  if (one_in(random, 4)) pieces.push_back(std::string(40, 'z'));
  std::string text;
  while (text.size() < size) text += pieces[up_to(random, pieces.size() - 1)];
  return text;
}

CsvDialect random_dialect(Random& random) {
  CsvDialect dialect{.header = false};
  if (one_in(random, 3)) dialect.delimiter = ';';
  if (one_in(random, 6))
    dialect.quote_char = one_in(random, 2) ? std::nullopt : std::optional('\'');
  if (one_in(random, 4)) dialect.double_quote = false;
  if (one_in(random, 4)) dialect.escape_char = '\\';
  if (one_in(random, 12)) dialect.escape_char = dialect.quote_char;
  if (one_in(random, 3)) dialect.comment_char = '#';
  if (one_in(random, 4)) dialect.skip_initial_space = true;
  if (one_in(random, 6)) dialect.line_terminator = '\r';
  if (one_in(random, 3)) dialect.skip_blank_records = true;
  if (one_in(random, 3)) dialect.allow_trailing_delimiter = true;
  return dialect;
}

/// One random file and everything that is asked of it.
class Case {
 public:
  Case(unsigned seed, const CsvFile& file) : random_(seed), file_(file) {
    source_ = {.path = file_.path(), .dialect = random_dialect(random_)};
    if (one_in(random_, 2)) source_.max_record_bytes = up_to(random_, 60);
    columns_ = 1 + up_to(random_, 3);
    text_ = random_text(random_, source_.dialect, up_to(random_, 400));
    // Records of which only the beginning is kept.
    if (one_in(random_, 50)) text_.insert(up_to(random_, text_.size()), std::string(70'000, 'y'));
    write_file(file_.path(), text_);
    if (one_in(random_, 3)) footer_rows_ = up_to(random_, 4);
    limits_ = {.max_records = 1 + up_to(random_, 8),
               .max_bytes = 1 + up_to(random_, 120),
               .max_ranges = 1 + static_cast<std::uint32_t>(up_to(random_, 4))};
    for (std::size_t index = 0; index < columns_; ++index)
      names_.push_back("c" + std::to_string(index));
  }

  void check() {
    CsvSourceSpec plain = source_;
    if (plain.dialect.escape_char && plain.dialect.escape_char == plain.dialect.quote_char) {
      // Another way to say it.
      plain.dialect.escape_char.reset();
      plain.dialect.double_quote = true;
    }
    auto expected = ReferenceCsv(text_, plain, columns_).records(0, 1);
    const std::size_t footer = std::min(footer_rows_, expected.size());
    end_ = footer == 0 ? text_.size() : expected[expected.size() - footer].offset;
    expected.resize(expected.size() - footer);
    const std::vector<BatchRange> ranges = plan();
    ASSERT_NO_FATAL_FAILURE(check_coverage(ranges, expected));
    ASSERT_NO_FATAL_FAILURE(check_limits(ranges, expected));
    check_records(ranges, expected);
  }

 private:
  csv::CsvFormat make_format() const {
    return {csv::Dialect(source_.dialect), names_, {.max_record_bytes = source_.max_record_bytes}};
  }

  std::vector<BatchRange> plan() {
    const file::InputFile file(file_.path());
    const csv::CsvFormat format = make_format();
    const file::PlannerOptions options{.footer_rows = footer_rows_,
                                       .max_record_bytes = source_.max_record_bytes,
                                       .piece_bytes = up_to(random_, 200)};
    std::vector<BatchRange> ranges;
    file::PlanPosition position;
    while (true) {
      PlanLimits limits = limits_;
      limits.max_ranges = 1 + static_cast<std::uint32_t>(up_to(random_, 3));
      const auto scanner = format.make_scanner(position.line_start());
      auto chunk = file::plan_ranges(file, *scanner, options, position, limits, {});
      for (auto& range : chunk.ranges) ranges.push_back(std::move(range));
      if (chunk.done) return ranges;
      position = file::PlanPosition::from_text(chunk.position, text_.size());
    }
  }

  void check_coverage(const std::vector<BatchRange>& ranges,
                      const std::vector<ReferenceRecord>& expected) const {
    ASSERT_EQ(ranges.empty(), expected.empty());
    std::uint64_t offset = 0;
    std::uint64_t ordinal = 0;
    for (const BatchRange& range : ranges) {
      ASSERT_EQ(range.byte_offset, offset);
      ASSERT_EQ(range.first_ordinal, ordinal);
      ASSERT_LT(ordinal, expected.size());
      ASSERT_EQ(range.first_line, expected[ordinal].line);
      offset += range.byte_length;
      ordinal += range.records;
    }
    ASSERT_EQ(ordinal, expected.size());
    if (!ranges.empty()) {
      ASSERT_EQ(offset, end_);
    }
  }

  void check_limits(const std::vector<BatchRange>& ranges,
                    const std::vector<ReferenceRecord>& expected) const {
    for (std::size_t index = 0; index < ranges.size(); ++index) {
      const BatchRange& range = ranges[index];
      ASSERT_GE(range.records, 1U);
      ASSERT_LE(range.records, limits_.max_records);
      const auto& last = expected[range.first_ordinal + range.records - 1];
      if (range.records > 1) {
        ASSERT_LE(last.offset + last.length - range.byte_offset, limits_.max_bytes);
      }
      if (range.records == limits_.max_records || index + 1 == ranges.size()) continue;
      // It was closed earlier: the next record would have been too much.
      const auto& next = expected[range.first_ordinal + range.records];
      ASSERT_GT(next.offset + next.length + 2 - range.byte_offset, limits_.max_bytes);
    }
  }

  void check_records(const std::vector<BatchRange>& ranges,
                     const std::vector<ReferenceRecord>& expected) {
    const file::InputFile file(file_.path());
    const csv::CsvFormat format = make_format();
    const file::RangeReaderOptions options{
        .max_record_bytes = source_.max_record_bytes,
        // Some ranges are read in pieces and some at once.
        .max_range_bytes = one_in(random_, 2) ? up_to(random_, 100) : text_.size(),
        .piece_bytes = 1 + up_to(random_, 200)};
    RecordBatch batch;
    for (const BatchRange& range : ranges) {
      batch.clear();
      file::read_range(file, format, options, range, batch, {});
      ASSERT_EQ(batch.records.size(), range.records);
      ASSERT_EQ(batch.fields.size(), range.records * columns_);
      for (std::size_t index = 0; index < batch.records.size(); ++index) {
        const ReadRecord record = copy_of(batch, index);
        ASSERT_EQ(record.place.ordinal, range.first_ordinal + index);
        ASSERT_NO_FATAL_FAILURE(check_record(record, expected[record.place.ordinal]));
        ASSERT_NO_FATAL_FAILURE(check_alone(format, record));
      }
    }
  }

  void check_record(const ReadRecord& record, const ReferenceRecord& expected) const {
    SCOPED_TRACE("record " + std::to_string(record.place.ordinal));
    ASSERT_EQ(record.place.line, expected.line);
    ASSERT_EQ(record.place.byte_offset, expected.offset);
    ASSERT_EQ(record.place.byte_length, expected.length);
    const std::string_view raw = std::string_view(text_).substr(expected.offset, expected.length);
    if (expected.length > source_.max_record_bytes) {
      ASSERT_EQ(record.raw, raw.substr(0, 64 * 1024));
    } else {
      ASSERT_EQ(record.raw, raw);
    }
    ASSERT_EQ(record.error.has_value(), expected.fault.has_value()) << raw;
    if (expected.fault) {
      ASSERT_EQ(to_string(record.error->code), to_string(*expected.fault))
          << record.error->message << "\n"
          << raw;
      ASSERT_LE(record.error->value.value_or("").size(), 1024U);
    }
    for (std::size_t column = 0; column < columns_; ++column) {
      if (expected.fields.empty()) {
        ASSERT_EQ(record.kinds[column], FieldKind::absent);
        continue;
      }
      const ReferenceField& field = expected.fields[column];
      ASSERT_EQ(record.kinds[column], field.is_quoted ? FieldKind::quoted : FieldKind::unquoted);
      ASSERT_EQ(record.values[column], field.value);
    }
  }

  /// The same comes of the record's kept text alone.
  static void check_alone(const csv::CsvFormat& format, const ReadRecord& record) {
    if (record.raw.size() < record.place.byte_length) return;
    const RawRecord raw{record.place.ordinal, record.place.line, record.place.byte_offset,
                        record.raw};
    // Its memory serves all records: making it anew took most of the time.
    static RecordBatch batch;
    batch.clear();
    file::decode_records(format, {&raw, 1}, batch, {});
    const ReadRecord alone = copy_of(batch, 0);
    ASSERT_EQ(alone.place.line, record.place.line);
    ASSERT_EQ(alone.place.byte_offset, record.place.byte_offset);
    ASSERT_EQ(alone.values, record.values) << record.raw;
    ASSERT_EQ(alone.kinds, record.kinds) << record.raw;
    ASSERT_EQ(alone.error.has_value(), record.error.has_value()) << record.raw;
    if (!record.error) return;
    ASSERT_EQ(to_string(alone.error->code), to_string(record.error->code)) << record.raw;
    ASSERT_EQ(alone.error->column, record.error->column) << record.raw;
  }

  Random random_;
  const CsvFile& file_;
  CsvSourceSpec source_;
  std::size_t columns_ = 0;
  std::vector<std::string> names_;
  std::string text_;
  std::size_t footer_rows_ = 0;
  /// Where the last range ends.
  std::size_t end_ = 0;
  PlanLimits limits_;
};

TEST(CsvProperty, RangesCoverTheFileAndHoldWhatAReferenceReads) {
  const CsvFile file("");
  for (unsigned seed = 1; seed <= 2000; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Case(seed, file).check();
    if (HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace freight::testing
