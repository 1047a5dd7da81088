// "skip_blank_records": records with nothing in their fields; see csv_property_test.cpp, too.

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/csv/csv_fixture.hpp"

namespace freight::testing {
namespace {

using ::testing::ElementsAre;

/// A file of which such records are passed over.
class WithoutBlankRecords : public CsvFile {
 public:
  explicit WithoutBlankRecords(std::string_view text, Encoding encoding = Encoding::utf_8)
      : CsvFile(text, encoding) {
    dialect().skip_blank_records = true;
  }
};

std::vector<std::uint64_t> lines_of(const std::vector<ReadRecord>& records) {
  std::vector<std::uint64_t> lines;
  for (const ReadRecord& record : records) lines.push_back(record.place.line);
  return lines;
}

TEST(CsvBlankRecords, AreRecordsUnlessTheDialectSaysSo) {
  EXPECT_EQ(CsvFile("a,b\n,\n1,2\n").read().size(), 2U);
}

TEST(CsvBlankRecords, TakeNoOrdinalAndCountAsLines) {
  for (const std::string end : {"\n", "\r\n"}) {
    for (const std::string blank : {",", " , ", "\t,", ",,,,", "   ", ""}) {
      std::string text = blank + end + "a,b" + end + blank + end + "1,2" + end;
      text += blank + end + blank + end + "3,4" + end + blank;
      for (std::uint64_t most = 1; most <= 3; ++most) {
        WithoutBlankRecords file(text);
        file.limits() = {.max_records = most, .max_ranges = 1};
        const auto records = file.read();
        EXPECT_THAT(lines_of(records), ElementsAre(4, 7)) << text;
        EXPECT_EQ(records[1].place.ordinal, 1U);
        EXPECT_THAT(records[1].values, ElementsAre("3", "4"));
      }
    }
  }
}

TEST(CsvBlankRecords, AreNoneOfQuotesOrOtherBytes) {
  for (const std::string text : {"\"\",", "\"\"", ",\"\"", ",\xC2\xA0", ",x", ",\r,"}) {
    EXPECT_EQ(WithoutBlankRecords("a,b\n" + text + "\n").read().size(), 1U) << text;
  }
  WithoutBlankRecords escaped("a,b\n\\,\n");
  escaped.dialect().escape_char = '\\';
  EXPECT_EQ(escaped.read().size(), 1U);
}

TEST(CsvBlankRecords, OfOneColumnAreEmptyLinesToo) {
  EXPECT_THAT(lines_of(WithoutBlankRecords("a\n\n1\n  \n\n2\n").read()), ElementsAre(3, 6));
}

TEST(CsvBlankRecords, WithinQuotesAreText) {
  const auto records = WithoutBlankRecords("a,b\n1,\"x\n,\n\ny\"\n,\n2,z\n").read();
  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(records[0].values[1], "x\n,\n\ny");
  EXPECT_EQ(records[1].place.line, 7U);
}

TEST(CsvBlankRecords, AreFoundInOtherDialectsAndEncodings) {
  WithoutBlankRecords file("\xE4;b\r;\r1;\xE4\r \t;;\r", Encoding::windows_1252);
  file.dialect().delimiter = ';';
  file.dialect().line_terminator = '\r';
  const auto records = file.read();
  ASSERT_EQ(records.size(), 1U);
  EXPECT_THAT(records[0].values, ElementsAre("1", "\xC3\xA4"));
  WithoutBlankRecords tabs("a\tb\n\t\n \t \n1\t2\n");
  tabs.dialect().delimiter = '\t';
  EXPECT_EQ(tabs.read().size(), 1U);
}

TEST(CsvBlankRecords, DoNotCountForALimit) {
  WithoutBlankRecords file("a,b\n,\n1,2\n,\n,\n3,4\n5,6\n");
  file.csv().limit = 2;
  EXPECT_THAT(lines_of(file.read()), ElementsAre(3, 6));
}

}  // namespace
}  // namespace freight::testing
