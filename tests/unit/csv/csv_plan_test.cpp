// How a CSV file is cut into ranges, and what is said of files that cannot be read or change.

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "connectors/csv/record_scanner.hpp"
#include "connectors/file/range_planner.hpp"
#include "core/hash.hpp"
#include "unit/csv/csv_fixture.hpp"

namespace freight::testing::csv_plan_test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

std::vector<std::uint64_t> counts_of(const std::vector<BatchRange>& ranges) {
  std::vector<std::uint64_t> counts;
  for (const BatchRange& range : ranges) counts.push_back(range.records);
  return counts;
}

std::string lines(std::size_t count) {
  std::string text = "id,name\n";
  for (std::size_t index = 0; index < count; ++index) text += std::to_string(index % 10) + ",a\n";
  return text;
}

TEST(CsvPlan, ARangeHoldsExactlyMaxRecordsGoodAndBadAlike) {
  CsvFile file("id,name\n1,a\n2\n3,c\n\"4,d\n5,e\n6,f\n7,g\n");
  file.limits() = {.max_records = 3};
  const auto ranges = file.plan();
  EXPECT_THAT(counts_of(ranges), ElementsAre(3, 3, 1));
  EXPECT_EQ(ranges[1].first_ordinal, 3U);
  EXPECT_EQ(ranges[1].first_line, 5U);
  EXPECT_EQ(ranges[1].byte_offset, 18U);
}

TEST(CsvPlan, ARangeIsClosedBeforeMaxBytesWouldBeExceeded) {
  CsvFile file("id,name\n1,a\n2,b\n3,c\n4,d\n");
  file.limits() = {.max_bytes = 8};
  EXPECT_THAT(counts_of(file.plan()), ElementsAre(2, 2));
  file.limits() = {.max_bytes = 7};
  EXPECT_THAT(counts_of(file.plan()), ElementsAre(1, 1, 1, 1));
}

TEST(CsvPlan, ALargerRecordIsARangeOfItsOwn) {
  CsvFile file("id,name\n1,a\n2," + std::string(50, 'b') + "\n3,c\n4,d\n");
  file.limits() = {.max_bytes = 20};
  EXPECT_THAT(counts_of(file.plan()), ElementsAre(1, 1, 2));
}

TEST(CsvPlan, RangesCoverTheFileFromTheHeaderToItsEnd) {
  const std::string text = "id,name\n# first\n1,a\n# between\n\n2,b\n# last\n";
  CsvFile file(text);
  file.dialect().comment_char = '#';
  file.limits() = {.max_records = 1};
  const auto ranges = file.plan();
  ASSERT_EQ(ranges.size(), 2U);
  EXPECT_EQ(ranges[0].byte_offset, 8U) << "what precedes the first record is of its range";
  EXPECT_EQ(ranges[0].first_line, 3U);
  EXPECT_EQ(ranges[1].byte_offset, text.find("2,b"));
  EXPECT_EQ(ranges[0].byte_offset + ranges[0].byte_length, ranges[1].byte_offset);
  EXPECT_EQ(ranges[1].byte_offset + ranges[1].byte_length, text.size());
  const auto records = file.read();
  EXPECT_EQ(records[0].place.line, 3U);
  EXPECT_EQ(records[1].place.line, 6U);
}

TEST(CsvPlan, TheHashIsOfTheRangesBytes) {
  const std::string text = lines(3);
  core::ContentHash hash;
  hash.update(std::string_view(text).substr(8));
  EXPECT_EQ(CsvFile(text).plan().at(0).content_hash, hash.hex());
}

TEST(CsvPlan, OneCallReturnsAtMostMaxRangesAndSaysWhereToGoOn) {
  CsvFile file(lines(5));
  ConnectorContext context;
  const auto source = file.make_source();
  const PlanLimits limits{.max_records = 1, .max_ranges = 2};
  const PlanChunk first = source->plan("", limits, context);
  EXPECT_THAT(counts_of(first.ranges), ElementsAre(1, 1));
  EXPECT_FALSE(first.done);
  // Another process goes on.
  const PlanChunk second = file.make_source()->plan(first.position, limits, context);
  EXPECT_EQ(second.ranges.at(0).first_ordinal, 2U);
  const PlanChunk third = source->plan(second.position, limits, context);
  EXPECT_THAT(counts_of(third.ranges), ElementsAre(1));
  EXPECT_TRUE(third.done);
  const PlanChunk after = source->plan(third.position, limits, context);
  EXPECT_TRUE(after.done);
  EXPECT_THAT(after.ranges, IsEmpty());
}

