// What stands before the records: job-spec.md section 2, "Header", and the keys of the dialect.

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/csv/csv_fixture.hpp"

namespace freight::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

using Values = std::vector<std::string>;

Failure failure_of_describing(const CsvFile& file) {
  return failure_from([&] { file.describe(); });
}

TEST(CsvHeader, NamesComeAsTheyAreWritten) {
  EXPECT_THAT(CsvFile("id, Name ,\"a \"\"b\"\", c\"\n").describe().fields,
              ElementsAre("id", " Name ", "a \"b\", c"));
}

TEST(CsvHeader, ItMaySpanLinesWhenItsNamesAreReplaced) {
  CsvFile file("id,\"two\nlines\"\n1,a\n");
  EXPECT_EQ(failure_of_describing(file).code, Code::source_unreadable);
  file.dialect().header_names = {"id", "two lines"};
  EXPECT_THAT(file.describe().fields, ElementsAre("id", "two lines"));
  EXPECT_EQ(file.read()[0].place.line, 3U);
}

TEST(CsvHeader, TellsWhatTheFileIsInPlaceOfAHeader) {
  const std::vector<std::pair<std::string, std::string>> said{{"\x1F\x8B\x08"
                                                               "abc\n",
                                                               "gzip"},
                                                              {"PK\x03\x04"
                                                               "abc\n",
                                                               "ZIP archive"},
                                                              {"sep=;\na;b\n1;2\n", "\"sep=;\""},
                                                              {"\xFF\xFE"
                                                               "a\n",
                                                               "UTF-16"}};
  for (const auto& [text, words] : said) {
    const Failure failure = failure_of_describing(CsvFile(text));
    EXPECT_EQ(failure.code, Code::source_unreadable) << words;
    EXPECT_THAT(failure.message, HasSubstr(words));
  }
  EXPECT_THAT(failure_of_describing(CsvFile("sep=;\na;b\n")).details.hint,
              HasSubstr(R"("skipRows": 1 and "delimiter": ";")"));
  EXPECT_THAT(failure_of_describing(CsvFile("a,b,\n1,2,\n")).details.hint,
              HasSubstr("ends in a delimiter"));
  EXPECT_THAT(failure_of_describing(CsvFile("a\xE2\x80\x8B,a\xE2\x80\x8B\n")).message,
              HasSubstr("\"a\\u200b\""));
}

TEST(CsvHeader, ARepeatedNameFails) {
  const Failure failure = failure_of_describing(CsvFile("id,name,id\n"));
  EXPECT_EQ(failure.code, Code::duplicate_header);
  EXPECT_THAT(failure.message, HasSubstr("\"id\" twice, as names 1 and 3"));
  EXPECT_THAT(failure.details.hint, HasSubstr("headerNames to \"auto\""));
}

TEST(CsvHeader, NamesThatDifferInCaseAreNotRepeated) {
  EXPECT_THAT(CsvFile("id,ID\n").describe().fields, ElementsAre("id", "ID"));
}

TEST(CsvHeader, AnEmptyNameFails) {
  EXPECT_EQ(failure_of_describing(CsvFile("id,,name\n")).code, Code::duplicate_header);
  EXPECT_EQ(failure_of_describing(CsvFile("id,name,\n")).code, Code::duplicate_header);
  EXPECT_EQ(failure_of_describing(CsvFile("id,\"\"\n")).code, Code::duplicate_header);
}

TEST(CsvHeader, AutoMakesNamesOfThoseThatAreEmptyOrRepeated) {
  const std::vector<std::pair<std::string, Values>> headers{
      {"a,b,c", {"a", "b", "c"}},
      {"a,a,a", {"a", "a_2", "a_3"}},
      {"a,a,a_2", {"a", "a_3", "a_2"}},
      {"a_2,a,a,A_3,a", {"a_2", "a", "a_4", "A_3", "a_5"}},
      {"a,A, a ,\"a\"", {"a", "A_2", "a_3", "a_4"}},
      {"id,,name,", {"id", "column_2", "name", "column_4"}},
      {",column_1,Column_1_2, ", {"column_1_3", "column_1", "Column_1_2", "column_4"}},
      {"\"\",\t,\xC2\xA0", {"column_1", "column_2", "column_3"}},
      {"stra\xC3\x9F"
       "e,\xC3\x84,\xC3\xA4",
       {"stra\xC3\x9F"
        "e",
        "\xC3\x84", "\xC3\xA4_2"}}};
  for (const auto& [header, names] : headers) {
    for (const std::string end : {"\n", "\r\n", ""}) {
      for (const std::string mark : {"", "\xEF\xBB\xBF"}) {
        CsvFile file(mark + header + end);
        file.dialect().auto_header_names = true;
        const SourceDescription description = file.describe();
        EXPECT_EQ(description.fields, names) << header;
        const bool as_written = header == "a,b,c";
        EXPECT_EQ(description.warnings.size(), as_written ? 0U : 1U) << header;
      }
    }
  }
}

