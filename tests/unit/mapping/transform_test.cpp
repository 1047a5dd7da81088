#include <gtest/gtest.h>

#include "transform_testing.hpp"

namespace freight::mapping::transform_test {
namespace {

using Kind = TransformKind;

Transform replace(std::string from, std::string to) {
  return {.kind = Kind::replace, .argument = std::move(from), .replacement = std::move(to)};
}
Transform split(std::string separator, std::int64_t index) {
  return {.kind = Kind::split, .argument = std::move(separator), .index = index};
}
Transform substring(std::int64_t start, std::uint64_t length) {
  return {.kind = Kind::substring, .index = start, .length = length};
}
Transform truncate(std::uint64_t length) { return {.kind = Kind::truncate, .length = length}; }
Transform pad(std::uint64_t width, std::string character) {
  return {.kind = Kind::pad_left, .argument = std::move(character), .length = width};
}

TEST(Transforms, TrimTakesUnicodeWhiteSpaceOffBothEnds) {
  EXPECT_EQ(made({.kind = Kind::trim}, "\t  a b\u00A0\u2003\n"), "a b");
  EXPECT_EQ(made({.kind = Kind::trim}, " \u3000 "), "");
}

TEST(Transforms, LowerAndUpperMapEachCodePoint) {
  EXPECT_EQ(made({.kind = Kind::lower}, "ÄNNE Straße Ёж"), "änne straße ёж");
  EXPECT_EQ(made({.kind = Kind::upper}, "änne straße ёж"), "ÄNNE STRAßE ЁЖ");
  EXPECT_EQ(made({.kind = Kind::upper}, "日本"), "日本");
}

TEST(Transforms, CollapseWhitespaceLeavesOneSpaceOfEachRun) {
  EXPECT_EQ(made({.kind = Kind::collapse_whitespace}, "a \t\u00A0 b\r\n\nc"), "a b c");
  EXPECT_EQ(made({.kind = Kind::collapse_whitespace}, "  a  "), " a ");
  EXPECT_EQ(made({.kind = Kind::collapse_whitespace}, "abc"), "abc");
  EXPECT_EQ(made({.kind = Kind::collapse_whitespace}, ""), "");
}

TEST(Transforms, NullifyEmptyMakesNullOfNothingElse) {
  EXPECT_EQ(made({.kind = Kind::nullify_empty}, ""), std::nullopt);
  EXPECT_EQ(made({.kind = Kind::nullify_empty}, " "), " ");
}

TEST(Transforms, DigitsOnlyKeepsTheTenDigits) {
  EXPECT_EQ(made({.kind = Kind::digits_only}, "+41 (0)79 123-45 ٣"), "4107912345");
  EXPECT_EQ(made({.kind = Kind::digits_only}, "none"), "");
}

TEST(Transforms, ReplaceTakesEveryOccurrenceFromTheLeft) {
  EXPECT_EQ(made(replace("aa", "b"), "aaaaa"), "bba");
  EXPECT_EQ(made(replace(".", ""), "1.234.567"), "1234567");
  EXPECT_EQ(made(replace("x", "y"), "abc"), "abc");
  EXPECT_EQ(made(replace("a", "aa"), "banana"), "baanaanaa");
  EXPECT_EQ(made(replace("a", ""), "aaa"), "");
}

TEST(Transforms, SplitCountsFromEitherEndAndIsNullBeyond) {
  EXPECT_EQ(made(split(",", 0), "a,b,c"), "a");
  EXPECT_EQ(made(split(",", 2), "a,b,c"), "c");
  EXPECT_EQ(made(split(",", -1), "a,b,c"), "c");
  EXPECT_EQ(made(split(",", -3), "a,b,c"), "a");
  EXPECT_EQ(made(split(",", 3), "a,b,c"), std::nullopt);
  EXPECT_EQ(made(split(",", -4), "a,b,c"), std::nullopt);
  EXPECT_EQ(made(split(",", 1), "a,,c"), "");
  EXPECT_EQ(made(split(", ", 1), "Müller, Anna"), "Anna");
  EXPECT_EQ(made(split(",", 0), ""), "");
  EXPECT_EQ(made(split(",", 0), "abc"), "abc");
  EXPECT_EQ(made(split("aa", -1), "aaa"), "a");
}

TEST(Transforms, SubstringCountsCodePointsFromEitherEnd) {
  EXPECT_EQ(made(substring(0, 2), "äöü"), "äö");
  EXPECT_EQ(made(substring(1, 10), "äöü"), "öü");
  EXPECT_EQ(made(substring(-2, 1), "äöü"), "ö");
  EXPECT_EQ(made(substring(-5, 2), "äöü"), "äö");
  EXPECT_EQ(made(substring(3, 1), "äöü"), "");
  EXPECT_EQ(made(substring(99, 1), "äöü"), "");
  EXPECT_EQ(made(substring(1, 0), "äöü"), "");
}

TEST(Transforms, TruncateWarnsOnlyWhenItCuts) {
  EXPECT_EQ(made(truncate(3), "äöü"), "äöü");
  EXPECT_EQ(made(truncate(2), "äöü"), "äö~too_long");
  EXPECT_EQ(made(truncate(0), "x"), "~too_long");
  EXPECT_EQ(made(truncate(0), ""), "");
}

TEST(Transforms, PadLeftFillsUpToAWidthInCodePoints) {
  EXPECT_EQ(made(pad(5, "0"), "42"), "00042");
  EXPECT_EQ(made(pad(4, "é"), "ü1"), "ééü1");
  EXPECT_EQ(made(pad(2, "0"), "123"), "123");
  EXPECT_EQ(made(pad(2, "0"), ""), "00");
}

TEST(Transforms, HashIsHexSha256) {
  const Transform hash{.kind = Kind::hash, .argument = "sha256"};
  EXPECT_EQ(made(hash, "abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(made(hash, ""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Transforms, RunInTheirOrderAndPassNullThrough) {
  EXPECT_EQ(chained({{.kind = Kind::upper}, replace("A", "b"), {.kind = Kind::upper}}, "xa"), "XB");
  EXPECT_EQ(chained({{.kind = Kind::upper},
                     {.kind = Kind::trim},
                     {.kind = Kind::upper},
                     {.kind = Kind::lower},
                     split(",", 1),
                     pad(3, "x")},
                    " a,B "),
            "xxb");
  EXPECT_EQ(chained({{.kind = Kind::trim}, {.kind = Kind::nullify_empty}, pad(3, "x")}, "  "),
            std::nullopt);
  EXPECT_EQ(chained({split(",", 7), {.kind = Kind::nullify_empty}, pad(3, "x")}, "a"),
            std::nullopt);
  EXPECT_EQ(chained({}, "as it is"), "as it is");
}

TEST(Transforms, WarningsOfAllAreKept) {
  EXPECT_EQ(chained({truncate(3), {.kind = Kind::upper}, truncate(1)}, "abcd"),
            "A~too_long~too_long");
}

TEST(Transforms, MakeNoTextBeyondTheirLimit) {
  const std::string megabyte(1024 * 1024, 'a');
  EXPECT_EQ(made(replace("a", std::string(15, 'b')), megabyte)->size(), 15U * 1024 * 1024);
  EXPECT_EQ(made(replace("a", std::string(17, 'b')), megabyte), "!too_long");
  EXPECT_EQ(made(pad(longest_made_text, "x"), "")->size(), longest_made_text);
  EXPECT_EQ(made(pad(longest_made_text + 1, "x"), ""), "!too_long");
  EXPECT_EQ(made(pad(longest_made_text, "é"), ""), "!too_long");
}

TEST(Transforms, TakeAMegabyteOfAnything) {
  const std::string spaces(1024 * 1024, ' ');
  EXPECT_EQ(made({.kind = Kind::trim}, spaces), "");
  EXPECT_EQ(made({.kind = Kind::collapse_whitespace}, spaces), " ");
  EXPECT_EQ(made({.kind = Kind::digits_only}, spaces), "");
  EXPECT_EQ(made(split(" ", -1), spaces), "");
  EXPECT_EQ(made(split(" ", 1024 * 1024), spaces), "");
  EXPECT_EQ(made(split(" ", 1024 * 1024 + 1), spaces), std::nullopt);
  EXPECT_EQ(made(replace(" ", "x"), spaces), std::string(1024 * 1024, 'x'));
  EXPECT_EQ(made(replace(std::string(1000, ' ') + "x", ""), spaces), spaces);
  EXPECT_EQ(made(substring(-1, 1), spaces), " ");
  EXPECT_EQ(made(truncate(1), spaces), " ~too_long");
  std::string letters;
  for (int count = 0; count < 512 * 1024; ++count) letters += "Ä";
  EXPECT_EQ(made({.kind = Kind::lower}, letters)->substr(0, 2), "ä");
}

TEST(Transforms, RefuseArgumentsThatMeanNothing) {
  EXPECT_EQ(refusal_of(replace("", "x")), "invalid_value");
  EXPECT_EQ(refusal_of(split("", 0)), "invalid_value");
  EXPECT_EQ(refusal_of(pad(3, "")), "invalid_value");
  EXPECT_EQ(refusal_of(pad(3, "ab")), "invalid_value");
  EXPECT_EQ(refusal_of({.kind = Kind::hash, .argument = "md5"}), "invalid_value");
}

}  // namespace
}  // namespace freight::mapping::transform_test
