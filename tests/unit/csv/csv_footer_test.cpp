// "footer_rows": the last records of a file that are none; see csv_property_test.cpp, too.

#include <numeric>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/csv/csv_fixture.hpp"

namespace freight::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// A file with a footer.
class FootedFile : public CsvFile {
 public:
  FootedFile(std::string_view text, std::uint64_t rows, Encoding encoding = Encoding::utf_8)
      : CsvFile(text, encoding) {
    dialect().footer_rows = rows;
  }

  std::vector<std::string> raws() const {
    std::vector<std::string> raws;
    for (const ReadRecord& record : read()) raws.push_back(record.raw);
    return raws;
  }
};

TEST(CsvFooter, IsNotRead) {
  for (const std::string mark : {"", "\xEF\xBB\xBF"}) {
    for (const std::string end : {"\n", "\r\n"}) {
      // Ragged, quoted, over lines, with a quote that is not closed; with and without a line end.
      for (const std::string footer :
           {"Total;7", "Total,7", "\"Total\n7\",", "\"Total,7", ",,,,"}) {
        for (const std::string& last : {std::string(), end, end + end}) {
          std::string text =
              mark + "a,b" + end + "1,2" + end + "3,\"4" + end + "5\"" + end + "6" + end;
          text += footer + last;
          for (std::uint64_t most = 1; most <= 4; ++most) {
            FootedFile file(text, 1);
            file.limits() = {.max_records = most, .max_ranges = 1};
            EXPECT_THAT(file.raws(), ElementsAre("1,2", "3,\"4" + end + "5\"", "6")) << text;
          }
        }
      }
    }
  }
}

TEST(CsvFooter, IsOfAsManyRecordsAsItSays) {
  std::string text = "a,b\n";
  for (int index = 0; index < 40; ++index) text += std::to_string(index) + ",x\n";
  for (std::uint64_t rows = 0; rows <= 42; ++rows) {
    FootedFile file(text, rows);
    file.limits() = {.max_records = 3, .max_ranges = 2};
    EXPECT_EQ(file.read().size(), rows < 40 ? 40 - rows : 0U);
    const auto ranges = file.plan();
    const auto planned = std::accumulate(
        ranges.begin(), ranges.end(), std::uint64_t{0},
        [](std::uint64_t sum, const BatchRange& range) { return sum + range.records; });
    EXPECT_EQ(planned, rows < 40 ? 40 - rows : 0U);
  }
}

TEST(CsvFooter, IsBehindWhatIsNoRecord) {
  FootedFile file("a,b\n1,2\n\n# remark\n,\nTotal,2\n\n# made by hand\n,\n", 1);
  file.dialect().comment_char = '#';
  file.dialect().skip_blank_records = true;
  EXPECT_THAT(file.raws(), ElementsAre("1,2"));
  file.dialect().skip_blank_records = false;
  EXPECT_THAT(file.raws(), ElementsAre("1,2", ",", "Total,2"));
}

TEST(CsvFooter, IsNeverTheHeader) {
  EXPECT_THAT(FootedFile("a,b\n", 3).raws(), IsEmpty());
  EXPECT_THAT(FootedFile("a,b\nTotal\n", 3).raws(), IsEmpty());
  EXPECT_THAT(FootedFile("a,b\n", 3).describe().fields, ElementsAre("a", "b"));
}

TEST(CsvFooter, EndsALimitThatIsBeyondIt) {
  for (std::uint64_t limit = 1; limit <= 4; ++limit) {
    FootedFile file("a\n1\n2\n3\nTotal\n", 1);
    file.csv().limit = limit;
    EXPECT_EQ(file.read().size(), std::min<std::uint64_t>(limit, 3));
  }
}

TEST(CsvFooter, IsFoundInOtherDialectsAndEncodings) {
  FootedFile file("a;b\r1;\xE4\rSumme;\xE4\r", 1, Encoding::windows_1252);
  file.dialect().delimiter = ';';
  file.dialect().line_terminator = '\r';
  EXPECT_THAT(file.read()[0].values, ElementsAre("1", "\xC3\xA4"));
  EXPECT_EQ(file.read().size(), 1U);
}

TEST(CsvFooter, IsLookedForInFilesLargerThanWhatIsReadAtOnce) {
  std::string text = "a,b\n";
  constexpr std::size_t count = 60'000;
  for (std::size_t index = 0; index < count; ++index) text += "some text,and more of it\n";
  FootedFile file(text, 1000);
  file.limits() = {.max_records = 7000};
  const auto records = file.read();
  EXPECT_EQ(records.size(), count - 1000);
  EXPECT_EQ(records.back().place.line, count - 1000 + 1);
}

TEST(CsvFooter, IsNoneOfARejectsFile) {
  FootedFile file(
      "ordinal,line,byte_offset,byte_length,code,category,stage,column,value,expected,message,"
      "error_count,attempts,state,raw,raw_encoding,a\n"
      "0,2,4,1,type_mismatch,data,validate,a,x,y,z,1,1,open,1,utf-8,1\n",
      1);
  EXPECT_EQ(file.read().size(), 1U);
}

}  // namespace
}  // namespace freight::testing
