#include <string>

#include <gtest/gtest.h>

#include "core/hash.hpp"
#include "core/json_text.hpp"
#include "core/utf8.hpp"

namespace freight::core {
namespace {

std::string json(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

TEST(JsonString, EscapesWhatJsonAsksFor) {
  EXPECT_EQ(json(""), R"("")");
  EXPECT_EQ(json("plain é 😀"), "\"plain é 😀\"");
  EXPECT_EQ(json("a\"b\\c\n\r\t"), R"("a\"b\\c\n\r\t")");
  EXPECT_EQ(json(std::string_view("\0\x1f\x7f", 3)), "\"\\u0000\\u001f\x7f\"");
}

TEST(JsonString, ReplacesEachByteThatIsNotUtf8) {
  EXPECT_EQ(json("a\xFF\xFE"
                 "b"),
            "\"a\uFFFD\uFFFDb\"");
  EXPECT_EQ(json("\xE2\x82"), "\"\uFFFD\uFFFD\"");
}

TEST(JsonKey, SeparatesWhereNeeded) {
  std::string out = "{";
  append_json_key(out, "a");
  out += '1';
  append_json_key(out, "b");
  out += "2}";
  EXPECT_EQ(out, R"({"a":1,"b":2})");
}

TEST(Utf8, AcceptsEveryCodePointAtItsEdges) {
  for (const std::string text :
       {"\x7F", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEE\x80\x80",
        "\xEF\xBF\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"}) {
    EXPECT_TRUE(is_valid_utf8(text)) << testing::PrintToString(text);
    EXPECT_TRUE(is_valid_utf8("12345678" + text + "12345678"));
  }
  EXPECT_TRUE(is_valid_utf8(""));
}

TEST(Utf8, RefusesOverlongSurrogatesAndCutSequences) {
  for (const std::string text :
       {"\x80", "\xC0\x80", "\xC1\xBF", "\xC2", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xE2\x82",
        "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xF0\x9F\x98", "\xFF"}) {
    EXPECT_EQ(valid_utf8_prefix("12345678ab" + text), 10U) << testing::PrintToString(text);
    EXPECT_EQ(valid_utf8_prefix(text), 0U);
  }
}

TEST(Utf8, IsCutBetweenCodePoints) {
  EXPECT_EQ(cut_utf8("abc", 3), "abc");
  EXPECT_EQ(cut_utf8("abc", 2), "ab");
  EXPECT_EQ(cut_utf8("a😀b", 4), "a");
  EXPECT_EQ(cut_utf8("a😀b", 5), "a😀");
  EXPECT_EQ(cut_utf8("é", 1), "");
  EXPECT_EQ(cut_utf8("\x80\x80\x80\x80\x80\x80", 5), "\x80\x80\x80\x80\x80");
}

TEST(Sha256, IsThatOfTheStandard) {
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(ContentHash, DoesNotDependOnThePieces) {
  ContentHash whole;
  whole.update("one two three");
  ContentHash pieces;
  for (const char* piece : {"one", " two", "", " three"}) pieces.update(piece);
  EXPECT_EQ(whole.hex(), pieces.hex());
  EXPECT_EQ(whole.hex().size(), 32U);
  pieces.update("!");
  EXPECT_NE(whole.hex(), pieces.hex());
  pieces.reset();
  // The published XXH3-128 of nothing.
  EXPECT_EQ(pieces.hex(), "99aa06d3014798d86001c324468d497f");
}

}  // namespace
}  // namespace freight::core