TEST(CsvHeader, AutoSaysInOneWarningWhatItChanged) {
  CsvFile file("id,,Id,b\n");
  file.dialect().auto_header_names = true;
  EXPECT_THAT(file.describe().warnings,
              ElementsAre(::testing::AllOf(HasSubstr("name 2 (empty) is \"column_2\""),
                                           HasSubstr("name 3 (\"Id\") is \"Id_2\""))));
  std::string wide = "a";
  for (int count = 1; count < 50'000; ++count) wide += ",a";
  CsvFile large(wide + "\n");
  large.dialect().auto_header_names = true;
  const SourceDescription description = large.describe();
  EXPECT_EQ(description.fields.back(), "a_50000");
  EXPECT_THAT(description.warnings, ElementsAre(HasSubstr("and 49969 more")));
}

TEST(CsvHeader, AutoKeepsNamesApartThatTheHeadersCaseTellsApart) {
  CsvFile file("a,A,a\n");
  file.dialect().auto_header_names = true;
  file.dialect().case_sensitive_header = true;
  EXPECT_THAT(file.describe().fields, ElementsAre("a", "A", "a_2"));
}

TEST(CsvHeader, AutoReadsAHeaderInItsEncoding) {
  CsvFile file("\xE4,\xC4\n", Encoding::windows_1252);
  file.dialect().auto_header_names = true;
  EXPECT_THAT(file.describe().fields, ElementsAre("\xC3\xA4", "\xC3\x84_2"));
}

TEST(CsvHeader, AutoIsOfNoUseWithoutAHeader) {
  CsvFile file("1,1\n");
  file.dialect().header = false;
  file.dialect().auto_header_names = true;
  EXPECT_THAT(file.describe().fields, ElementsAre("column_1", "column_2"));
  EXPECT_THAT(file.describe().warnings, IsEmpty());
}

TEST(CsvHeader, HeaderNamesReplaceRepeatedOnes) {
  CsvFile file("id,id\n1,a\n");
  file.dialect().header_names = Values{"first", "second"};
  EXPECT_THAT(file.describe().fields, ElementsAre("first", "second"));
  const auto records = file.read();
  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(records[0].place.line, 2U);
}

TEST(CsvHeader, HeaderNamesOfAnotherNumberFail) {
  CsvFile file("id,name\n1,a\n");
  file.dialect().header_names = Values{"only"};
  const Failure failure = failure_of_describing(file);
  EXPECT_EQ(failure.code, Code::missing_header);
  EXPECT_THAT(failure.message, HasSubstr("2 names"));
}

TEST(CsvHeader, AnEmptyFileLacksItsHeader) {
  for (const std::string text : {"", "\n\r\n", "\xEF\xBB\xBF"}) {
    const Failure failure = failure_of_describing(CsvFile(text));
    EXPECT_EQ(failure.code, Code::missing_header);
    EXPECT_THAT(failure.message, HasSubstr("input.csv is empty"));
  }
}

TEST(CsvHeader, AnEmptyFileWithoutAHeaderHasNoRecords) {
  CsvFile file("");
  file.dialect().header = false;
  EXPECT_THAT(file.describe().fields, IsEmpty());
  EXPECT_THAT(file.plan(), IsEmpty());
}

TEST(CsvHeader, WithoutOneNamesComeFromHeaderNamesThenTheSchemaThenNumbers) {
  CsvFile file("1,a\n2,b\n");
  file.dialect().header = false;
  EXPECT_THAT(file.describe().fields, ElementsAre("column_1", "column_2"));
  EXPECT_EQ(file.read()[0].place.line, 1U);
  file.spec().schema = SchemaSpec{.fields = {{.name = "id"}, {.name = "name"}}};
  EXPECT_THAT(file.describe().fields, ElementsAre("id", "name"));
  file.dialect().header_names = Values{"x", "y"};
  EXPECT_THAT(file.describe().fields, ElementsAre("x", "y"));
}

TEST(CsvHeader, WithoutOneTheFirstRecordThatHasAnEndSaysHowManyColumnsThereAre) {
  CsvFile file("\n\"open,1\na b,2,3\n");
  file.dialect().header = false;
  EXPECT_THAT(file.describe().fields, ElementsAre("column_1", "column_2", "column_3"));
  EXPECT_EQ(file.read().size(), 2U);
}

TEST(CsvHeader, WithoutOneALoneColumnKeepsItsLeadingEmptyLines) {
  CsvFile file("\n\na\n");
  file.dialect().header = false;
  EXPECT_EQ(file.read().size(), 3U);
}

TEST(CsvHeader, SkippedRowsAreLinesWhateverTheyHold) {
  CsvFile file("Export \"of\n#\n\nid,name\n1,a\n");
  file.dialect().skip_rows = 3;
  EXPECT_THAT(file.describe().fields, ElementsAre("id", "name"));
  const auto records = file.read();
  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(records[0].place.line, 5U);
  EXPECT_EQ(records[0].place.ordinal, 0U);
}

TEST(CsvHeader, SkippingMoreRowsThanThereAreLeavesNoHeader) {
  CsvFile file("id,name\n1,a");
  file.dialect().skip_rows = 9;
  EXPECT_EQ(failure_of_describing(file).code, Code::missing_header);
}

TEST(CsvHeader, CommentsAndEmptyLinesBeforeItAreNotIt) {
  CsvFile file("# made by\n\n#\"\nid,name\n# between\n1,a\n");
  file.dialect().comment_char = '#';
  EXPECT_THAT(file.describe().fields, ElementsAre("id", "name"));
  const auto records = file.read();
  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(records[0].place.line, 6U);
}

TEST(CsvHeader, OneThatCannotBeReadFailsWithItsLine) {
  const auto message = [](const std::string& text) {
    const Failure failure = failure_of_describing(CsvFile(text));
    EXPECT_EQ(failure.code, Code::source_unreadable);
    return failure.message + " " + failure.details.hint;
  };
  EXPECT_THAT(message("\nid,\"name\n1,a\n"), HasSubstr("line 2, has a header that has a quote"));
  EXPECT_THAT(message("id,na\"me\n"), HasSubstr("misplaced quote in name 2"));
  EXPECT_THAT(message("id,stra\xDF"
                      "e\n"),
              HasSubstr("windows-1252"));
  EXPECT_THAT(message(std::string("i\0d\n", 4)), HasSubstr("NUL"));
  EXPECT_THAT(message("\xFF\xFEi"), HasSubstr("UTF-16"));
  CsvFile file(std::string(100, 'x') + "\n");
  file.csv().max_record_bytes = 99;
  EXPECT_THAT(failure_of_describing(file).message, HasSubstr("longer than max_record_bytes"));
}

TEST(CsvHeader, OneOfASingleNameWithAnotherDelimiterIsWarnedOf) {
  EXPECT_THAT(CsvFile("id;name\n1;a\n").describe().warnings, ElementsAre(HasSubstr("';'")));
  EXPECT_THAT(CsvFile("name\na\n").describe().warnings, IsEmpty());
}

TEST(CsvHeader, DescribingTellsTheSizeInBytes) {
  const auto description = CsvFile("id\n1\n").describe();
  EXPECT_EQ(description.bytes_total, 5U);
  EXPECT_EQ(description.records_total, std::nullopt);
  EXPECT_FALSE(description.typed);
  EXPECT_FALSE(description.open_fields);
}

std::vector<Values> values_with(const CsvDialect& dialect, const std::string& text) {
  CsvFile file(text);
  file.dialect() = dialect;
  std::vector<Values> values;
  for (const ReadRecord& record : file.read()) {
    values.push_back(record.error ? Values{std::string(to_string(record.error->code))}
                                  : record.values);
  }
  return values;
}

TEST(CsvDialectKeys, Delimiter) {
  EXPECT_THAT(values_with({.delimiter = ';'}, "a;b\n1,5;\"2;3\"\n"),
              ElementsAre(Values{"1,5", "2;3"}));
  EXPECT_THAT(values_with({.delimiter = '\t'}, "a\tb\n1\t2\n"), ElementsAre(Values{"1", "2"}));
}

TEST(CsvDialectKeys, QuoteChar) {
  EXPECT_THAT(values_with({.quote_char = '\''}, "a,b\n'x,''y',\"z\n"),
              ElementsAre(Values{"x,'y", "\"z"}));
}

TEST(CsvDialectKeys, QuoteCharNullMakesQuotesData) {
  EXPECT_THAT(values_with({.quote_char = std::nullopt}, "a,b\n\"1,2\"\nx\"y,\"\n"),
              ElementsAre(Values{"\"1", "2\""}, Values{"x\"y", "\""}));
}

TEST(CsvDialectKeys, DoubleQuoteFalseEndsTheFieldAtTheFirstQuote) {
  EXPECT_THAT(values_with({.double_quote = false}, "a,b\n\"x\"\"y\",2\n\"z\",3\n"),
              ElementsAre(Values{"misplaced_quote"}, Values{"z", "3"}));
}

TEST(CsvDialectKeys, EscapeCharTakesTheNextByteLiterally) {
  const CsvDialect dialect{.double_quote = false, .escape_char = '\\'};
  EXPECT_THAT(values_with(dialect, "a,b\n\"x\\\"y\\\\\",\"l\\\nm\"\nq\\,r,\\\"s\n"),
              ElementsAre(Values{"x\"y\\", "l\nm"}, Values{"q,r", "\"s"}));
}

TEST(CsvDialectKeys, EscapeCharBeforeAnythingElseIsData) {
  EXPECT_THAT(values_with({.escape_char = '\\'}, "a,b\n\\N,C:\\temp\n\"\\N\",\"\\t\"\n"),
              ElementsAre(Values{"\\N", "C:\\temp"}, Values{"\\N", "\\t"}));
}

TEST(CsvDialectKeys, EscapeCharTakesALineEndOutsideQuotesToo) {
  EXPECT_THAT(values_with({.escape_char = '\\'}, "a,b\n1,x\\\r\ny\n2,y\\\n\n3,z\\"),
              ElementsAre(Values{"1", "x\r\ny"}, Values{"2", "y\n"}, Values{"misplaced_quote"}));
}

TEST(CsvDialectKeys, EscapeCharWorksWithoutQuotes) {
  EXPECT_THAT(values_with({.quote_char = std::nullopt, .escape_char = '\\'}, "a,b\nx\\,y,\\\\\n"),
              ElementsAre(Values{"x,y", "\\"}));
}

TEST(CsvDialectKeys, EscapeCharThatIsTheQuoteMeansDoubledQuotes) {
  EXPECT_THAT(values_with({.double_quote = false, .escape_char = '"'}, "a,b\n\"x\"\"y\",2\n"),
              ElementsAre(Values{"x\"y", "2"}));
}

TEST(CsvDialectKeys, CommentLinesAreNoRecordsEvenWithQuotes) {
  EXPECT_THAT(values_with({.comment_char = '#'}, "a,b\n1,2\n#\"open\n3,#4\n # ,no comment\n#"),
              ElementsAre(Values{"1", "2"}, Values{"3", "#4"}, Values{" # ", "no comment"}));
}

TEST(CsvDialectKeys, ACommentCharWithinQuotesIsData) {
  EXPECT_THAT(values_with({.comment_char = '#'}, "a,b\n\"1\n#2\",3\n"),
              ElementsAre(Values{"1\n#2", "3"}));
}

TEST(CsvDialectKeys, SkipInitialSpaceLetsAQuoteFollowIt) {
  EXPECT_THAT(values_with({.skip_initial_space = true}, "a, b\n1,  \"x, y\"\n  2, z \n,  \n"),
              ElementsAre(Values{"1", "x, y"}, Values{"2", "z "}, Values{"", ""}));
  EXPECT_THAT(values_with({}, "a,b\n1, \"x\"\n"), ElementsAre(Values{"misplaced_quote"}));
}

}  // namespace
}  // namespace freight::testing
