// What becomes of single records: job-spec.md section 2, "Positions" and "CSV".

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/utf8.hpp"
#include "unit/csv/csv_fixture.hpp"

namespace freight::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

using Values = std::vector<std::string>;

std::vector<Values> values_of(const std::vector<ReadRecord>& records) {
  std::vector<Values> values;
  for (const ReadRecord& record : records) values.push_back(record.values);
  return values;
}

/// The names of the records' codes, "" of good ones.
std::vector<std::string> codes_of(const std::vector<ReadRecord>& records) {
  std::vector<std::string> codes;
  for (const ReadRecord& record : records) {
    codes.emplace_back(record.error ? to_string(record.error->code) : std::string_view());
  }
  return codes;
}

struct Place {
  std::uint64_t ordinal;
  std::uint64_t line;
  std::uint64_t offset;
  std::uint64_t length;

  friend bool operator==(const Place&, const Place&) = default;
};

std::ostream& operator<<(std::ostream& out, const Place& place) {
  return out << "ordinal " << place.ordinal << " line " << place.line << " bytes " << place.offset
             << "+" << place.length;
}

std::vector<Place> places_of(const std::vector<ReadRecord>& records) {
  std::vector<Place> places;
  for (const ReadRecord& record : records) {
    places.push_back({record.place.ordinal, record.place.line, record.place.byte_offset,
                      record.place.byte_length});
  }
  return places;
}

TEST(CsvRecord, LineFeedEndsARecord) {
  const auto records = CsvFile("id,name\n1,a\n2,b\n").read();
  EXPECT_THAT(values_of(records), ElementsAre(Values{"1", "a"}, Values{"2", "b"}));
  EXPECT_THAT(places_of(records), ElementsAre(Place{0, 2, 8, 3}, Place{1, 3, 12, 3}));
  EXPECT_THAT(records[1].kinds, ElementsAre(FieldKind::unquoted, FieldKind::unquoted));
}

TEST(CsvRecord, CarriageReturnAndLineFeedEndARecordAndAreNotOfItsLength) {
  const auto records = CsvFile("id,name\r\n1,a\r\n2,b\r\n").read();
  EXPECT_THAT(values_of(records), ElementsAre(Values{"1", "a"}, Values{"2", "b"}));
  EXPECT_THAT(places_of(records), ElementsAre(Place{0, 2, 9, 3}, Place{1, 3, 14, 3}));
}

TEST(CsvRecord, BothLineEndsMayStandInOneFile) {
  EXPECT_THAT(values_of(CsvFile("id,name\r\n1,a\n2,b\r\n3,c").read()),
              ElementsAre(Values{"1", "a"}, Values{"2", "b"}, Values{"3", "c"}));
}

TEST(CsvRecord, AnyOtherCarriageReturnIsData) {
  EXPECT_THAT(values_of(CsvFile("id,name\n1,a\rb\n2,\"c\rd\"\n3,e\r\r\n4,f\r").read()),
              ElementsAre(Values{"1", "a\rb"}, Values{"2", "c\rd"}, Values{"3", "e\r"},
                          Values{"4", "f\r"}));
}

TEST(CsvRecord, ALastLineWithoutALineEndCounts) {
  const auto records = CsvFile("id,name\n1,a").read();
  EXPECT_THAT(values_of(records), ElementsAre(Values{"1", "a"}));
  EXPECT_THAT(places_of(records), ElementsAre(Place{0, 2, 8, 3}));
}

TEST(CsvRecord, AByteOrderMarkIsDroppedButCountsInOffsets) {
  CsvFile file("\xEF\xBB\xBFid,name\n1,a\n");
  EXPECT_THAT(file.describe().fields, ElementsAre("id", "name"));
  EXPECT_THAT(places_of(file.read()), ElementsAre(Place{0, 2, 11, 3}));
}

