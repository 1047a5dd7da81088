#include <gtest/gtest.h>

#include "transform_testing.hpp"

namespace freight::mapping {
namespace {

std::optional<std::string> at(std::string pointer, std::string_view json) {
  return made({.kind = TransformKind::json_pointer, .argument = std::move(pointer)}, json);
}

TEST(JsonPointer, FindsMembersAndElements) {
  const char* const json = R"( {"a": {"b": [10, {"c": "x"}, []]}, "d": true} )";
  EXPECT_EQ(at("/a/b/0", json), "10");
  EXPECT_EQ(at("/a/b/1/c", json), "x");
  EXPECT_EQ(at("/a/b/1", json), R"({"c": "x"})");
  EXPECT_EQ(at("/a/b/2", json), "[]");
  EXPECT_EQ(at("/d", json), "true");
  EXPECT_EQ(at("", "[1, 2]"), "[1, 2]");
  EXPECT_EQ(at("", "\"x\""), "x");
  EXPECT_EQ(at("", " 17 "), "17");
}

TEST(JsonPointer, GivesNullForNothingAndForNull) {
  for (const char* pointer : {"/b", "/a/b", "/a/2", "/a/-", "/a/01", "/a/", "/a/x", "/n", "/s/0",
                              "/a/99999999999999999999"})
    EXPECT_EQ(at(pointer, R"({"a": [1, 2], "n": null, "s": "text"})"), std::nullopt) << pointer;
  EXPECT_EQ(at("/a", "17"), std::nullopt);
  EXPECT_EQ(at("/a", "{}"), std::nullopt);
  EXPECT_EQ(at("/0", "[]"), std::nullopt);
}

TEST(JsonPointer, KeepsDigitsAsWritten) {
  EXPECT_EQ(at("/n", R"({"n":12345678901234567890.1234567890})"),
            "12345678901234567890.1234567890");
  EXPECT_EQ(at("/n", R"({"n":1E+2})"), "1E+2");
}

TEST(JsonPointer, TakesEscapesOutOfNamesAndStrings) {
  EXPECT_EQ(at("/a~1b/m~0n", R"({"a/b": {"m~n": 1}})"), "1");
  EXPECT_EQ(at("/é", R"({"\u00e9": "q\"\\\/\n\t\u00fc\ud83d\ude00"})"), "q\"\\/\n\tü😀");
  EXPECT_EQ(at("/", R"({"": "empty"})"), "empty");
  EXPECT_EQ(at("/a", R"({"x": "}]\"{[", "a": 1})"), "1");
}

TEST(JsonPointer, OfDuplicateKeysTheLastWins) {
  EXPECT_EQ(at("/a", R"({"a": 1, "b": 2, "a": 3})"), "3");
}

TEST(JsonPointer, RefusesWhatIsNotJson) {
  for (const char* text : {"", "{", "{\"a\": 1", "{a: 1}", "[1,]", "1 2", "{\"a\": 01}", "nul"})
    EXPECT_EQ(at("/a", text), "!type_mismatch") << text;
  EXPECT_EQ(at("/a", R"({"a": "\ud83d"})"), "!type_mismatch");
  EXPECT_EQ(at("/a", R"({"a": "\u0000"})"), "!type_mismatch");
  EXPECT_EQ(at("/a", std::string(513, '[') + std::string(513, ']')), "!type_mismatch");
}

TEST(JsonPointer, RefusesWhatIsNoPointer) {
  for (const char* pointer : {"a", "a/b", "/a~", "/a~2"})
    EXPECT_EQ(refusal_of({.kind = TransformKind::json_pointer, .argument = pointer}),
              "invalid_value")
        << pointer;
}

TEST(JsonPointer, TakesAMegabyte) {
  std::string json = "{\"big\": [0";
  for (int count = 0; count < 500'000; ++count) json += ",1";
  json += "], \"text\": \"" + std::string(1024 * 1024, 'x') + "\", \"last\": 5}";
  EXPECT_EQ(at("/last", json), "5");
  EXPECT_EQ(at("/big/500000", json), "1");
  EXPECT_EQ(at("/text", json)->size(), 1024U * 1024);
  EXPECT_EQ(at("/0/0/0", std::string(512, '[') + std::string(512, ']'))->size(), 2U * 509);
}

}  // namespace
}  // namespace freight::mapping
