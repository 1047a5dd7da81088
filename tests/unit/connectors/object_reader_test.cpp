#include "connectors/json/object_reader.hpp"

#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace freight::json {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct ReadMember {
  std::string name;
  FieldKind kind;
  std::string value;

  friend bool operator==(const ReadMember&, const ReadMember&) = default;
};

std::ostream& operator<<(std::ostream& out, const ReadMember& member) {
  return out << member.name << " = " << member.value << " of kind "
             << static_cast<int>(member.kind);
}

std::vector<ReadMember> members_of(const std::string& text) {
  ObjectReader reader;
  TextArena arena;
  const auto fault = reader.read(text, arena);
  EXPECT_FALSE(fault) << text << ": " << fault->reason << " at " << fault->offset;
  std::vector<ReadMember> members;
  for (const Member& member : reader.members()) {
    const bool is_null = member.value.data == nullptr;
    members.push_back({std::string(member.name), member.value.kind,
                       std::string(is_null ? "" : member.value.text())});
  }
  return members;
}

Fault fault_of(const std::string& text) {
  ObjectReader reader;
  TextArena arena;
  const auto fault = reader.read(text, arena);
  EXPECT_TRUE(fault) << text << " was read";
  return fault.value_or(Fault{});
}

TEST(ObjectReader, EveryKindOfValue) {
  EXPECT_THAT(
      members_of(R"( {"s":"x", "i":-12, "d":1.50, "t":true, "f":false, "n":null,)"
                 R"( "o":{"a": [1, {}]}, "a":[ ]} )"),
      ElementsAre(
          ReadMember{"s", FieldKind::string, "x"}, ReadMember{"i", FieldKind::integer, "-12"},
          ReadMember{"d", FieldKind::decimal, "1.50"}, ReadMember{"t", FieldKind::boolean, "true"},
          ReadMember{"f", FieldKind::boolean, "false"}, ReadMember{"n", FieldKind::null, ""},
          ReadMember{"o", FieldKind::json, R"({"a": [1, {}]})"},
          ReadMember{"a", FieldKind::json, "[ ]"}));
}

TEST(ObjectReader, AnEmptyObjectHasNoMembers) { EXPECT_THAT(members_of(" {\t} "), ElementsAre()); }

TEST(ObjectReader, NumbersKeepTheirDigits) {
  for (const std::string digits :
       {"12345678901234567890.123456789", "1e400", "-0.10", "0.0", "1E+2", "9223372036854775808",
        "-9223372036854775809", "100000000000000000000000000000000000000"}) {
    EXPECT_THAT(members_of("{\"n\":" + digits + "}"),
                ElementsAre(ReadMember{"n", FieldKind::decimal, digits}));
  }
  for (const std::string digits : {"9223372036854775807", "-9223372036854775808", "0", "-0"}) {
    EXPECT_THAT(members_of("{\"n\":" + digits + "}"),
                ElementsAre(ReadMember{"n", FieldKind::integer, digits}));
  }
}

TEST(ObjectReader, EscapesBecomeUtf8) {
  EXPECT_THAT(members_of(R"({"a\u0062":"\"\\\/\b\f\n\r\t \u00e9\u20AC \ud83d\uDE00"})"),
              ElementsAre(ReadMember{"ab", FieldKind::string,
                                     "\"\\/\b\f\n\r\t \xC3\xA9\xE2\x82\xAC \xF0\x9F\x98\x80"}));
}

TEST(ObjectReader, DuplicateNamesAreAllGivenInTheirOrder) {
  EXPECT_THAT(members_of(R"({"a":1,"b":2,"a":3})"),
              ElementsAre(ReadMember{"a", FieldKind::integer, "1"},
                          ReadMember{"b", FieldKind::integer, "2"},
                          ReadMember{"a", FieldKind::integer, "3"}));
}

TEST(ObjectReader, NestedTextIsCheckedButStaysAsItIs) {
  EXPECT_THAT(members_of(R"({"j":{"k" : ["\u00e9", -1.0e5, null, {"x":[]}] }})"),
              ElementsAre(ReadMember{"j", FieldKind::json,
                                     R"({"k" : ["\u00e9", -1.0e5, null, {"x":[]}] })"}));
}

TEST(ObjectReader, NestingIsReadToADepthOf512) {
  const auto nested = [](std::size_t levels, const std::string& open, const std::string& close) {
    std::string text = "{\"a\":";
    for (std::size_t level = 1; level < levels; ++level) text += open;
    text += "1";
    for (std::size_t level = 1; level < levels; ++level) text += close;
    return text + "}";
  };
  EXPECT_EQ(members_of(nested(512, "[", "]")).size(), 1U);
  EXPECT_EQ(members_of(nested(512, "{\"b\":", "}")).size(), 1U);
  EXPECT_THAT(std::string(fault_of(nested(513, "[", "]")).reason), HasSubstr("512"));
  EXPECT_THAT(std::string(fault_of(nested(1'000'000, "[", "]")).reason), HasSubstr("512"));
}