TEST(CsvRecord, AByteOrderMarkIsDroppedWithoutAHeaderToo) {
  CsvFile file("\xEF\xBB\xBF\"1\",a\n");
  file.dialect().header = false;
  const auto records = file.read();
  EXPECT_THAT(values_of(records), ElementsAre(Values{"1", "a"}));
  EXPECT_THAT(places_of(records), ElementsAre(Place{0, 1, 3, 5}));
}

TEST(CsvRecord, WithMoreColumnsAnEmptyLineIsNoRecordButALine) {
  const auto records = CsvFile("id,name\n\n1,a\n\r\n\n2,b\n\n").read();
  EXPECT_THAT(places_of(records), ElementsAre(Place{0, 3, 9, 3}, Place{1, 6, 16, 3}));
}

TEST(CsvRecord, WithOneColumnAnEmptyLineIsARecordWithAMissingField) {
  const auto records = CsvFile("name\na\n\n\r\nb\n").read();
  EXPECT_THAT(places_of(records), ElementsAre(Place{0, 2, 5, 1}, Place{1, 3, 7, 0},
                                              Place{2, 4, 8, 0}, Place{3, 5, 10, 1}));
  EXPECT_THAT(records[1].kinds, ElementsAre(FieldKind::absent));
  EXPECT_THAT(records[2].kinds, ElementsAre(FieldKind::absent));
  EXPECT_THAT(codes_of(records), ElementsAre("", "", "", ""));
}

TEST(CsvRecord, QuotedFieldsHoldDelimitersLineEndsAndDoubledQuotes) {
  const auto records =
      CsvFile("id,name\n1,\"a,b\"\n\"2\",\"c\r\nd\n\"\n3,\"say \"\"hi\"\"\"\n4,\"\"\n").read();
  EXPECT_THAT(values_of(records), ElementsAre(Values{"1", "a,b"}, Values{"2", "c\r\nd\n"},
                                              Values{"3", "say \"hi\""}, Values{"4", ""}));
  EXPECT_THAT(records[1].kinds, ElementsAre(FieldKind::quoted, FieldKind::quoted));
  EXPECT_EQ(records[2].raw, "3,\"say \"\"hi\"\"\"") << "raw text stays as it was";
  EXPECT_EQ(records[3].kinds[1], FieldKind::quoted);
  // Breaks inside quotes count as lines.
  EXPECT_EQ(records[1].place.line, 3U);
  EXPECT_EQ(records[2].place.line, 6U);
}

TEST(CsvRecord, AQuoteInsideAnUnquotedFieldIsMisplacedAndTheRecordGoesOnToItsOwnEnd) {
  const auto records = CsvFile("id,name\n1,5\" disk\n2,b\n3\"\",\"x\ny\"\n4,d\n").read();
  EXPECT_THAT(codes_of(records), ElementsAre("misplaced_quote", "", "misplaced_quote", ""));
  EXPECT_EQ(records[0].error->column, "name");
  EXPECT_EQ(records[0].error->value, "5\" disk");
  EXPECT_EQ(records[0].error->stage, Stage::parse);
  EXPECT_THAT(records[0].error->hint, HasSubstr("\"\""));
  EXPECT_THAT(records[0].kinds, ElementsAre(FieldKind::absent, FieldKind::absent));
  EXPECT_EQ(records[2].raw, "3\"\",\"x\ny\"") << "a quoted field after it still holds its line end";
  EXPECT_EQ(records[2].error->column, "id");
  EXPECT_EQ(records[3].place.line, 6U);
}

TEST(CsvRecord, TextAfterAClosingQuoteIsMisplaced) {
  const auto records =
      CsvFile("id,name\n1,\"a\" b\n2,\"c\"\"\n3,\"d\"\r4,\"\n\"5\"x\n6,f\n").read();
  ASSERT_FALSE(records.empty());
  EXPECT_EQ(records[0].error->code, Code::misplaced_quote);
  EXPECT_EQ(records[0].error->value, "\"a\" b");
  EXPECT_THAT(records[0].error->message, HasSubstr("closing quote"));
  EXPECT_EQ(records.back().values, (Values{"6", "f"}));
}

