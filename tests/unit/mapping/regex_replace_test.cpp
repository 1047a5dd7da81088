#include <gtest/gtest.h>

#include "transform_testing.hpp"

namespace freight::mapping {
namespace {

Transform regex(std::string pattern, std::string to) {
  return {.kind = TransformKind::regex_replace,
          .argument = std::move(pattern),
          .replacement = std::move(to)};
}

TEST(RegexReplace, ReplacesEveryMatch) {
  EXPECT_EQ(made(regex("[0-9]+", "#"), "a1b22c333"), "a#b#c#");
  EXPECT_EQ(made(regex("x", "y"), "abc"), "abc");
  EXPECT_EQ(made(regex("(?i)b", ""), "aBbC"), "aC");
  EXPECT_EQ(made(regex("^a", "b"), "aa"), "ba");
  EXPECT_EQ(made(regex("a$", "b"), "aa"), "ab");
  EXPECT_EQ(made(regex(".+", ""), "abc"), "");
}

TEST(RegexReplace, PutsGroupsIn) {
  EXPECT_EQ(made(regex(R"((\d+)\.(\d+)\.(\d+))", R"(\3-\2-\1)"), "29.02.2024"), "2024-02-29");
  EXPECT_EQ(made(regex("(a)|(b)", R"([\1\2])"), "ab"), "[a][b]");
  EXPECT_EQ(made(regex("b+", R"(<\0>)"), "abbc"), "a<bb>c");
  EXPECT_EQ(made(regex("/", R"(\\)"), "a/b"), "a\\b");
}

TEST(RegexReplace, MatchesNothingAtAllBetweenCharacters) {
  EXPECT_EQ(made(regex("", "-"), "äb"), "-ä-b-");
  EXPECT_EQ(made(regex("x*", "-"), "axb"), "-a-b-");
  EXPECT_EQ(made(regex("", "-"), ""), "-");
  EXPECT_EQ(made(regex("$", "!"), "ab"), "ab!");
}

TEST(RegexReplace, MakesNoTextBeyondTheLimit) {
  const std::string megabyte(1024 * 1024, 'a');
  EXPECT_EQ(made(regex("a", std::string(17, 'b')), megabyte), "!too_long");
  EXPECT_EQ(made(regex("a+", R"(\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0)"), megabyte), "!too_long");
  EXPECT_EQ(made(regex("a+", R"(\0\0\0)"), megabyte)->size(), 3U * 1024 * 1024);
}

TEST(RegexReplace, TakesAMegabyteOfWhatIsHardForOthers) {
  const std::string megabyte(1024 * 1024, 'a');
  EXPECT_EQ(made(regex("(a+)+b", "x"), megabyte), megabyte);
  EXPECT_EQ(made(regex("(a|aa)+$", "x"), megabyte), "x");
  EXPECT_EQ(made(regex("(a*)*", "x"), megabyte), "x");
  EXPECT_EQ(made(regex("a", "b"), megabyte), std::string(1024 * 1024, 'b'));
}

TEST(RegexReplace, RefusesWhatIsNoPatternAndWhatDoesNotFitIt) {
  EXPECT_EQ(refusal_of(regex("(", "x")), "invalid_pattern");
  EXPECT_EQ(refusal_of(regex("(a)", R"(\2)")), "invalid_pattern");
  EXPECT_EQ(refusal_of(regex("a", R"(\x)")), "invalid_pattern");
  EXPECT_EQ(refusal_of(regex("a(?=b)", "x")), "invalid_pattern");
}

}  // namespace
}  // namespace freight::mapping