TEST(ObjectReader, WhatIsNoObjectIsSaidToBeNone) {
  for (const std::string text : {"1", "[1, {\"a\":2}]", "\"{}\"", "null", " true ", "-1.5e3"}) {
    EXPECT_EQ(fault_of(text).code, Code::not_an_object) << text;
  }
  EXPECT_EQ(fault_of("  [1]").offset, 2U);
}

TEST(ObjectReader, WhatIsNoJsonIsRefusedWithItsPlace) {
  struct Case {
    std::string text;
    std::size_t offset;
  };
  const std::vector<Case> cases{
      {"", 0},
      {"  ", 2},
      {"{", 1},
      {"{\"a\"", 4},
      {"{\"a\":", 5},
      {"{\"a\":1", 6},
      {"{\"a\":1,", 7},
      {"{\"a\":1,}", 7},
      {"{,}", 1},
      {"{a:1}", 1},
      {"{'a':1}", 1},
      {"{\"a\" 1}", 5},
      {"{\"a\":1 \"b\":2}", 7},
      {"{\"a\":1}}", 7},
      {"{\"a\":1} x", 8},
      {"{\"a\":tru}", 5},
      {"{\"a\":True}", 5},
      {"{\"a\":nul", 5},
      {"{\"a\":01}", 5},
      {"{\"a\":-}", 6},
      {"{\"a\":+1}", 5},
      {"{\"a\":.5}", 5},
      {"{\"a\":1.}", 7},
      {"{\"a\":1e}", 7},
      {"{\"a\":1e+}", 8},
      {"{\"a\":NaN}", 5},
      {"{\"a\":Infinity}", 5},
      {"{\"a\":\"x}", 5},
      {"{\"a\":\"\\", 6},
      {"{\"a\":\"\\x\"}", 6},
      {"{\"a\":\"\\u12\"}", 6},
      {"{\"a\":\"\\u12g4\"}", 6},
      {"{\"a\":\"\\ud800\"}", 6},
      {"{\"a\":\"\\udc00\"}", 6},
      {"{\"a\":\"\\ud800\\u0041\"}", 6},
      {"{\"a\":\"x\ny\"}", 7},
      {std::string("{\"a\":\"x\0\"}", 10), 7},
      {std::string("{\"a\":1}\0", 8), 7},
      {"{\"a\":[1,]}", 8},
      {"{\"a\":[1 2]}", 8},
      {"{\"a\":[}", 6},
      {"{\"a\":{]}", 6},
      {"{\"a\":[1}", 7},
      {"{\"a\":{\"b\":1]}", 11},
      {"{\"a\":{\"b\"}}", 9},
      {"{\"a\":{1:2}}", 6},
      {"{\"a\":[\"\\ud800\"]}", 7},
      {"{\"a\":1}/*c*/", 7},
      {"[1", 2},
  };
  for (const Case& broken : cases) {
    const Fault fault = fault_of(broken.text);
    EXPECT_EQ(fault.code, Code::invalid_json) << broken.text;
    EXPECT_EQ(fault.offset, broken.offset) << broken.text << ": " << fault.reason;
    EXPECT_FALSE(fault.reason.empty()) << broken.text;
  }
}

TEST(ObjectReader, InvalidUtf8IsRefusedWithItsPlace) {
  const Fault fault = fault_of("{\"a\":\"caf\xE9\"}");
  EXPECT_EQ(fault.code, Code::invalid_utf8);
  EXPECT_EQ(fault.offset, 9U);
}

TEST(ObjectReader, ANulInATextIsRefused) {
  EXPECT_EQ(fault_of(R"({"a":"x\u0000"})").code, Code::nul_byte);
  EXPECT_EQ(fault_of(R"({"a\u0000":1})").code, Code::nul_byte);
}

TEST(ObjectReader, AReaderMayBeUsedAgain) {
  ObjectReader reader;
  TextArena arena;
  EXPECT_FALSE(reader.read("{\"a\":1,\"b\":2}", arena));
  EXPECT_TRUE(reader.read("{\"a\":1,", arena));
  EXPECT_FALSE(reader.read("{\"c\":3}", arena));
  EXPECT_EQ(reader.members().size(), 1U);
}

}  // namespace
}  // namespace freight::json