TEST(CsvRecord, AnOpenQuoteInTheMiddleRejectsItsLineOnly) {
  const auto records = CsvFile("id,name\n1,a\n2,\"open\n3,c\n4,d\n").read();
  EXPECT_THAT(codes_of(records), ElementsAre("", "unterminated_quote", "", ""));
  EXPECT_THAT(places_of(records), ElementsAre(Place{0, 2, 8, 3}, Place{1, 3, 12, 7},
                                              Place{2, 4, 20, 3}, Place{3, 5, 24, 3}));
  EXPECT_EQ(records[1].error->column, "name");
  EXPECT_EQ(records[1].error->value, "\"open");
  EXPECT_EQ(records[1].raw, "2,\"open");
  EXPECT_THAT(records[1].error->message, HasSubstr("line 3"));
}

TEST(CsvRecord, AnOpenQuoteAtTheEndRejectsTheLastLine) {
  const auto with_end = CsvFile("id,name\r\n1,a\r\n2,\"open\r\n").read();
  EXPECT_THAT(codes_of(with_end), ElementsAre("", "unterminated_quote"));
  EXPECT_EQ(with_end[1].raw, "2,\"open");
  const auto without = CsvFile("id,name\n1,a\n2,\"").read();
  EXPECT_THAT(codes_of(without), ElementsAre("", "unterminated_quote"));
  EXPECT_EQ(without[1].raw, "2,\"");
}

TEST(CsvRecord, TheTextUpToTheLineOfTheOpenQuoteIsRejectedWhenTheRecordBeganBefore) {
  const auto records = CsvFile("id,name\n\"1\n1\",\"open\n2,b\n").read();
  EXPECT_THAT(codes_of(records), ElementsAre("unterminated_quote", ""));
  EXPECT_EQ(records[0].raw, "\"1\n1\",\"open");
  EXPECT_THAT(records[0].error->message, HasSubstr("line 3"));
  EXPECT_EQ(records[1].place.line, 4U);
}

TEST(CsvRecord, ADelimiterAtTheEndIsCalledThat) {
  const auto records = CsvFile("id,name\n1,a,\n2,b,c\n").read();
  EXPECT_THAT(codes_of(records), ElementsAre("too_many_fields", "too_many_fields"));
  EXPECT_THAT(records[0].error->message, HasSubstr("ends in a delimiter"));
  EXPECT_THAT(records[1].error->message, ::testing::Not(HasSubstr("ends in a delimiter")));
}

TEST(CsvRecord, AStrayQuoteCostsItsOwnLineOnly) {
  const auto records = CsvFile("id,name\n1,a\n2,\"b\n3,c\n4,5\" disk\n6,f\n").read();
  EXPECT_THAT(codes_of(records), ElementsAre("", "unterminated_quote", "", "misplaced_quote", ""));
  EXPECT_EQ(records[1].raw, "2,\"b");
  EXPECT_EQ(records[1].error->column, "name");
  EXPECT_THAT(records[1].error->message, HasSubstr("line 4 is a record by itself"));
  EXPECT_EQ(records[2].place.line, 4U);
}

TEST(CsvRecord, AStrayQuoteIsKnownByTextAfterTheClosingQuoteOrByTheNumberOfFields) {
  const std::string too_few = "id,name\n\"1,a\n2,b\n\"\n3,c\n";
  EXPECT_THAT(codes_of(CsvFile(too_few).read()),
              ElementsAre("unterminated_quote", "", "unterminated_quote", ""));
  const std::string too_many = "id,name\n1,\"a\n2,b\n3,\",c\n4,d\n";
  EXPECT_THAT(codes_of(CsvFile(too_many).read()),
              ElementsAre("unterminated_quote", "", "unterminated_quote", ""));
}

