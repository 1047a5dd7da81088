// What becomes of single lines: job-spec.md section 2, "Positions" and "JSONL".

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "unit/jsonl/jsonl_fixture.hpp"

namespace freight::testing::jsonl_record_test {
namespace {

using Values = std::vector<std::string>;
using Kinds = std::vector<FieldKind>;

struct Place {
  std::uint64_t ordinal;
  std::uint64_t line;
  std::uint64_t offset;
  std::uint64_t length;

  friend bool operator==(const Place&, const Place&) = default;
};

std::vector<Place> places_of(const std::vector<ReadRecord>& records) {
  std::vector<Place> places;
  for (const ReadRecord& record : records) {
    places.push_back({record.place.ordinal, record.place.line, record.place.byte_offset,
                      record.place.byte_length});
  }
  return places;
}

/// The names of the records' codes, "" of good ones.
std::vector<std::string> codes_of(const std::vector<ReadRecord>& records) {
  std::vector<std::string> codes;
  for (const ReadRecord& record : records) {
    codes.emplace_back(record.error ? to_string(record.error->code) : std::string_view());
  }
  return codes;
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST(JsonlRecord, EachLineIsOneWhetherItEndsWithLfOrCrLfOrNot) {
  const auto records = JsonlFile("{\"a\":1}\n{\"a\":2}\r\n{\"a\":3}").read({"a"});
  ASSERT_EQ(records.size(), 3U);
  EXPECT_EQ(places_of(records), (std::vector<Place>{{0, 1, 0, 7}, {1, 2, 8, 7}, {2, 3, 17, 7}}));
  EXPECT_EQ(records[1].raw, "{\"a\":2}");
  EXPECT_EQ(records[2].values, Values{"3"});
}

TEST(JsonlRecord, BlankLinesAreNoRecordsButCountAsLines) {
  const auto records = JsonlFile("\n  \t\r\n{\"a\":1}\n\r\n \n  {\"a\":2}\n \n").read({"a"});
  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(places_of(records), (std::vector<Place>{{0, 3, 6, 7}, {1, 6, 18, 9}}));
  EXPECT_EQ(records[1].values, Values{"2"});
}

TEST(JsonlRecord, AFileOfNothingOrOfBlankLinesHasNoRecord) {
  EXPECT_TRUE(JsonlFile("").read({"a"}).empty());
  EXPECT_TRUE(JsonlFile("\n \n\t").read({"a"}).empty());
}

TEST(JsonlRecord, AByteOrderMarkIsDroppedButCountsInOffsets) {
  const auto records = JsonlFile("\xEF\xBB\xBF{\"a\":1}\n").read({"a"});
  EXPECT_EQ(places_of(records), (std::vector<Place>{{0, 1, 3, 7}}));
  EXPECT_EQ(records[0].values, Values{"1"});
}

TEST(JsonlRecord, KeysMayDifferFromRecordToRecordAndTheLastOfOneWins) {
  const auto records =
      JsonlFile("{\"b\":1,\"a\":2}\n{\"c\":3}\n{\"a\":1,\"a\":4}\n").read({"a", "b"});
  EXPECT_EQ(records[0].values, (Values{"2", "1"}));
  EXPECT_EQ(records[1].kinds, (Kinds{FieldKind::absent, FieldKind::absent}));
  EXPECT_EQ(records[2].values, (Values{"4", ""}));
}

TEST(JsonlRecord, ValuesKeepTheirTypesAndDigits) {
  const auto records =
      JsonlFile(
          "{\"a\":9223372036854775807,\"b\":9223372036854775808,\"c\":1.10,\"d\":1e400,"
          "\"e\":\"x\\u00e9\",\"f\":true,\"g\":null,\"h\":[1, {\"z\":2}]}\n")
          .read({"a", "b", "c", "d", "e", "f", "g", "h", "i"});
  ASSERT_FALSE(records[0].error);
  EXPECT_EQ(records[0].kinds, (Kinds{FieldKind::integer, FieldKind::decimal, FieldKind::decimal,
                                     FieldKind::decimal, FieldKind::string, FieldKind::boolean,
                                     FieldKind::null, FieldKind::json, FieldKind::absent}));
  EXPECT_EQ(records[0].values, (Values{"9223372036854775807", "9223372036854775808", "1.10",
                                       "1e400", "x\xC3\xA9", "true", "", "[1, {\"z\":2}]", ""}));
}

TEST(JsonlRecord, WhatIsNoObjectIsRejectedAloneWithThePlaceOfItsFault) {
  const auto records =
      JsonlFile("{\"a\":1}\n[1]\n  5\n{\"a\":}\n{\"a\":1} x\nhello\n{\"a\":2}\n").read({"a"});
  EXPECT_EQ(codes_of(records), (Values{"", "not_an_object", "not_an_object", "invalid_json",
                                       "invalid_json", "invalid_json", ""}));
  EXPECT_TRUE(contains(records[3].error->message, "byte 5 of the line (byte 21 of the file)"))
      << records[3].error->message;
  EXPECT_TRUE(contains(records[4].error->message, "byte 8 of the line"))
      << records[4].error->message;
  EXPECT_EQ(records[3].error->value, "{\"a\":}");
  EXPECT_EQ(records[3].kinds, Kinds{FieldKind::absent});
  EXPECT_EQ(records[6].values, Values{"2"});
}

TEST(JsonlRecord, ItMayBeNestedAsDeepAs512) {
  const auto nested = [](std::size_t depth) {
    return "{\"a\":" + std::string(depth - 1, '[') + std::string(depth - 1, ']') + "}\n";
  };
  const auto records = JsonlFile(nested(512) + nested(513) + "{\"a\":1}\n").read({"a"});
  EXPECT_EQ(codes_of(records), (Values{"", "invalid_json", ""}));
  EXPECT_TRUE(contains(records[1].error->message, "512"));
}

TEST(JsonlRecord, BytesThatAreNotUtf8AreRejectedWithAHint) {
  const auto records = JsonlFile("{\"a\":\"caf\xE9\"}\n{\"a\":\"ok\"}\n").read({"a"});
  EXPECT_EQ(codes_of(records), (Values{"invalid_utf8", ""}));
  EXPECT_TRUE(contains(records[0].error->message, "byte 9 of the line"));
  EXPECT_TRUE(contains(records[0].error->hint, "\"encoding\": \"windows-1252\""));
}

TEST(JsonlRecord, ALineThatIsTooLongIsPassedOverUpToTheNextLineFeed) {
  JsonlFile file("{\"a\":1}\n{\"a\":\"" + std::string(200'000, 'x') + "\"}\n{\"a\":2}\n");
  file.jsonl().max_record_bytes = 100;
  const auto records = file.read({"a"});
  EXPECT_EQ(codes_of(records), (Values{"", "record_too_long", ""}));
  EXPECT_EQ(records[1].place.byte_length, 200'008U);
  EXPECT_EQ(records[1].raw.size(), 64U * 1024U);
  EXPECT_EQ(records[2].place.line, 3U);
}

TEST(JsonlRecord, ALineOfExactlyMaxRecordBytesIsRead) {
  JsonlFile file("{\"a\":\"xx\"}\r\n{\"a\":\"xxx\"}\r\n{\"a\":\"xx\"}");
  file.jsonl().max_record_bytes = 10;
  EXPECT_EQ(codes_of(file.read({"a"})), (Values{"", "record_too_long", ""}));
}

TEST(JsonlRecord, AnArrayOverManyLinesSaysWhatToDo) {
  JsonlFile file("[\n  {\n    \"a\": 1\n  },\n  {\"a\": 2}\n]\n");
  const auto records = file.read({"a"});
  ASSERT_EQ(records.size(), 6U);
  for (const std::size_t index : {0U, 1U, 2U, 3U, 5U}) {
    ASSERT_TRUE(records[index].error) << index;
    EXPECT_EQ(to_string(records[index].error->code), "invalid_json");
    EXPECT_TRUE(contains(records[index].error->hint, "\"type\": \"json\"")) << index;
  }
  ASSERT_EQ(file.describe().warnings.size(), 1U);
  EXPECT_TRUE(contains(file.describe().warnings[0], "begins with '['"));
}

TEST(JsonlRecord, OneLineThatIsAnArraySaysWhatToDo) {
  const auto records = JsonlFile("[{\"a\":1},{\"a\":2}]\n").read({"a"});
  EXPECT_EQ(codes_of(records), Values{"not_an_object"});
  EXPECT_TRUE(contains(records[0].error->hint, "\"type\": \"json\""));
}

TEST(JsonlRecord, TheLimitEndsTheReading) {
  JsonlFile file("{\"a\":1}\n\nbad\n{\"a\":3}\n");
  file.jsonl().limit = 2;
  EXPECT_EQ(codes_of(file.read({"a"})), (Values{"", "invalid_json"}));
}

TEST(JsonlRecord, OtherEncodingsAreReadAndPositionsStayThoseOfTheFile) {
  JsonlFile file("{\"a\":\"\xE9\x80\"}\n{\"a\":\"\x81\"}\n{\"\xE9\":1,\"a\":}\n");
  file.jsonl().encoding = Encoding::windows_1252;
  const auto records = file.read({"a"});
  EXPECT_EQ(codes_of(records), (Values{"", "invalid_utf8", "invalid_json"}));
  EXPECT_EQ(records[0].values, Values{"\xC3\xA9\xE2\x82\xAC"});
  EXPECT_EQ(records[0].raw, "{\"a\":\"\xE9\x80\"}");
  EXPECT_EQ(records[1].place.byte_offset, 11U);
  EXPECT_TRUE(contains(records[1].error->message, "\\x81, byte 6 of the line"));
  EXPECT_TRUE(contains(records[2].error->message, "byte 11 of the line"))
      << records[2].error->message;
  file.jsonl().encoding = Encoding::iso_8859_15;
  EXPECT_EQ(file.read({"a"})[0].values, Values{"\xC3\xA9\xC2\x80"});
}

TEST(JsonlRecord, RawTextsAreDecodedAgainAsTheyWereRead) {
  JsonlFile file("\n{\"a\":1,\"b\":\"x\"}\n[2]\n");
  const auto read = file.read({"a", "b"});
  const auto source = file.make_source();
  ConnectorContext context;
  source->describe(context);
  source->use_fields({"a", "b"});
  std::vector<RawRecord> raw;
  for (const ReadRecord& record : read) {
    raw.push_back({record.place.ordinal, record.place.line, record.place.byte_offset, record.raw});
  }
  raw.push_back({7, 9, 100, "{\n \"a\": 5\n}"});
  RecordBatch batch;
  source->decode(raw, batch, context);
  ASSERT_EQ(batch.records.size(), 3U);
  for (std::size_t index = 0; index < read.size(); ++index) {
    const ReadRecord record = copy_of(batch, index);
    EXPECT_EQ(places_of({record}), places_of({read[index]}));
    EXPECT_EQ(record.values, read[index].values);
    EXPECT_EQ(record.kinds, read[index].kinds);
    EXPECT_EQ(codes_of({record}), codes_of({read[index]}));
  }
  EXPECT_EQ(copy_of(batch, 2).values, (Values{"5", ""}));
  EXPECT_EQ(copy_of(batch, 2).place.ordinal, 7U);
}

}  // namespace
}  // namespace freight::testing::jsonl_record_test
