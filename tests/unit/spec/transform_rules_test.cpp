#include <gtest/gtest.h>

#include "unit/spec/spec_testing.hpp"

namespace freight {
namespace {

using testing_spec::parse_good;
using testing_spec::with_entry;

std::string with_transform(std::string_view transform) {
  return with_entry(R"("from": "a", "transform": [)" + std::string(transform) + "]");
}

testing_spec::WrongSpec wrong(std::string name, std::string_view transform, std::string_view at,
                              std::string_view code) {
  return {std::move(name),
          with_transform(transform),
          {"/mapping/0/transform/0" + std::string(at) + " " + std::string(code)}};
}

using TransformRule = testing_spec::RefusedSpec;
TEST_P(TransformRule, RefusesIt) { expect_refused(); }

INSTANTIATE_TEST_SUITE_P(
    Transform, TransformRule,
    testing::ValuesIn(std::vector<testing_spec::WrongSpec>{
        wrong("KeyedAsAName", R"("truncate")", "", "invalid_value"),
        wrong("NamedWithArguments", R"({"trim": 5})", "/trim", "invalid_value"),
        wrong("ReplaceNotAnArray", R"({"replace": "a"})", "/replace", "wrong_type"),
        wrong("ReplaceOfOne", R"({"replace": ["a"]})", "/replace", "invalid_value"),
        wrong("ReplaceOfNothing", R"({"replace": ["", "b"]})", "/replace/0", "value_out_of_range"),
        wrong("ReplaceByANumber", R"({"replace": ["a", 1]})", "/replace/1", "wrong_type"),
        wrong("RegexWrong", R"({"regex_replace": ["(", ""]})", "/regex_replace/0",
              "invalid_pattern"),
        wrong("RegexReplacementWithoutAGroup", R"x({"regex_replace": ["(a)", "\\2"]})x",
              "/regex_replace/1", "invalid_pattern"),
        wrong("SplitAtNothing", R"({"split": ["", 0]})", "/split/0", "value_out_of_range"),
        wrong("SplitWithAFraction", R"({"split": [",", 1.5]})", "/split/1", "wrong_type"),
        wrong("SplitTooFar", R"({"split": [",", 1000000001]})", "/split/1", "value_out_of_range"),
        wrong("SubstringOfNoLength", R"({"substring": [0, 0]})", "/substring/1",
              "value_out_of_range"),
        wrong("SubstringOfThree", R"({"substring": [0, 1, 2]})", "/substring", "invalid_value"),
        wrong("TruncateToNothing", R"({"truncate": 0})", "/truncate", "value_out_of_range"),
        wrong("TruncateNotANumber", R"({"truncate": "5"})", "/truncate", "wrong_type"),
        wrong("PadTooWide", R"({"pad_left": [10001, "0"]})", "/pad_left/0", "value_out_of_range"),
        wrong("PadWithTwo", R"({"pad_left": [5, "ab"]})", "/pad_left/1", "invalid_value"),
        wrong("PadWithNothing", R"({"pad_left": [5, ""]})", "/pad_left/1", "value_out_of_range"),
        wrong("ParseDateWithoutADay", R"({"parse_date": "%Y-%m"})", "/parse_date", "invalid_value"),
        wrong("ParseDateTwice", R"({"parse_date": "%Y-%m-%d %d"})", "/parse_date", "invalid_value"),
        wrong("FormatDateUnknown", R"({"format_date": "%Q"})", "/format_date", "invalid_value"),
        wrong("FormatDateOfNothing", R"({"format_date": "date"})", "/format_date", "invalid_value"),
        wrong("HashUnknown", R"({"hash": "md5"})", "/hash", "invalid_value"),
        wrong("PointerWithoutASlash", R"({"json_pointer": "a/b"})", "/json_pointer",
              "invalid_value"),
        wrong("PointerWithATilde", R"({"json_pointer": "/a~2"})", "/json_pointer", "invalid_value"),
    }),
    testing_spec::name_of_case);

TEST(SpecTransform, TakesEveryOne) {
  const std::vector<std::pair<std::string, Transform>> transforms{
      {R"("trim")", {.kind = TransformKind::trim}},
      {R"("lower")", {.kind = TransformKind::lower}},
      {R"("upper")", {.kind = TransformKind::upper}},
      {R"("collapse_whitespace")", {.kind = TransformKind::collapse_whitespace}},
      {R"("nullify_empty")", {.kind = TransformKind::nullify_empty}},
      {R"("digits_only")", {.kind = TransformKind::digits_only}},
      {R"({"replace": ["a", ""]})", {.kind = TransformKind::replace, .argument = "a"}},
      {R"x({"regex_replace": ["(a)", "\\1\\1"]})x",
       {.kind = TransformKind::regex_replace, .argument = "(a)", .replacement = "\\1\\1"}},
      {R"({"split": [", ", -1]})", {.kind = TransformKind::split, .argument = ", ", .index = -1}},
      {R"({"substring": [-3, 2]})", {.kind = TransformKind::substring, .index = -3, .length = 2}},
      {R"({"truncate": 5})", {.kind = TransformKind::truncate, .length = 5}},
      {R"({"pad_left": [8, "é"]})",
       {.kind = TransformKind::pad_left, .argument = "é", .length = 8}},
      {R"({"parse_date": "%d.%m.%Y"})",
       {.kind = TransformKind::parse_date, .argument = "%d.%m.%Y"}},
      {R"({"parse_date": "epoch_s"})", {.kind = TransformKind::parse_date, .argument = "epoch_s"}},
      {R"({"format_date": "%Y/%m %Y"})",
       {.kind = TransformKind::format_date, .argument = "%Y/%m %Y"}},
      {R"({"hash": "sha256"})", {.kind = TransformKind::hash, .argument = "sha256"}},
      {R"({"json_pointer": "/a~1b/0"})",
       {.kind = TransformKind::json_pointer, .argument = "/a~1b/0"}},
      {R"({"json_pointer": ""})", {.kind = TransformKind::json_pointer}},
  };
  for (const auto& [json, transform] : transforms) {
    const JobSpec spec = parse_good(with_transform(json));
    ASSERT_EQ(spec.mapping.size(), 1U) << json;
    EXPECT_EQ(spec.mapping[0].transforms, std::vector<Transform>{transform}) << json;
  }
}

TEST(SpecTransform, NamesTheNearestForAnUnknownOne) {
  EXPECT_NE(testing_spec::all_details(testing_spec::parse(with_transform(R"({"truncat": 5})")))
                .find("\"truncate\""),
            std::string::npos);
}

TEST(SpecTransform, PatternOfTheEnvironmentIsNotInErrors) {
  const SpecResult result = parse_job_spec(with_transform(R"({"regex_replace": ["${env:P}", ""]})"),
                                           testing_spec::options_with({{"P", "(s3cret"}}));
  ASSERT_EQ(result.errors.size(), 1U);
  EXPECT_EQ(result.errors[0].detail.find("s3cret"), std::string::npos);
}

}  // namespace
}  // namespace freight