TEST(CsvRecord, AFaultyRecordWhoseSecondLineIsNoRecordIsRejectedAsAWhole) {
  const auto records = CsvFile("id,name\n1,\"a\nb\"c\n2,d\n").read();
  EXPECT_THAT(codes_of(records), ElementsAre("misplaced_quote", ""));
  EXPECT_EQ(records[0].raw, "1,\"a\nb\"c");
  EXPECT_EQ(records[1].place.line, 4U);
}

TEST(CsvRecord, TheFirstQuoteOfARecordThatIsAStrayOneCounts) {
  const auto records = CsvFile("a,b,c\n\"1\n1\",\"2,x\n3,4,5\n6,\"7\",8\n").read();
  EXPECT_THAT(codes_of(records), ElementsAre("unterminated_quote", "", ""));
  EXPECT_EQ(records[0].raw, "\"1\n1\",\"2,x");
}

TEST(CsvRecord, AGoodRecordOfManyLinesIsAWarningWithItsLine) {
  std::string field = "\"";
  for (int line = 0; line < 101; ++line) field += "x\n";
  const CsvFile file("id,name\n1,a\n2," + field + "\"\n3," + field.substr(4) + "\"\n");
  ConnectorContext context;
  const auto chunk = file.make_source()->plan("", {}, context);
  ASSERT_THAT(chunk.warnings, ::testing::SizeIs(1));
  EXPECT_THAT(chunk.warnings[0], HasSubstr("The record on line 3 spans 102 lines"));
}

TEST(CsvRecord, AQuoteMustBeClosedWithinMaxRecordBytes) {
  CsvFile file("id,name\n1,\"ab\ncd\"\n2,\"ab\ncde\"\n3,c\n");
  file.csv().max_record_bytes = 9;
  const auto records = file.read();
  EXPECT_THAT(codes_of(records), ElementsAre("", "unterminated_quote", "misplaced_quote", ""));
  EXPECT_EQ(records[0].place.byte_length, 9U) << "exactly the limit";
  EXPECT_EQ(records[1].raw, "2,\"ab");
  EXPECT_EQ(records[2].raw, "cde\"") << "reading went on at the next line";
}

TEST(CsvRecord, ARecordOfExactlyMaxRecordBytesIsGood) {
  for (const std::string line_end : {"\n", "\r\n"}) {
    CsvFile file("id,nam\n1,abcd" + line_end + "2,abcde" + line_end + "3,abcd");
    file.csv().max_record_bytes = 6;
    const auto records = file.read();
    EXPECT_THAT(codes_of(records), ElementsAre("", "record_too_long", "")) << line_end.size();
    EXPECT_EQ(records[1].place.byte_length, 7U);
  }
}

TEST(CsvRecord, ATooLongRecordEndsAtTheNextLineFeedWhateverItHolds) {
  CsvFile file("id,name\n" + std::string(20, 'x') + ",\"quoted\n2,b\n\"c\",d\n");
  file.csv().max_record_bytes = 10;
  const auto records = file.read();
  EXPECT_THAT(codes_of(records), ElementsAre("record_too_long", "", ""));
  EXPECT_THAT(records[0].error->message, HasSubstr("28 bytes"));
  EXPECT_THAT(records[0].error->hint, HasSubstr("max_record_bytes"));
  EXPECT_EQ(records[1].place.line, 3U);
}

