// "trailing_delimiter": records that end in a delimiter; see csv_property_test.cpp, too.

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/csv/csv_fixture.hpp"

namespace freight::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// A file that may have such delimiters.
class LooseEnds : public CsvFile {
 public:
  explicit LooseEnds(std::string_view text, Encoding encoding = Encoding::utf_8)
      : CsvFile(text, encoding) {
    dialect().allow_trailing_delimiter = true;
  }
};

TEST(CsvTrailingDelimiter, IsRefusedWithAHintUnlessTheDialectAllowsIt) {
  const auto records = CsvFile("a,b\n1,2,\n").read();
  ASSERT_TRUE(records[0].error);
  EXPECT_EQ(records[0].error->code, Code::too_many_fields);
  EXPECT_THAT(records[0].error->hint, HasSubstr("\"trailing_delimiter\": \"allow\""));
  const Failure failure = failure_from([] { CsvFile("a,b,\n1,2,\n").describe(); });
  EXPECT_EQ(failure.code, Code::duplicate_header);
  EXPECT_THAT(failure.details.hint, HasSubstr("\"trailing_delimiter\": \"allow\""));
}

TEST(CsvTrailingDelimiter, OpensNoFieldOfARecordOrTheHeader) {
  for (const std::string header : {"a,b", "a,b,", "\"a\",\"b\","}) {
    for (const std::string end : {"\n", "\r\n"}) {
      for (const std::string record : {"1,2,", "1,2", "\"1\",\"2\",", "\"1\",2,"}) {
        LooseEnds file(header + end + record + end + record);
        EXPECT_THAT(file.describe().fields, ElementsAre("a", "b"));
        for (const ReadRecord& read : file.read()) {
          EXPECT_THAT(read.values, ElementsAre("1", "2")) << record;
          EXPECT_EQ(read.place.byte_length, record.size());
        }
      }
    }
  }
}

TEST(CsvTrailingDelimiter, IsAFieldAsLongAsOneIsWanting) {
  const auto records = LooseEnds("a,b\n1,\n,\n1,,\n").read();
  EXPECT_THAT(records[0].values, ElementsAre("1", ""));
  EXPECT_THAT(records[1].values, ElementsAre("", ""));
  EXPECT_THAT(records[2].values, ElementsAre("1", ""));
}

TEST(CsvTrailingDelimiter, IsNoneWithTextBehindIt) {
  for (const std::string record : {"1,2,,", "1,2,3", "1,2, ", "1,2,\"\"", "\"1\",2,3"}) {
    const auto records = LooseEnds("a,b\n" + record + "\n").read();
    ASSERT_TRUE(records[0].error) << record;
    EXPECT_EQ(records[0].error->code, Code::too_many_fields) << record;
  }
  LooseEnds spaced("a, b, \n1, 2, \n");
  spaced.dialect().skip_initial_space = true;
  EXPECT_THAT(spaced.describe().fields, ElementsAre("a", "b"));
  EXPECT_THAT(spaced.read()[0].values, ElementsAre("1", "2"));
}

TEST(CsvTrailingDelimiter, GoesWithNamesOfOnesOwn) {
  LooseEnds two("x,x,\n1,2,\n");
  two.dialect().header_names = {"a", "b"};
  EXPECT_THAT(two.read()[0].values, ElementsAre("1", "2"));
  LooseEnds three("x,x,\n1,2,\n");
  three.dialect().header_names = {"a", "b", "rest"};
  EXPECT_THAT(three.read()[0].values, ElementsAre("1", "2", ""));
  LooseEnds made("x,,\n1,2,\n");
  made.dialect().auto_header_names = true;
  EXPECT_THAT(made.describe().fields, ElementsAre("x", "column_2"));
  LooseEnds none("1,2,\n3,4\n");
  none.dialect().header = false;
  EXPECT_THAT(none.describe().fields, ElementsAre("column_1", "column_2"));
  EXPECT_THAT(none.read()[1].values, ElementsAre("3", "4"));
}

TEST(CsvTrailingDelimiter, OfOneColumn) {
  const auto records = LooseEnds("a,\n1,\n\n,\n").read();
  ASSERT_EQ(records.size(), 3U);
  EXPECT_THAT(records[0].values, ElementsAre("1"));
  EXPECT_EQ(records[1].kinds[0], FieldKind::absent);
  EXPECT_EQ(records[2].kinds[0], FieldKind::unquoted);
}

TEST(CsvTrailingDelimiter, IsFoundInOtherEncodings) {
  LooseEnds file("\xE4;b;\r\n1;\xE4;\r\n", Encoding::windows_1252);
  file.dialect().delimiter = ';';
  EXPECT_THAT(file.read()[0].values, ElementsAre("1", "\xC3\xA4"));
}

TEST(CsvTrailingDelimiter, KeepsAStrayQuoteToItsLine) {
  const auto records = LooseEnds("a,b\n1,\"x,\n2,y,\n3,\"z\",\n").read();
  ASSERT_EQ(records.size(), 3U);
  EXPECT_EQ(records[0].error->code, Code::unterminated_quote);
  EXPECT_THAT(records[1].values, ElementsAre("2", "y"));
  EXPECT_THAT(records[2].values, ElementsAre("3", "z"));
}

}  // namespace
}  // namespace freight::testing
