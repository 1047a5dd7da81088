// What becomes of the elements of an array: where they stand, and what a broken one costs.

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/json_array/json_fixture.hpp"

namespace freight::testing::json_record_test {
namespace {

using ::testing::HasSubstr;
using Texts = std::vector<std::string>;

/// Of each record its text and, if it is bad, its code: `{"a":1}`, `5 not_an_object`.
Texts outcomes_of(const std::vector<ReadRecord>& records) {
  Texts outcomes;
  for (const ReadRecord& record : records) {
    outcomes.push_back(record.raw);
    if (record.error) outcomes.back() += " " + std::string(to_string(record.error->code));
  }
  return outcomes;
}

Texts outcomes_of(std::string_view text) { return outcomes_of(JsonFile(text).read({"a"})); }

TEST(JsonRecord, IsEachElementWithItsPlaceInTheFile) {
  const auto records = JsonFile("\n[ {\"a\":1} ,\n{\"a\":\n2},{\"a\":3}\r\n]\n").read({"a"});
  ASSERT_EQ(records.size(), 3U);
  const std::vector<std::vector<std::uint64_t>> places{{0, 2, 3, 7}, {1, 3, 13, 8}, {2, 4, 22, 7}};
  for (std::size_t index = 0; index < 3; ++index) {
    const SourceRecord& place = records[index].place;
    EXPECT_EQ((std::vector<std::uint64_t>{place.ordinal, place.line, place.byte_offset,
                                          place.byte_length}),
              places[index]);
  }
  EXPECT_EQ(records[0].raw, "{\"a\":1}");
  EXPECT_EQ(records[1].raw, "{\"a\":\n2}");
  EXPECT_EQ(records[1].values, Texts{"2"});
}

TEST(JsonRecord, BracketsCommasAndQuotesInStringsAreText) {
  const Texts elements{R"({"a":"],[}{,\"]"})", R"({"a":"\\"})", R"({"a":{"b":["]",{"c":"}"}]}})"};
  EXPECT_EQ(outcomes_of("[" + elements[0] + "," + elements[1] + "," + elements[2] + "]"), elements);
}

TEST(JsonRecord, OfAnEmptyArrayThereIsNone) {
  EXPECT_EQ(outcomes_of("[]"), Texts{});
  EXPECT_EQ(outcomes_of(" [ \n ] \n"), Texts{});
}

TEST(JsonRecord, TheMarkOfUtf8IsNoPartOfTheText) {
  const auto records = JsonFile("\xEF\xBB\xBF[{\"a\":1}]").read({"a"});
  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(records[0].place.byte_offset, 4U);
}

TEST(JsonRecord, AWrongSeparatorCostsTheElementBeforeIt) {
  EXPECT_EQ(outcomes_of("[{\"a\":1}; {\"a\":2}; {\"a\":3}]"),
            (Texts{"{\"a\":1}; invalid_json", "{\"a\":2}; invalid_json", "{\"a\":3}"}));
}

/// What is discarded is not kept, the next element's first byte among it unless it is held back.
TEST(JsonRecord, BehindOneThatIsTooLongIsWholeWhereverAPieceOfTheFileEnds) {
  const std::string begin = "[{\"a\":\"";
  for (const std::size_t piece :
       {std::size_t{1} << 16U, std::size_t{1} << 18U, std::size_t{1} << 20U}) {
    for (const std::size_t brace : {piece - 2, piece - 1, piece}) {
      JsonFile file(begin + std::string(brace - begin.size() - 1, 'y') + "\n{\"a\":\"b\"}]");
      file.json().max_record_bytes = 1000;
      const auto records = file.read({"a"});
      ASSERT_EQ(records.size(), 2U) << brace;
      EXPECT_EQ(records[0].error->code, Code::record_too_long);
      EXPECT_FALSE(records[1].error) << brace;
      EXPECT_EQ(records[1].raw, "{\"a\":\"b\"}");
      EXPECT_EQ(records[1].place.byte_offset, brace);
    }
  }
}

TEST(JsonRecord, IsReadInTheEncodingOfTheFile) {
  JsonFile file("{\"\xE9l\xE9\":[{\"a\":\"\x80\"}]}", "/élé");
  file.json().encoding = Encoding::windows_1252;
  EXPECT_EQ(file.read({"a"})[0].values, Texts{"€"});
}

TEST(JsonRecord, WhatIsNoObjectIsRejectedWithTheByteOfTheFault) {
  EXPECT_EQ(
      outcomes_of(R"([5, {"a":1}, [{"a":2}], "x", null, {"a":NaN}, {"a":3}])"),
      (Texts{"5 not_an_object", R"({"a":1})", R"([{"a":2}] not_an_object)", R"("x" not_an_object)",
             "null not_an_object", R"({"a":NaN} invalid_json)", R"({"a":3})"}));
  const auto records = JsonFile("[{\"a\":1},\n {\"a\":NaN}]").read({"a"});
  EXPECT_THAT(records[1].error->message,
              HasSubstr("At byte 5 of the record (byte 16 of the file)"));
}

TEST(JsonRecord, ACommaTooManyIsARecordWithoutText) {
  EXPECT_EQ(outcomes_of("[{\"a\":1},,{\"a\":2},\n]"),
            (Texts{R"({"a":1})", " invalid_json", R"({"a":2})", " invalid_json"}));
}

TEST(JsonRecord, AMissingCommaCostsTheRecordBeforeIt) {
  const auto records = JsonFile("[{\"a\":1}\n{\"a\":2},{\"a\":3}]").read({"a"});
  EXPECT_EQ(outcomes_of(records), (Texts{R"({"a":1} invalid_json)", R"({"a":2})", R"({"a":3})"}));
  EXPECT_THAT(records[0].error->message, HasSubstr("without a comma"));
}

TEST(JsonRecord, EndsThatAreMissingOrTooManyCostOneRecord) {
  EXPECT_EQ(outcomes_of(R"([{"a":[1,2},{"a":1}])"),
            (Texts{R"({"a":[1,2} invalid_json)", R"({"a":1})"}));
  EXPECT_EQ(outcomes_of(R"([{"a":1,{"a":2},{"a":3}])"),
            (Texts{R"({"a":1, invalid_json)", R"({"a":2})", R"({"a":3})"}));
  EXPECT_EQ(outcomes_of(R"([{"a":1}},{"a":2}])"),
            (Texts{R"({"a":1}} invalid_json)", R"({"a":2})"}));
  EXPECT_EQ(outcomes_of(R"([{"a":2},{"a":1])"), (Texts{R"({"a":2})", R"({"a":1 invalid_json)"}));
}

TEST(JsonRecord, AStringThatIsNotClosedCostsOneRecord) {
  EXPECT_EQ(outcomes_of("[{\"a\":\"x},\n{\"a\":2},\n{\"a\":3}]"),
            (Texts{"{\"a\":\"x}, invalid_json", R"({"a":2})", R"({"a":3})"}));
  EXPECT_EQ(outcomes_of("[\n  {\n    \"a\": \"x,\n    \"b\": 1\n  },\n  {\n    \"a\": 2\n  }\n]"),
            (Texts{"{\n    \"a\": \"x,\n    \"b\": 1\n  } invalid_json", "{\n    \"a\": 2\n  }"}));
  EXPECT_EQ(outcomes_of("[\n  {\n    \"a\": \"x\n  },\n  {\n    \"a\": 2\n  }\n]"),
            (Texts{"{\n    \"a\": \"x\n  }, invalid_json", "{\n    \"a\": 2\n  }"}));
}

TEST(JsonRecord, ALineBreakInAStringCostsOneRecord) {
  for (const std::string text :
       {"one\ntwo", "ends\n", "{\n}", "{one}\n{two}", "a\n\n  b", "\\\nx"}) {
    const std::string broken = "{\"a\":\"" + text + "\",\"b\":[{\"c\":1}]}";
    EXPECT_EQ(outcomes_of("[" + broken + ",\n{\"a\":2}]"),
              (Texts{broken + " invalid_json", R"({"a":2})"}));
  }
}

TEST(JsonRecord, TheTextMayBeDeepToItsLimit) {
  const std::string deepest = "{\"a\":" + std::string(511, '[') + std::string(511, ']') + "}";
  const std::string deeper = "{\"a\":" + std::string(600, '[') + std::string(600, ']') + "}";
  EXPECT_EQ(outcomes_of("[" + deepest + "," + deeper + ",{\"a\":1}]"),
            (Texts{deepest, deeper + " invalid_json", R"({"a":1})"}));
}

TEST(JsonRecord, OfExactlyMaxRecordBytesIsRead) {
  JsonFile file("[{\"a\":\"xx\"},{\"a\":\"xxx\"}\n,{\"a\":\"xx\"}]");
  file.json().max_record_bytes = 10;
  EXPECT_EQ(outcomes_of(file.read({"a"})),
            (Texts{R"({"a":"xx"})", "{\"a\":\"xxx\"}\n record_too_long", R"({"a":"xx"})"}));
}

TEST(JsonRecord, TheLimitEndsTheReadingBeforeWhatIsBroken) {
  JsonFile file("[{\"a\":1},{\"a\":2},{\"a\":3");
  file.json().limit = 2;
  EXPECT_EQ(outcomes_of(file.read({"a"})), (Texts{R"({"a":1})", R"({"a":2})"}));
}

TEST(JsonRecord, StandsInTheArrayThatThePointerNames) {
  const std::string text =
      R"({"n":[1,"]"],"a~b/c":{"\u0069tems":[[],[{"a":1},{"a":2}]]},"more":{"x":[{}]}} )";
  EXPECT_EQ(outcomes_of(JsonFile(text, "/a~0b~1c/items/1").read({"a"})),
            (Texts{R"({"a":1})", R"({"a":2})"}));
  EXPECT_EQ(outcomes_of(JsonFile(text, "/more/x").read({"a"})), (Texts{"{}"}));
  EXPECT_EQ(outcomes_of(JsonFile(R"({"":[{"a":1}]})", "/").read({"a"})), (Texts{R"({"a":1})"}));
}

TEST(JsonRecord, KeysOfAllRecordsBecomeTheColumnsOfAFile) {
  JsonFile file("{\"list\":[{\"a\":1},{\"b\":[1]},{\"c\":NaN},{\"a\":1,\"d\":2}]}", "/list");
  file.spec().destination = JsonlDestinationSpec{.path = "out.jsonl"};
  EXPECT_EQ(file.describe().fields, (Texts{"a", "b", "d"}));
}

}  // namespace
}  // namespace freight::testing::json_record_test