TEST(CsvRecord, OnlyTheBeginningIsKeptOfARecordThatIsTooLong) {
  const std::string body(200'000, 'x');
  for (const std::string quote : {"", "\""}) {
    CsvFile file("id,name\n" + quote + body + "\n2,b\n");
    file.csv().max_record_bytes = 100'000;
    file.spec().batch.max_bytes = 1000;  // so that it is read in pieces
    const auto records = file.read();
    ASSERT_EQ(records.size(), 2U);
    EXPECT_EQ(records[0].place.byte_length, body.size() + quote.size());
    EXPECT_EQ(records[0].raw, (quote + body).substr(0, 64 * 1024));
    EXPECT_EQ(records[0].error->value->size(), 1024U);
    EXPECT_EQ(records[1].values, (Values{"2", "b"}));
  }
}

TEST(CsvRecord, InvalidUtf8IsRejectedWithAHintOfWindows1252) {
  const auto records =
      CsvFile("id,name\n1,caf\xE9\n2,\x80 5\n3,\xC3\xA9\xE9\n4,\x81\n5,\xC3\xA9\n").read();
  EXPECT_THAT(codes_of(records),
              ElementsAre("invalid_utf8", "invalid_utf8", "invalid_utf8", "invalid_utf8", ""));
  EXPECT_EQ(records[0].error->column, "name");
  EXPECT_EQ(records[0].error->value, "caf\\xE9") << "the value is always valid UTF-8";
  EXPECT_EQ(records[0].raw, "1,caf\xE9");
  EXPECT_THAT(records[0].error->hint, HasSubstr("windows-1252"));
  EXPECT_THAT(records[0].error->hint, HasSubstr("\"\xC3\xA9\""));
  EXPECT_THAT(records[1].error->hint, HasSubstr("\xE2\x82\xAC")) << "the euro sign";
  EXPECT_THAT(records[2].error->hint, Not(HasSubstr("windows-1252"))) << "other text is UTF-8";
  EXPECT_THAT(records[3].error->hint, Not(HasSubstr("windows-1252")))
      << "0x81 has no meaning there";
  EXPECT_EQ(records[4].values[1], "\xC3\xA9");
}

TEST(CsvRecord, EveryKindOfInvalidUtf8IsFound) {
  for (const std::string bad : {"\xC0\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE2\x82", "\x80",
                                "\xF8\x88\x80\x80\x80", "\xC3(", "\xFF"}) {
    for (const std::size_t before : {0U, 7U, 8U, 15U, 16U, 17U, 40U}) {
      const auto records =
          CsvFile("id,name\n1," + std::string(before, 'a') + bad + "\n2,b\n").read();
      EXPECT_THAT(codes_of(records), ElementsAre("invalid_utf8", ""));
    }
  }
}

TEST(CsvRecord, ANulByteIsRejectedWhereverItStands) {
  for (const std::size_t before : {0U, 3U, 15U, 16U, 31U}) {
    for (const std::string quote : {"", "\""}) {
      const auto records = CsvFile("id,name\n1," + quote + std::string(before, 'a') +
                                   std::string(1, '\0') + "b" + quote + "\n2,b\n")
                               .read();
      ASSERT_THAT(codes_of(records), ElementsAre("nul_byte", ""));
      EXPECT_EQ(records[0].error->column, "name");
      EXPECT_THAT(*records[0].error->value, HasSubstr("\\x00b"));
    }
  }
}

TEST(CsvRecord, ARecordThatLooksLikeUtf16SaysSo) {
  const std::string wide("1\0,\0a\0", 6);
  const auto records = CsvFile("id,name\n" + wide + "\n").read();
  EXPECT_THAT(codes_of(records), ElementsAre("nul_byte"));
  EXPECT_THAT(records[0].error->hint, HasSubstr("UTF-16"));
}

TEST(CsvRecord, TooManyAndTooFewFieldsAreRejected) {
  const auto records = CsvFile("id,name,city\n1,a\n2,b,c,d,\n3\n4,,\n\"5\",\"e\"\n").read();
  EXPECT_THAT(codes_of(records), ElementsAre("too_few_fields", "too_many_fields", "too_few_fields",
                                             "", "too_few_fields"));
  EXPECT_EQ(
      records[0].error->message,
      "The record has 2 fields instead of 3; the first one without a value is field 3 (\"city\")");
  EXPECT_EQ(records[0].error->column, "city");
  EXPECT_EQ(records[0].error->expected, "3 fields");
  EXPECT_EQ(records[1].error->message, "The record has 5 fields instead of 3");
  EXPECT_EQ(records[1].error->column, "");
  EXPECT_EQ(records[3].values, (Values{"4", "", ""}));
}

TEST(CsvRecord, OneFaultIsReportedOfARecordAndNothingElse) {
  const auto records = CsvFile("id,name\n1\"\xE9\n").read();
  EXPECT_THAT(codes_of(records), ElementsAre("invalid_utf8"));
}

TEST(CsvRecord, AFieldOfTwoMebibytesArrivesWhole) {
  const std::string field(2 * 1024 * 1024, 'f');
  const auto records = CsvFile("id,name\n1," + field + "\n2,\"" + field + "\"\n3,c\n").read();
  ASSERT_THAT(codes_of(records), ElementsAre("", "", ""));
  EXPECT_TRUE(records[0].values[1] == field);
  EXPECT_TRUE(records[1].values[1] == field);
}

TEST(CsvRecord, AThousandColumnsArriveInOrder) {
  std::string header;
  std::string record;
  for (int index = 0; index < 1000; ++index) {
    const std::string separator = index == 0 ? "" : ",";
    header += separator + "c" + std::to_string(index);
    record +=
        separator + (index % 7 == 0 ? "\"" + std::to_string(index) + "\"" : std::to_string(index));
  }
  CsvFile file(header + "\n" + record + "\n");
  EXPECT_EQ(file.describe().fields.size(), 1000U);
  const auto records = file.read();
  ASSERT_EQ(records.size(), 1U);
  for (int index = 0; index < 1000; ++index) {
    ASSERT_EQ(records[0].values[static_cast<std::size_t>(index)], std::to_string(index));
  }
}

TEST(CsvRecord, ErrorValuesAreCutToOneKibibyteOfWholeCharacters) {
  std::string text;
  while (text.size() < 5000) text += "\xC3\xA9";
  const auto records = CsvFile("id,name\n1,x" + text + "\"\n").read();
  ASSERT_THAT(codes_of(records), ElementsAre("misplaced_quote"));
  EXPECT_LE(records[0].error->value->size(), 1024U);
  EXPECT_GE(records[0].error->value->size(), 1020U);
  EXPECT_TRUE(core::is_valid_utf8(*records[0].error->value));
}

TEST(CsvRecord, AHeaderAloneHasNoRecords) {
  for (const std::string text : {"id,name", "id,name\n", "id,name\r\n\n"}) {
    CsvFile file(text);
    EXPECT_THAT(file.describe().fields, ElementsAre("id", "name"));
    EXPECT_THAT(file.plan(), IsEmpty());
  }
}

TEST(CsvRecord, NothingIsLostAroundFaultsOfEveryKind) {
  const std::vector<std::string> faults{
      "x,\"open", "x\"y,z", "\"a\"b,c", "1,2,3", "1", "a,\xE9", std::string("a,\0", 3)};
  for (const std::string& first : faults) {
    for (const std::string& second : faults) {
      // An open quote would be closed by a later one: the first to be seen decides.
      if (first == faults[0]) continue;
      const auto records =
          CsvFile("id,name\n1,a\n" + first + "\n2,b\n" + second + "\n3,c\n").read();
      ASSERT_EQ(records.size(), 5U) << first << " and " << second;
      EXPECT_EQ(records[0].values, (Values{"1", "a"}));
      EXPECT_EQ(records[1].raw, first);
      EXPECT_EQ(records[2].values, (Values{"2", "b"}));
      EXPECT_EQ(records[3].raw, second);
      EXPECT_EQ(records[4].values, (Values{"3", "c"}));
    }
  }
}

}  // namespace
}  // namespace freight::testing
