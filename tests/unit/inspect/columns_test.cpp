#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/inspect/inspect_testing.hpp"

namespace freight {
namespace {

using testing::column_of;
using testing::finding_of;
using ::testing::HasSubstr;
using testing::inspect_text;
using testing::readings_of;

struct ColumnCase {
  std::string name;
  /// One a line, under the header `v`, beside a number.
  std::vector<std::string> values;
  std::string expected;
};

void PrintTo(const ColumnCase& column, std::ostream* out) { *out << column.name; }

class Columns : public ::testing::TestWithParam<ColumnCase> {};

TEST_P(Columns, AreWhatTheirValuesAre) {
  std::string text = "v\tn\n";
  for (const std::string& value : GetParam().values) text += value + "\t1\n";
  const Inspection inspection = inspect_text(text);
  EXPECT_EQ(readings_of(inspection, "v"), GetParam().expected)
      << column_of(inspection, "v").evidence;
}

INSTANTIATE_TEST_SUITE_P(
    All, Columns,
    ::testing::ValuesIn(std::vector<ColumnCase>{
        {"Integer", {"1", "-20", "0"}, "integer"},
        {"LeadingZeros", {"007", "12"}, "string"},
        {"Phone", {"+41791234567", "+41791234568"}, "string"},
        {"LongCode", {"12345678901234567890", "12345678901234567891"}, "string"},
        {"Decimal", {"1.5", "2", "0.25"}, "decimal"},
        {"DecimalComma", {"1,5", "2"}, "decimal ,"},
        {"Grouped", {"1,234,567", "12"}, "integer group ,"},
        {"GroupedDecimal", {"1.234,50", "12,00"}, "decimal , group ."},
        {"Apostrophes", {"1'234.50", "999.00"}, "decimal group '"},
        {"ThousandOrOne", {"1.234", "5.678"}, "decimal | integer group ."},
        {"BelowOne", {"0.234", "5.678"}, "decimal"},
        {"Exponents", {"1e-05", "2.5"}, "number"},
        {"CodesWithE", {"12E4", "13E5"}, "string"},
        {"Boolean", {"yes", "no"}, "boolean"},
        {"OneSidedBoolean", {"F", "F"}, "string"},
        {"IsoDate", {"2020-01-02", "1999-12-31"}, "date"},
        {"PointDate", {"31.12.1999", "01.02.2003"}, "date %d.%m.%Y"},
        {"AmericanDate", {"12/31/1999", "01/02/2003"}, "date %m/%d/%Y"},
        {"EitherDate", {"01/02/2003", "03/04/2005"}, "date %d/%m/%Y | date %m/%d/%Y"},
        {"NamedMonth", {"5 Jan 2020", "31 December 2021"}, "date %d %b %Y"},
        {"ShortYears", {"31.12.99", "01.02.03"}, "date %d.%m.%y"},
        {"Datetime", {"2020-01-02 03:04:05", "2020-01-02T03:04:05Z"}, "datetime"},
        {"GermanDatetime", {"31.12.1999 23:59", "01.01.2000 00:00"}, "datetime %d.%m.%Y %H:%M"},
        {"Time", {"23:59:58", "00:00:00"}, "time"},
        {"MinutesOrHours", {"03:45", "12:10"}, "string"},
        {"Versions", {"1.2.10", "1.3.11"}, "string"},
        {"Uuid", {"6f9619ff-8b86-d011-b42d-00c04fc964ff"}, "uuid"},
        {"Mixed", {"1", "2", "three"}, "string"},
        {"NoSuchDate", {"31.12.1999", "31.02.2003"}, "string"},
        {"MissingWords", {"1.5", "NA", "-", "2"}, "decimal"},
        {"Empty", {"", ""}, "string"},
    }),
    [](const ::testing::TestParamInfo<ColumnCase>& info) { return info.param.name; });

TEST(ColumnEvidence, CountsWhatFitsAndWhatElseMight) {
  const Inspection inspection =
      inspect_text("born,n\n31.12.1999,1\n01.02.2003,2\n04.05.2006,3\n30.01.2010,4\n");
  EXPECT_EQ(finding_of(inspection, "born"),
            "date as %d.%m.%Y in 4 of 4 samples; 2 could be %m.%d.%Y alone\n");
}

TEST(ColumnEvidence, NamesTheFirstValueThatKeepsAColumnText) {
  const Inspection inspection = inspect_text("a,n\n1,1\n2,1\nx,1\n");
  EXPECT_THAT(finding_of(inspection, "a"), HasSubstr("2 are integer, the first other is 'x'"));
}

TEST(ColumnEvidence, AQuestionIsMarked) {
  const Inspection inspection = inspect_text("a,n\n01/02/2003,1\n");
  const auto& findings = inspection.findings;
  EXPECT_EQ(1, std::count_if(findings.begin(), findings.end(),
                             [](const InspectionFinding& finding) { return finding.question; }));
}

TEST(MissingWords, BelongToTheSchemaWhereTypedColumnsNeedThem) {
  const Inspection inspection = inspect_text("a,n\n1.5,x\nNULL,y\n0.5,z\n");
  EXPECT_THAT(inspection.missing_values, ::testing::ElementsAre("", "NULL"));
  EXPECT_EQ(column_of(inspection, "a").missing, 1U);
}

TEST(MissingWords, AreKeptAsTextWhereNothingNeedsThem) {
  const Inspection inspection = inspect_text("a,n\nUS,1\nNA,2\nDE,3\n");
  EXPECT_THAT(inspection.missing_values, ::testing::ElementsAre(""));
}

TEST(MissingWords, ThatMayBeACodeElsewhereAreNotTaken) {
  const Inspection inspection = inspect_text("country,n\nUS,1\nNA,NA\nDE,3\n");
  EXPECT_THAT(inspection.missing_values, ::testing::ElementsAre(""));
  EXPECT_EQ(readings_of(inspection, "n"), "string");
  EXPECT_THAT(finding_of(inspection, "n"), HasSubstr("may be a value in country"));
}

TEST(Keys, AreUniqueAndNeverMissing) {
  EXPECT_THAT(inspect_text("id,a\n1,x\n2,x\n").primary_key, ::testing::ElementsAre("id"));
  EXPECT_THAT(inspect_text("id,a\n1,x\n1,y\n").primary_key, ::testing::IsEmpty());
  EXPECT_THAT(inspect_text("id,a\n1,x\n,y\n").primary_key, ::testing::IsEmpty());
  EXPECT_THAT(inspect_text("age,a\n1,x\n2,y\n").primary_key, ::testing::IsEmpty());
}

TEST(QuotedNumbers, AreTextWhereOtherColumnsAreBare) {
  const Inspection inspection = inspect_text("zip,n\n\"8001\",1\n\"3000\",2\n");
  EXPECT_EQ(readings_of(inspection, "zip"), "string");
  EXPECT_EQ(readings_of(inspection, "n"), "integer");
  EXPECT_EQ(readings_of(inspect_text("a,b\n\"1\",\"2\"\n"), "a"), "integer");
}

TEST(JsonColumns, HaveTheTypesOfJson) {
  const Inspection inspection = inspect_text(
      "{\"id\":1,\"at\":\"2020-01-02\",\"code\":\"5\",\"x\":1.5,\"tags\":[1],\"ok\":true}\n"
      "{\"id\":2,\"at\":\"2020-01-03\",\"code\":\"6\",\"x\":2,\"tags\":[],\"ok\":null,\"m\":1}\n");
  EXPECT_TRUE(std::holds_alternative<JsonlSourceSpec>(inspection.source));
  EXPECT_EQ(readings_of(inspection, "id"), "integer");
  EXPECT_EQ(readings_of(inspection, "at"), "date");
  EXPECT_EQ(readings_of(inspection, "code"), "string");
  EXPECT_EQ(readings_of(inspection, "x"), "number");
  EXPECT_EQ(readings_of(inspection, "tags"), "json");
  EXPECT_EQ(readings_of(inspection, "ok"), "boolean");
  EXPECT_EQ(column_of(inspection, "m").missing, 1U);
}

}  // namespace
}  // namespace freight
