#include "mapping/values/unicode.hpp"

#include <string>

#include <gtest/gtest.h>

namespace freight::mapping {
namespace {

std::string upper(std::string_view text) {
  std::string out;
  return std::string(to_upper(text, out));
}

std::string lower(std::string_view text) {
  std::string out;
  const std::string mapped(to_lower(text, out));
  EXPECT_EQ(mapped, to_lower(text));
  return mapped;
}

TEST(Unicode, CountsCodePoints) {
  EXPECT_EQ(count_code_points(""), 0U);
  EXPECT_EQ(count_code_points("abc"), 3U);
  EXPECT_EQ(count_code_points("äöü"), 3U);
  EXPECT_EQ(count_code_points("日本"), 2U);
  EXPECT_EQ(count_code_points("😀"), 1U);
  EXPECT_EQ(count_code_points("👨‍👩‍👧"), 5U);
}

TEST(Unicode, UpperCase) {
  EXPECT_EQ(upper("hello, World 1"), "HELLO, WORLD 1");
  EXPECT_EQ(upper("äöüéñçÿ"), "ÄÖÜÉÑÇŸ");
  EXPECT_EQ(upper("straße"), "STRAßE");
  EXPECT_EQ(upper("αβγδως"), "ΑΒΓΔΩΣ");
  EXPECT_EQ(upper("привет ёж"), "ПРИВЕТ ЁЖ");
  EXPECT_EQ(upper("łódź žluťoučký"), "ŁÓDŹ ŽLUŤOUČKÝ");
  EXPECT_EQ(upper("ɐ"), "Ɐ");
  EXPECT_EQ(upper("😀日本"), "😀日本");
  EXPECT_EQ(upper("𐐨"), "𐐀");
}

TEST(Unicode, LowerCase) {
  EXPECT_EQ(lower("HELLO, World 1"), "hello, world 1");
  EXPECT_EQ(lower("ÄÖÜÉÑÇŸ"), "äöüéñçÿ");
  EXPECT_EQ(lower("ΑΒΓΔΩΣ"), "αβγδωσ");
  EXPECT_EQ(lower("ПРИВЕТ ЁЖ"), "привет ёж");
  EXPECT_EQ(lower("İ"), "i");
  EXPECT_EQ(lower("Ⱥ"), "ⱥ");
  EXPECT_EQ(lower("×÷ß"), "×÷ß");
}

TEST(Unicode, UnchangedTextIsASlice) {
  std::string out;
  for (const std::string_view text : {"plain", "", "日本", "ÄÖ"})
    EXPECT_EQ(to_upper(text == "plain" ? "PLAIN" : text, out).empty(), text.empty());
  const std::string_view accented = "ÄÖ";
  EXPECT_EQ(to_upper(accented, out).data(), accented.data());
  const std::string_view plain = "plain";
  EXPECT_EQ(to_lower(plain, out).data(), plain.data());
}

TEST(Unicode, GrowingTextsFit) {
  std::string text;
  std::string expected;
  for (int index = 0; index < 50'000; ++index) {
    text += "ɐ";
    expected += "Ɐ";
  }
  EXPECT_EQ(upper(text), expected);
}

TEST(Unicode, TrimsWhiteSpaceOfUnicode) {
  EXPECT_EQ(trim("  a b \t\r\n"), "a b");
  EXPECT_EQ(trim("\u00A0\u2003x\u3000\u202F"), "x");
  EXPECT_EQ(trim(" \u00A0 "), "");
  EXPECT_EQ(trim(""), "");
  EXPECT_EQ(trim("日本 "), "日本");
  EXPECT_EQ(trim(" 😀 "), "😀");
  EXPECT_EQ(trim("\u200Bx"), "\u200Bx");
}

TEST(Unicode, SurvivesBytesThatAreNone) {
  for (const std::string& text :
       {std::string("\xFF\xFE"), std::string("a\xC3"), std::string("\x80\x80\x80\x80\x80"),
        std::string("\xE2\x82"), std::string(" \xF0\x9F ")}) {
    EXPECT_FALSE(upper(text).empty());
    EXPECT_FALSE(lower(text).empty());
    EXPECT_LE(trim(text).size(), text.size());
  }
}

}  // namespace
}  // namespace freight::mapping
