#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/inspect/inspect_testing.hpp"

namespace freight {
namespace {

using testing::column_of;
using testing::csv_of;
using testing::finding_of;
using ::testing::HasSubstr;
using testing::inspect_text;

std::vector<std::string> names_of(const Inspection& inspection) {
  std::vector<std::string> names;
  for (const InspectedColumn& column : inspection.columns) names.push_back(column.name);
  return names;
}

TEST(Dialects, EachUsualDelimiterIsFound) {
  for (const char delimiter : {',', ';', '\t', '|'}) {
    std::string text = "a_b_c\n1_2_x\n3_4_y\n";
    std::replace(text.begin(), text.end(), '_', delimiter);
    const Inspection inspection = inspect_text(text);
    EXPECT_EQ(csv_of(inspection).dialect.delimiter, delimiter);
    EXPECT_THAT(names_of(inspection), ::testing::ElementsAre("a", "b", "c"));
  }
}

TEST(Dialects, ADecimalCommaIsNoDelimiter) {
  const Inspection inspection = inspect_text("a;b\n1,5;2,5\n3,5;4,5\n");
  EXPECT_EQ(csv_of(inspection).dialect.delimiter, ';');
}

TEST(Dialects, AnApostropheQuotesWhereItIsAroundTheFields) {
  const Inspection inspection = inspect_text("'a','b'\n'1','x, y'\n'2','it''s'\n");
  EXPECT_EQ(csv_of(inspection).dialect.quote_char, '\'');
  EXPECT_THAT(names_of(inspection), ::testing::ElementsAre("a", "b"));
}

TEST(Dialects, InchesAreNoQuotes) {
  const Inspection inspection = inspect_text("a\tb\n1\t5\" pipe\n2\t6\" pipe\n3\t\"big\" one\n");
  EXPECT_EQ(csv_of(inspection).dialect.quote_char, std::nullopt);
  EXPECT_EQ(inspection.faulty_records, 0U);
}

TEST(Dialects, ABackslashEscapesQuotes) {
  const Inspection inspection = inspect_text("a,b\n1,\"say \\\"hi\\\", Bob\"\n2,\"x\"\n");
  EXPECT_EQ(csv_of(inspection).dialect.escape_char, '\\');
  EXPECT_EQ(inspection.faulty_records, 0U);
}

TEST(Dialects, CarriageReturnsAloneEndLines) {
  const Inspection inspection = inspect_text("a,b\r1,2\r3,4\r");
  EXPECT_EQ(csv_of(inspection).dialect.line_terminator, '\r');
  EXPECT_EQ(inspection.sampled_records, 2U);
}

TEST(Dialects, LinesBeforeTheTableArePassedOver) {
  const Inspection inspection = inspect_text("Report of May\nby Ann\n\na,b\n1,2\n3,4\n");
  EXPECT_EQ(csv_of(inspection).dialect.skip_rows, 3U);
  EXPECT_THAT(names_of(inspection), ::testing::ElementsAre("a", "b"));
}

TEST(Dialects, ASeparatorLineTellsTheDelimiter) {
  const Inspection inspection = inspect_text("sep=|\na|b\n1|2\n");
  EXPECT_EQ(csv_of(inspection).dialect.delimiter, '|');
  EXPECT_EQ(csv_of(inspection).dialect.skip_rows, 1U);
}

TEST(Dialects, OneColumnNeedsNoDelimiter) {
  const Inspection inspection = inspect_text("name\nAnn\nBob\n");
  EXPECT_THAT(names_of(inspection), ::testing::ElementsAre("name"));
  EXPECT_EQ(inspection.sampled_records, 2U);
}

TEST(Headers, NumbersInTheFirstRowAreNoNames) {
  const Inspection inspection = inspect_text("1,Ann\n2,Bob\n");
  EXPECT_FALSE(csv_of(inspection).dialect.header);
  EXPECT_THAT(names_of(inspection), ::testing::ElementsAre("column_1", "column_2"));
  EXPECT_EQ(inspection.sampled_records, 2U);
}

TEST(Headers, YearsMayBeNames) {
  const Inspection inspection = inspect_text("country,2019,2020\nCH,1.5,2.5\nDE,3.5,4.5\n");
  EXPECT_TRUE(csv_of(inspection).dialect.header);
  EXPECT_TRUE(csv_of(inspect_text("state,2020\nOhio,1.5\n")).dialect.header);
  EXPECT_FALSE(csv_of(inspect_text("Ann,1985\nBob,1990\n")).dialect.header);
}

TEST(Headers, RepeatedAndEmptyNamesAreNumbered) {
  const Inspection inspection = inspect_text(",a,a,A,a_2\n1,2,3,4,5\n");
  EXPECT_THAT(names_of(inspection), ::testing::ElementsAre("column_1", "a", "a_3", "A_4", "a_2"));
  EXPECT_EQ(csv_of(inspection).dialect.header_names, names_of(inspection));
}

TEST(Encodings, AreToldByTheirBytes) {
  EXPECT_EQ(csv_of(inspect_text("a,b\n1,Z\xC3\xBCrich\n")).encoding, Encoding::utf_8);
  const Inspection western = inspect_text("a,b\n1,Z\xFCrich\n2,5 \x80\n");
  EXPECT_EQ(csv_of(western).encoding, Encoding::windows_1252);
  EXPECT_THAT(finding_of(western, "encoding"), HasSubstr("windows-1252: 2 of 2 bytes"));
}

TEST(Encodings, OfOtherScriptsAndMachinesAreToldByTheirWords) {
  const std::vector<std::pair<std::string, Encoding>> words{
      {"\xCC\xEE\xF1\xEA\xE2\xE0,\xD0\xE8\xE3\xE0,\xCF\xB8\xF2\xF0", Encoding::windows_1251},
      {"\xC1\xE8\xDE\xED\xE1,\xD0\xDC\xF4\xF1\xE1", Encoding::windows_1253},
      {"Pawe\xB3,W\xB9s,Po\x9F"
       "ar,\xA3\xF3"
       "d\x9F,Wa\xB3\xEAsa,Gda\xF1sk",
       Encoding::windows_1250},
      {"Andr\x8E,Fran\x8D"
       "ois,M\x9Fller,cr\x8Fme,ch\x89teau,for\x90t",
       Encoding::macroman},
      {"Andr\x82,Fran\x87ois,M\x81ller,cr\x8Ame,ch\x83teau", Encoding::ibm850},
      {"Andr\xE9,Fran\xE7ois,M\xFCller,cr\xE8me", Encoding::windows_1252}};
  for (const auto& [row, encoding] : words) {
    std::string text = "a,b\n1,";
    for (const char byte : row) text += byte == ',' ? std::string("\n1,") : std::string(1, byte);
    EXPECT_EQ(csv_of(inspect_text(text + "\n")).encoding, encoding) << row;
  }
}

TEST(Encodings, Utf16IsToldByItsMarkOrItsZeroBytes) {
  const std::string little(
      "a\0,\0b\0\n\0"
      "1\0,\0\x16\x04\n\0",
      16);
  const Inspection marked = inspect_text("\xFF\xFE" + little);
  EXPECT_EQ(csv_of(marked).encoding, Encoding::utf_16le);
  EXPECT_THAT(finding_of(marked, "encoding"), HasSubstr("mark"));
  EXPECT_EQ(csv_of(inspect_text(little)).encoding, Encoding::utf_16le);
  EXPECT_EQ(csv_of(inspect_text('\0' + little.substr(0, 11) + "\x04\x16" + std::string("\0\n", 2)))
                .encoding,
            Encoding::utf_16be);
}

TEST(Encodings, TheMarkOfUtf8IsSeen) {
  const Inspection inspection = inspect_text(
      "\xEF\xBB\xBF"
      "a,b\n1,2\n");
  EXPECT_THAT(names_of(inspection), ::testing::ElementsAre("a", "b"));
  EXPECT_THAT(finding_of(inspection, "encoding"), HasSubstr("begins with its mark"));
}

TEST(Samples, ALargeFileIsSeenInPieces) {
  std::string text = "id,note,late\n";
  for (int row = 0; text.size() < 6'000'000; ++row) {
    text += std::to_string(row) + ",\"two\nlines, and a \"\"quote\"\"\"," +
            (row < 90'000 ? "1" : "x") + "\n";
  }
  const Inspection inspection = inspect_text(text, {.bytes = 3'000'000});
  EXPECT_FALSE(inspection.whole);
  EXPECT_LE(inspection.sampled_bytes, 3'000'000U);
  EXPECT_EQ(inspection.faulty_records, 0U);
  EXPECT_EQ(testing::readings_of(inspection, "id"), "integer");
  EXPECT_EQ(testing::readings_of(inspection, "late"), "string");
  EXPECT_TRUE(column_of(inspection, "id").unique);
}

TEST(ProposedJobs, AreSpecs) {
  const Inspection inspection = inspect_text("id;a\n1;1,5\n");
  const std::string job =
      render_job(inspection, {.name = "n", .path = "f.csv", .destination = R"({"type": "null"})"});
  const SpecResult result = parse_job_spec(job);
  ASSERT_TRUE(result.spec) << job;
  EXPECT_EQ(result.spec->schema->fields[1].decimal_char, ",");
  EXPECT_EQ(result.spec->name, "n");
}

TEST(ProposedJobs, OfAnUploadNameItAndNoPath) {
  const Inspection inspection = inspect_text("id;a\n1;1,5\n");
  const std::string job =
      render_job(inspection, {.name = "n",
                              .path = "f.csv",
                              .destination = R"({"type": "null"})",
                              .upload = "019a0000-0000-7000-8000-000000000000"});
  EXPECT_EQ(job.find("f.csv"), std::string::npos) << job;
  SpecOptions options;
  options.references = true;
  const SpecResult result = parse_job_spec(job, options);
  ASSERT_TRUE(result.spec) << job;
  EXPECT_EQ(std::get<CsvSourceSpec>(result.spec->source).upload,
            "019a0000-0000-7000-8000-000000000000");
}

TEST(Inspections, SayTypeAndEvidenceOfEachColumnAndHowTheFileIsWritten) {
  const std::string text =
      render_inspection(inspect_text("id;day\n1;01/02/2003\n"),
                        {.name = "n", .path = "f.csv", .destination = R"({"type": "null"})"});
  for (const std::string_view part :
       {R"("format": "csv")", R"("encoding": "utf-8")", R"("delimiter": ";")",
        R"("type": "integer")", R"("type": "undecided")", R"("evidence": "integer)"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << " in\n" << text;
  }
}

TEST(ProposedJobs, WithAQuestionAreRefused) {
  const Inspection inspection = inspect_text("a,b\n01/02/2003,x\n");
  const SpecResult result = parse_job_spec(
      render_job(inspection, {.name = "n", .path = "f.csv", .destination = R"({"type": "null"})"}));
  ASSERT_EQ(result.errors.size(), 1U);
  EXPECT_EQ(result.errors[0].code, Code::undecided_type);
}

}  // namespace
}  // namespace freight