TEST(CsvPlan, TheLimitEndsThePlan) {
  CsvFile file(lines(5));
  file.csv().limit = 3;
  file.limits() = {.max_records = 2, .max_ranges = 1};
  const auto ranges = file.plan();
  EXPECT_THAT(counts_of(ranges), ElementsAre(2, 1));
  EXPECT_EQ(ranges[1].byte_length, 4U);
  EXPECT_EQ(file.read().size(), 3U);
  file.csv().limit = 2;
  EXPECT_THAT(counts_of(file.plan()), ElementsAre(2));
  file.csv().limit = 9;
  EXPECT_THAT(counts_of(file.plan()), ElementsAre(2, 2, 1));
}

TEST(CsvPlan, APositionOfANewerFormatIsRefused) {
  CsvFile file(lines(1));
  ConnectorContext context;
  const auto plan = [&](const std::string& position) {
    return failure_from([&] { file.make_source()->plan(position, {}, context); }).code;
  };
  EXPECT_EQ(plan("2 what ever"), Code::newer_format);
  EXPECT_EQ(plan("1 8 2 0"), Code::internal);
  EXPECT_EQ(plan("1 8 2 0 12 "), Code::internal);
  EXPECT_EQ(plan("0 8 2 0 12"), Code::internal);
  EXPECT_EQ(plan("1 8 2 0 11"), Code::source_changed) << "the size of another file";
}

TEST(CsvPlan, AStopIsObeyed) {
  CsvFile file(lines(5));
  std::stop_source stop;
  stop.request_stop();
  ConnectorContext context{.stop = stop.get_token()};
  const auto cancelled = [&](auto&& action) {
    return failure_from(action).code == Code::cancelled;
  };
  EXPECT_TRUE(cancelled([&] { file.make_source()->plan("", {}, context); }));
  const auto ranges = file.plan();
  RecordBatch batch;
  EXPECT_TRUE(cancelled([&] { file.make_source()->read(ranges[0], batch, context); }));
}

// Work is counted in bytes that the scanner looked at, so that no test depends on a clock.
std::uint64_t work_for(const CsvFile& csv, const CsvDialect& spec, std::size_t columns,
                       std::uint64_t max_record_bytes, const PlanLimits& limits) {
  const file::InputFile file(csv.path());
  const csv::Dialect dialect(spec);
  file::PlanPosition position;
  std::uint64_t work = 0;
  while (true) {
    csv::RecordScanner scanner(dialect, {.max_record_bytes = max_record_bytes, .columns = columns},
                               position.line_start());
    const auto chunk = file::plan_ranges(
        file, scanner, {.max_record_bytes = max_record_bytes, .piece_bytes = 64 * 1024}, position,
        limits, {});
    work += scanner.work();
    if (chunk.done) return work;
    position = file::PlanPosition::from_text(chunk.position, file.size());
  }
}

std::string repeated(std::string_view piece, std::size_t size) {
  std::string text;
  while (text.size() < size) text += piece;
  return text;
}

