#include <gtest/gtest.h>

#include "unit/spec/spec_testing.hpp"

namespace freight {
namespace {

using Kind = FilterSpec::Kind;
using testing_spec::parse_good;
using testing_spec::with;

std::string with_filter(std::string_view filter) {
  return with("\"filter\": " + std::string(filter));
}

std::string with_typed_filter(std::string_view type, std::string_view filter) {
  return with(R"("schema": {"timezone": "+01:00", "fields": [{"name": "f", "type": ")" +
              std::string(type) + R"("}]}, "filter": )" + std::string(filter));
}

std::string nested(std::size_t depth) {
  std::string filter = R"({"field": "a", "eq": "b"})";
  for (std::size_t level = 1; level < depth; ++level) filter = R"({"not": )" + filter + "}";
  return filter;
}

using FilterRule = testing_spec::RefusedSpec;
TEST_P(FilterRule, RefusesIt) { expect_refused(); }

INSTANTIATE_TEST_SUITE_P(
    Filter, FilterRule,
    testing::ValuesIn(std::vector<testing_spec::WrongSpec>{
        {"NotAnObject", with_filter("\"a\""), {"/filter wrong_type"}},
        {"Empty", with_filter("{}"), {"/filter invalid_value", "/filter/field missing_key"}},
        {"WithoutField", with_filter(R"({"eq": 1})"), {"/filter/field missing_key"}},
        {"WithoutOperator", with_filter(R"({"field": "a"})"), {"/filter invalid_value"}},
        {"TwoOperators",
         with_filter(R"({"field": "a", "eq": 1, "ne": 2})"),
         {"/filter invalid_value"}},
        {"UnknownOperator",
         with_filter(R"({"field": "a", "equals": 1})"),
         {"/filter invalid_value", "/filter/equals unknown_key"}},
        {"FieldNotAString", with_filter(R"({"field": 5, "eq": 1})"), {"/filter/field wrong_type"}},
        {"ValueNull", with_filter(R"({"field": "a", "eq": null})"), {"/filter/eq wrong_type"}},
        {"ValueNotAScalar", with_filter(R"({"field": "a", "ne": []})"), {"/filter/ne wrong_type"}},
        {"ListNotAnArray", with_filter(R"({"field": "a", "in": "b"})"), {"/filter/in wrong_type"}},
        {"ListEmpty",
         with_filter(R"({"field": "a", "not_in": []})"),
         {"/filter/not_in value_out_of_range"}},
        {"ListElements",
         with_filter(R"({"field": "a", "in": ["b", null, {}]})"),
         {"/filter/in/1 wrong_type", "/filter/in/2 wrong_type"}},
        {"MissingNotAFlag",
         with_filter(R"({"field": "a", "missing": "yes"})"),
         {"/filter/missing wrong_type"}},
        {"PatternWrong",
         with_filter(R"({"field": "a", "matches": "("})"),
         {"/filter/matches invalid_pattern"}},
        {"PatternNotAString",
         with_filter(R"({"field": "a", "matches": 1})"),
         {"/filter/matches wrong_type"}},
        {"BranchNotAnArray",
         with_filter(R"({"all": {"field": "a", "eq": 1}})"),
         {"/filter/all wrong_type"}},
        {"BranchEmpty", with_filter(R"({"any": []})"), {"/filter/any value_out_of_range"}},
        {"TwoBranches",
         with_filter(R"({"all": [{"field": "a", "eq": 1}], "not": {"field": "a", "eq": 1}})"),
         {"/filter invalid_value"}},
        {"BranchWithACondition",
         with_filter(R"({"not": {"field": "a", "eq": 1}, "field": "b", "eq": 2})"),
         {"/filter/eq unknown_key", "/filter/field unknown_key"}},
        {"DeepInside",
         with_filter(R"({"all": [{"any": [{"not": {"field": "a", "lt": {}}}]}]})"),
         {"/filter/all/0/any/0/not/lt wrong_type"}},
        {"TooDeep",
         with_filter(nested(21)),
         {"/filter/not/not/not/not/not/not/not/not/not/not/not/not/not/not/not/not/not/not/not/not "
          "value_out_of_range"}},
        {"OrderOfATypeWithoutOne",
         with_typed_filter("boolean", R"({"field": "f", "lt": true})"),
         {"/filter/lt invalid_value"}},
        {"BoundOfAnotherType",
         with_typed_filter("integer", R"({"field": "f", "ge": "ten"})"),
         {"/filter/ge invalid_value"}},
        {"BoundThatIsNoDate",
         with_typed_filter("date", R"({"field": "f", "gt": "31.12.2020"})"),
         {"/filter/gt invalid_value"}},
    }),
    testing_spec::name_of_case);

TEST(SpecFilter, TooManyConditionsAreOneError) {
  std::string filter = R"({"any": [)";
  for (int index = 0; index < 10'005; ++index) filter += R"({"field": "a", "eq": 1},)";
  filter.back() = ']';
  const SpecResult result = testing_spec::parse(with_filter(filter + "}"));
  ASSERT_EQ(result.errors.size(), 1U);
  EXPECT_EQ(result.errors[0].code, Code::value_out_of_range);
}

FilterSpec good_filter(const std::string& json) {
  return parse_good(json).filter.value_or(FilterSpec{});
}

TEST(SpecFilter, TakesEveryOperator) {
  const std::vector<std::pair<std::string, Kind>> operators{
      {R"("eq": "x")", Kind::eq},          {R"("ne": "x")", Kind::ne},
      {R"("in": ["x"])", Kind::in},        {R"("not_in": ["x"])", Kind::not_in},
      {R"("lt": "x")", Kind::lt},          {R"("le": "x")", Kind::le},
      {R"("gt": "x")", Kind::gt},          {R"("ge": "x")", Kind::ge},
      {R"("matches": "x")", Kind::matches}};
  for (const auto& [members, kind] : operators) {
    const FilterSpec filter = good_filter(with_filter(R"({"field": "f", )" + members + "}"));
    EXPECT_EQ(filter.kind, kind) << members;
    EXPECT_EQ(filter.field, "f");
    EXPECT_EQ(filter.values, std::vector<std::string>{"x"}) << members;
  }
}

TEST(SpecFilter, ValuesAreTextsAsWritten) {
  const FilterSpec filter = good_filter(
      with_filter(R"({"field": "f", "in": ["a", "", 1.50, 12345678901234567890.1, true]})"));
  EXPECT_EQ(filter.values,
            (std::vector<std::string>{"a", "", "1.50", "12345678901234567890.1", "true"}));
}

TEST(SpecFilter, MissingTakesAFlag) {
  EXPECT_TRUE(good_filter(with_filter(R"({"field": "f", "missing": true})")).expected);
  EXPECT_FALSE(good_filter(with_filter(R"({"field": "f", "missing": false})")).expected);
}

TEST(SpecFilter, BranchesNest) {
  const FilterSpec filter = good_filter(with_filter(
      R"({"all": [{"field": "a", "eq": 1}, {"any": [{"not": {"field": "b", "ne": 2}}]}]})"));
  ASSERT_EQ(filter.kind, Kind::all);
  ASSERT_EQ(filter.operands.size(), 2U);
  EXPECT_EQ(filter.operands[0].field, "a");
  ASSERT_EQ(filter.operands[1].kind, Kind::any);
  ASSERT_EQ(filter.operands[1].operands[0].kind, Kind::negation);
  EXPECT_EQ(filter.operands[1].operands[0].operands[0].field, "b");
  EXPECT_EQ(good_filter(with_filter(nested(20))).kind, Kind::negation);
}

TEST(SpecFilter, BoundsAreCanonicalTextsOfTheFieldsType) {
  const auto value_of = [](std::string_view type, const std::string& value) {
    const FilterSpec filter =
        good_filter(with_typed_filter(type, R"({"field": "f", "lt": )" + value + "}"));
    return filter.values.empty() ? "none" : filter.values[0];
  };
  EXPECT_EQ(value_of("integer", "\"+5\""), "5");
  EXPECT_EQ(value_of("decimal", "1.50"), "1.50");
  EXPECT_EQ(value_of("date", "\"2020-12-31\""), "2020-12-31");
  EXPECT_EQ(value_of("datetime", "\"2020-12-31 12:00\""), "2020-12-31 11:00:00+00:00");
  EXPECT_EQ(value_of("string", "\"abc\""), "abc");
}

TEST(SpecFilter, NullIsNoFilter) { EXPECT_FALSE(parse_good(with_filter("null")).filter); }

}  // namespace
}  // namespace freight
