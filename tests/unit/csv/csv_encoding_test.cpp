// CSV files in other encodings: what is read is UTF-8, places and raw texts are the file's own.

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "unit/csv/csv_fixture.hpp"

namespace freight::testing {
namespace {

using Values = std::vector<std::string>;

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

CsvFile encoded(Encoding encoding, std::string_view text) { return CsvFile(text, encoding); }

TEST(CsvEncoding, Windows1252IsReadAsUtf8) {
  const auto file =
      encoded(Encoding::windows_1252, "id,pr\xE9nom\n1,Zo\xEB\n2,\"\x80 \"\"x\"\" \x9F\"\n3,abc\n");
  EXPECT_EQ(file.describe().fields, (Values{"id", "pr\xC3\xA9nom"}));
  const auto records = file.read();
  ASSERT_EQ(records.size(), 3U);
  EXPECT_EQ(records[0].values, (Values{"1", "Zo\xC3\xAB"}));
  EXPECT_EQ(records[1].values, (Values{"2", "\xE2\x82\xAC \"x\" \xC5\xB8"}));
  EXPECT_EQ(records[2].values, (Values{"3", "abc"}));
}

TEST(CsvEncoding, PlacesAndRawTextsStayInTheFilesOwnBytes) {
  const auto records = encoded(Encoding::iso_8859_1, "id,n\n1,\xE9\xE9\n2,\xE9\n").read();
  EXPECT_EQ(records[1].place.byte_offset, 10U);
  EXPECT_EQ(records[1].place.byte_length, 3U);
  EXPECT_EQ(records[1].raw, "2,\xE9");
}

TEST(CsvEncoding, TheIsoEncodingsDifferInEightPlaces) {
  const std::string text = "a\n\xA4\xA6\xA8\xB4\xB8\xBC\xBD\xBE\xC0\n";
  EXPECT_EQ(encoded(Encoding::iso_8859_1, text).read()[0].values[0],
            "\xC2\xA4\xC2\xA6\xC2\xA8\xC2\xB4\xC2\xB8\xC2\xBC\xC2\xBD\xC2\xBE\xC3\x80");
  EXPECT_EQ(encoded(Encoding::iso_8859_15, text).read()[0].values[0],
            "\xE2\x82\xAC\xC5\xA0\xC5\xA1\xC5\xBD\xC5\xBE\xC5\x92\xC5\x93\xC5\xB8\xC3\x80");
}

TEST(CsvEncoding, ABytesWithoutMeaningInWindows1252RejectsItsRecordAlone) {
  const auto records = encoded(Encoding::windows_1252, "id,n\n1,a\n\xE9,b\x81\n3,\xE9\n").read();
  ASSERT_EQ(records.size(), 3U);
  EXPECT_FALSE(records[0].error);
  ASSERT_TRUE(records[1].error);
  EXPECT_EQ(records[1].error->code, Code::invalid_utf8);
  EXPECT_EQ(records[1].error->column, "n");
  EXPECT_EQ(records[1].error->value, "b\\x81");
  EXPECT_EQ(records[1].error->expected, "windows-1252");
  EXPECT_TRUE(contains(records[1].error->message, "\\x81 in field 2 (\"n\"), at byte 3"))
      << records[1].error->message;
  EXPECT_TRUE(contains(records[1].error->hint, "source.encoding"));
  EXPECT_EQ(records[2].values, (Values{"3", "\xC3\xA9"}));
}

TEST(CsvEncoding, ErrorsShowTheTextAndNotItsBytes) {
  const auto records =
      encoded(Encoding::windows_1252, "id,n\n1,\xE9\"x\n2\n\xE9,\"open \xE9\n").read();
  EXPECT_EQ(records[0].error->code, Code::misplaced_quote);
  EXPECT_EQ(records[0].error->value, "\xC3\xA9\"x");
  EXPECT_EQ(records[1].error->code, Code::too_few_fields);
  EXPECT_EQ(records[2].error->code, Code::unterminated_quote);
  EXPECT_EQ(records[2].error->value, "\"open \xC3\xA9");
}

TEST(CsvEncoding, AHeaderOfTheWrongEncodingIsRefusedWithAHint) {
  const CsvFile utf8("pr\xE9nom\n1\n");
  const Failure failure = failure_from([&] { utf8.describe(); });
  EXPECT_EQ(failure.code, Code::source_unreadable);
  EXPECT_TRUE(contains(failure.details.hint, "\"encoding\": \"windows-1252\""))
      << failure.details.hint;
  const auto undefined = encoded(Encoding::windows_1252, "a\x81\n1\n");
  EXPECT_TRUE(contains(failure_from([&] { undefined.describe(); }).message,
                       "not valid windows-1252: byte \\x81 at 1"));
}

TEST(CsvEncoding, AUtf8MarkIsDroppedWithAWarning) {
  const auto file = encoded(Encoding::windows_1252, "\xEF\xBB\xBFid\n1\n");
  EXPECT_EQ(file.describe().fields, Values{"id"});
  ASSERT_FALSE(file.describe().warnings.empty());
  EXPECT_TRUE(contains(file.describe().warnings[0], "source.encoding is windows-1252"));
}

TEST(CsvEncoding, RawTextsAreDecodedAgainInTheFilesEncoding) {
  const auto file = encoded(Encoding::windows_1252, "id,n\n1,\xE9\n");
  ConnectorContext context;
  RecordBatch batch;
  const RawRecord raw{4, 6, 40, "9,\xE8"};
  file.make_source()->decode({&raw, 1}, batch, context);
  const ReadRecord record = copy_of(batch, 0);
  EXPECT_EQ(record.values, (Values{"9", "\xC3\xA8"}));
  EXPECT_EQ(record.place.ordinal, 4U);
  EXPECT_EQ(record.place.line, 6U);
  EXPECT_EQ(record.place.byte_offset, 40U);
}

TEST(CsvDecode, ATextOfSeveralRecordsIsRejected) {
  const CsvFile file("id,n\n1,a\n");
  ConnectorContext context;
  RecordBatch batch;
  const std::vector<RawRecord> raw{{0, 2, 5, "1,a\n2,b"}, {1, 3, 9, ""}, {2, 4, 9, "1,\"a\nb\"\n"}};
  file.make_source()->decode(raw, batch, context);
  EXPECT_EQ(copy_of(batch, 0).error->code, Code::too_many_fields);
  EXPECT_EQ(copy_of(batch, 1).error->code, Code::too_few_fields);
  EXPECT_EQ(copy_of(batch, 2).values, (Values{"1", "a\nb"}));
}

}  // namespace
}  // namespace freight::testing