TEST(CsvPlan, HostileTextTakesLinearWork) {
  const CsvDialect plain;
  const CsvDialect escaped{.double_quote = false, .escape_char = '\\'};
  const CsvDialect both{.escape_char = '\\', .comment_char = '#', .skip_initial_space = true};
  constexpr std::size_t size = 150'000;
  for (const std::string piece : {"\"\n",
                                  "a,\"b\n",
                                  "a\",\",\n",
                                  "\"\"\"\n",
                                  "\"\\\"\n",
                                  ",\"\"\n",
                                  "\"\\\n",
                                  " \"\n",
                                  "#\"\n\"",
                                  "\"a\nb\nc\nd\n",
                                  "\"\"",
                                  "\"",
                                  "\\",
                                  "\n",
                                  "\r",
                                  "\"\r\n\r",
                                  "a,\"\"\"b\n",
                                  "\\\"\n",
                                  "a,b\nx\"y,\"z\n",
                                  "a,b\na,\"\n",
                                  "a,b\n\",\"\n"}) {
    for (const CsvDialect& dialect : {plain, escaped, both}) {
      for (const std::uint64_t max_record_bytes : {100U, 10'000U, 10'000'000U}) {
        for (const std::string start : {"", "\""}) {
          const CsvFile file(start + repeated(piece, size));
          for (const std::size_t columns : {0U, 2U, 40U}) {
            const std::uint64_t work =
                work_for(file, dialect, columns, max_record_bytes, {.max_ranges = 1000});
            EXPECT_LE(work, (columns == 0 ? 4 : 12) * size)
                << "piece " << piece << " columns " << columns << " limit " << max_record_bytes;
          }
        }
      }
    }
  }
}

TEST(CsvPlan, ALastRecordThatIsLookedAtTwiceCostsNoMoreThanThat) {
  // Each call ends with a range closed by a long record, which the next call looks at again.
  const std::string record = "1," + std::string(50'000, 'x') + "\n";
  const CsvFile file(repeated(record, 1'000'000));
  const std::uint64_t size = std::filesystem::file_size(file.path());
  EXPECT_LE(work_for(file, {}, 2, 8 * 1024 * 1024, {.max_records = 1, .max_ranges = 1}), 2 * size);
}

TEST(CsvSource, AMissingFileIsNotFound) {
  CsvFile file("");
  std::filesystem::remove(file.path());
  const Failure failure = failure_from([&] { file.describe(); });
  EXPECT_EQ(failure.code, Code::source_not_found);
  EXPECT_THAT(failure.message, HasSubstr(file.path().string()));
  EXPECT_THAT(failure.message, HasSubstr("No such file or directory"));
  file.csv().path = "/dev/null/x";
  EXPECT_EQ(failure_from([&] { file.describe(); }).code, Code::source_not_found);
}

TEST(CsvSource, ADirectoryIsUnreadable) {
  CsvFile file("");
  file.csv().path = file.path().parent_path();
  const Failure failure = failure_from([&] { file.describe(); });
  EXPECT_EQ(failure.code, Code::source_unreadable);
  EXPECT_THAT(failure.message, HasSubstr("is a directory"));
}

TEST(CsvSource, APipeIsUnreadableAndNotWaitedFor) {
  CsvFile file("");
  file.csv().path = file.path().parent_path() / "pipe";
  ASSERT_EQ(::mkfifo(file.csv().path.c_str(), 0600), 0);
  const Failure failure = failure_from([&] { file.describe(); });
  EXPECT_EQ(failure.code, Code::source_unreadable);
  EXPECT_THAT(failure.message, HasSubstr("not a regular file"));
}

/// Makes the superuser, who may read everything, somebody else for a while.
class OrdinaryUser {
 public:
  OrdinaryUser() : before_(::geteuid()) {
    if (before_ == 0 && ::seteuid(65534) != 0) throw std::runtime_error("seteuid failed");
  }
  ~OrdinaryUser() {
    if (before_ == 0 && ::seteuid(before_) != 0) ADD_FAILURE() << "seteuid failed";
  }
  OrdinaryUser(const OrdinaryUser&) = delete;
  OrdinaryUser& operator=(const OrdinaryUser&) = delete;

 private:
  uid_t before_;
};

TEST(CsvSource, AFileWithoutTheRightToReadItIsUnreadable) {
  CsvFile file("id\n1\n");
  std::filesystem::permissions(file.path(), std::filesystem::perms::none);
  const OrdinaryUser user;
  const Failure failure = failure_from([&] { file.describe(); });
  EXPECT_EQ(failure.code, Code::source_unreadable);
  EXPECT_THAT(failure.message, HasSubstr("Permission denied"));
}

TEST(CsvSource, AFailedOpeningMayBeTriedAgain) {
  CsvFile file("");
  std::filesystem::remove(file.path());
  const auto source = file.make_source();
  ConnectorContext context;
  EXPECT_EQ(failure_from([&] { source->describe(context); }).code, Code::source_not_found);
  write_file(file.path(), "id\n1\n");
  EXPECT_THAT(source->describe(context).fields, ElementsAre("id"));
}

TEST(CsvSource, OtherBytesInARangeAreNoticed) {
  CsvFile file("id,name\n1,a\n2,b\n");
  const auto ranges = file.plan();
  const auto source = file.make_source();
  write_file(file.path(), "id,name\n1,a\n2,x\n");
  const Failure failure = failure_from([&] { read_all(*source, ranges); });
  EXPECT_EQ(failure.code, Code::source_changed);
  EXPECT_THAT(failure.message, HasSubstr("bytes 8 to 16"));
}

TEST(CsvSource, OtherBytesInALongRecordAreNoticed) {
  const std::string text = "id,name\n1," + std::string(300'000, 'a') + "\n";
  CsvFile file(text);
  file.csv().max_record_bytes = 1000;
  file.spec().batch.max_bytes = 1000;
  const auto ranges = file.plan();
  EXPECT_EQ(file.read().size(), 1U);
  std::string other = text;
  other[250'000] = 'b';
  write_file(file.path(), other);
  EXPECT_EQ(failure_from([&] { read_all(*file.make_source(), ranges); }).code,
            Code::source_changed);
}

TEST(CsvSource, AnotherCountInARangeIsNoticed) {
  CsvFile file("id,name\n1,a\n2,b\n");
  auto ranges = file.plan();
  for (const std::uint64_t count : {1U, 3U}) {
    ranges[0].records = count;
    EXPECT_EQ(failure_from([&] { read_all(*file.make_source(), ranges); }).code,
              Code::source_changed);
  }
}

TEST(CsvSource, AFileThatShrinksOrGrowsIsNoticedByEveryCall) {
  for (const std::uintmax_t size : {12U, 20U}) {
    CsvFile file("id,name\n1,a\n2,b\n");
    const auto ranges = file.plan();
    const auto source = file.make_source();
    ConnectorContext context;
    source->describe(context);
    std::filesystem::resize_file(file.path(), size);
    EXPECT_EQ(failure_from([&] { source->describe(context); }).code, Code::source_changed);
    EXPECT_EQ(failure_from([&] { source->plan("", {}, context); }).code, Code::source_changed);
    EXPECT_EQ(failure_from([&] { source->fingerprint(context); }).code, Code::source_changed);
    if (size > 16) continue;
    EXPECT_EQ(failure_from([&] { read_all(*source, ranges); }).code, Code::source_changed);
    EXPECT_EQ(failure_from([&] { read_all(*file.make_source(), ranges); }).code,
              Code::source_changed);
  }
}

TEST(CsvSource, AFileThatTakesTheNameDoesNotDisturbTheOneThatIsRead) {
  CsvFile file("id,name\n1,a\n");
  const auto source = file.make_source();
  const auto ranges = plan_all(*source, {});
  write_file(file.path().parent_path() / "new", "id\n");
  std::filesystem::rename(file.path().parent_path() / "new", file.path());
  EXPECT_EQ(read_all(*source, ranges).size(), 1U);
}

TEST(CsvSource, TheFingerprintIsOfSizeAndBothEnds) {
  const auto fingerprint = [](const std::string& text) {
    ConnectorContext context;
    return CsvFile(text).make_source()->fingerprint(context);
  };
  const std::string text = "id\n" + repeated("0123456789\n", 3 * 1024 * 1024);
  const std::string whole = fingerprint(text);
  EXPECT_THAT(whole, StartsWith("file/1 " + std::to_string(text.size()) + " "));
  EXPECT_EQ(fingerprint(text), whole);
  std::string other = text;
  other[100] = 'x';
  EXPECT_NE(fingerprint(other), whole);
  other = text;
  other[text.size() - 100] = 'x';
  EXPECT_NE(fingerprint(other), whole);
  EXPECT_NE(fingerprint(text + "\n"), whole);
  EXPECT_NE(fingerprint("id\n1\n"), fingerprint("id\n2\n"));
}

TEST(CsvSource, ItHasNoOtherWayToCount) {
  ConnectorContext context;
  EXPECT_EQ(CsvFile("id\n").make_source()->count(context), std::nullopt);
}

}  // namespace
}  // namespace freight::testing::csv_plan_test
