#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/spec/spec_testing.hpp"

namespace freight {
namespace {

using testing_spec::parse_good;
using testing_spec::with;
using testing_spec::with_entry;

using MappingRule = testing_spec::RefusedSpec;
TEST_P(MappingRule, RefusesIt) { expect_refused(); }

constexpr std::string_view defaulted_field =
    R"("schema": {"fields": [{"name": "f", "on_error": "default"}]}, )";

INSTANTIATE_TEST_SUITE_P(
    Mapping, MappingRule,
    testing::ValuesIn(std::vector<testing_spec::WrongSpec>{
        {"NotAnArray", with(R"("mapping": {"a": "b"})"), {"/mapping wrong_type"}},
        {"Empty", with(R"("mapping": [])"), {"/mapping value_out_of_range"}},
        {"EntryNotAnObject", with(R"("mapping": ["a"])"), {"/mapping/0 wrong_type"}},
        {"WithoutTo", with(R"("mapping": [{"from": "a"}])"), {"/mapping/0/to missing_key"}},
        {"ToEmpty",
         with(R"("mapping": [{"to": "", "from": "a"}])"),
         {"/mapping/0/to value_out_of_range"}},
        {"WithoutOrigin", with(R"("mapping": [{"to": "a"}])"), {"/mapping/0 invalid_value"}},
        {"TwoOrigins", with_entry(R"("from": "a", "const": null)"), {"/mapping/0 invalid_value"}},
        {"FromNotAString", with_entry(R"("from": null)"), {"/mapping/0/from wrong_type"}},
        {"ToTwice",
         with(R"("mapping": [{"to": "a", "from": "x"}, {"to": "b", "from": "x"},
                             {"to": "a", "const": 1}])"),
         {"/mapping/2/to invalid_value"}},
        {"UnknownKey",
         with_entry(R"("from": "a", "transforms": [])"),
         {"/mapping/0/transforms unknown_key"}},
        {"TransformNotAnArray",
         with_entry(R"("from": "a", "transform": "trim")"),
         {"/mapping/0/transform wrong_type"}},
        {"TransformUnknown",
         with_entry(R"("from": "a", "transform": ["trim", "triim", 5, null])"),
         {"/mapping/0/transform/1 invalid_value", "/mapping/0/transform/2 wrong_type",
          "/mapping/0/transform/3 wrong_type"}},
        {"TransformObjectUnknown",
         with_entry(R"("from": "a", "transform": [{"repalce": 1}, {}, {"split": 1, "hash": 2}])"),
         {"/mapping/0/transform/0/repalce unknown_key", "/mapping/0/transform/1 invalid_value",
          "/mapping/0/transform/2 invalid_value"}},
        {"TransformOfAConstant",
         with_entry(R"("const": "a", "transform": ["trim"])"),
         {"/mapping/0/transform invalid_value"}},
        {"LookupAndDefaultOfAConstant",
         with_entry(R"("const": "a", "lookup": {"a": "b"}, "default": "c")"),
         {"/mapping/0/default invalid_value", "/mapping/0/lookup invalid_value"}},
        {"LookupNotAnObject",
         with_entry(R"("from": "a", "lookup": [])"),
         {"/mapping/0/lookup wrong_type"}},
        {"LookupEmpty",
         with_entry(R"("from": "a", "lookup": {})"),
         {"/mapping/0/lookup value_out_of_range"}},
        {"LookupValuesNotScalars",
         with_entry(R"("from": "a", "lookup": {"a": [], "b": {}, "c": 1})"),
         {"/mapping/0/lookup/a wrong_type", "/mapping/0/lookup/b wrong_type"}},
        {"LookupKeyTwice",
         with_entry(R"("from": "a", "lookup": {"a": 1, "a": 2})"),
         {"/mapping/0/lookup/a duplicate_key"}},
        {"DefaultNotAScalar",
         with_entry(R"("from": "a", "default": {"x": 1})"),
         {"/mapping/0/default wrong_type"}},
        {"TypeUnknown",
         with_entry(R"("from": "a", "type": "text")"),
         {"/mapping/0/type invalid_value"}},
        {"FormatWithoutType",
         with_entry(R"("from": "a", "format": "%Y-%m-%d")"),
         {"/mapping/0/format invalid_value"}},
        {"FormatOfAnotherType",
         with_entry(R"("from": "a", "type": "integer", "format": "%Y")"),
         {"/mapping/0/format invalid_value"}},
        {"OnErrorDefaultOfAFieldThatIsNotMapped",
         with(std::string(defaulted_field) + R"("mapping": [{"to": "a", "from": "g"}])"),
         {"/schema/fields/0/on_error invalid_value"}},
        {"OnErrorDefaultWithoutDefault",
         with(std::string(defaulted_field) +
              R"("mapping": [{"to": "a", "from": "f", "default": 1}, {"to": "b", "from": "f"}])"),
         {"/schema/fields/0/on_error invalid_value"}},
    }),
    testing_spec::name_of_case);

MappingEntry good_entry(std::string_view members) {
  const JobSpec spec = parse_good(with_entry(members));
  return spec.mapping.empty() ? MappingEntry{} : spec.mapping.front();
}

TEST(SpecMapping, TakesEveryKeyOfAnEntry) {
  const MappingEntry entry = good_entry(
      R"("from": "f", "transform": ["trim", "lower", "upper"],
         "lookup": {"CH": "Switzerland", "1": 2.50, "t": true, "n": null}, "default": 0.10,
         "type": "date", "format": "%d.%m.%Y")");
  EXPECT_EQ(entry.to, "t");
  EXPECT_EQ(entry.from, "f");
  EXPECT_FALSE(entry.constant);
  EXPECT_THAT(entry.transforms, testing::ElementsAre(Transform{.kind = TransformKind::trim},
                                                     Transform{.kind = TransformKind::lower},
                                                     Transform{.kind = TransformKind::upper}));
  EXPECT_TRUE(entry.has_lookup);
  EXPECT_EQ(entry.lookup, (std::map<std::string, std::optional<std::string>>{
                              {"CH", "Switzerland"}, {"1", "2.50"}, {"t", "true"}, {"n", {}}}));
  EXPECT_EQ(entry.default_value, "0.10");
  EXPECT_EQ(entry.type, ValueType::date);
  EXPECT_EQ(entry.format, "%d.%m.%Y");
}

TEST(SpecMapping, ConstantsKeepTheirTypeAndDigits) {
  struct Case {
    std::string json;
    std::optional<std::string> text;
    ValueType type;
  };
  for (const Case& expected : std::vector<Case>{
           {R"("freight")", "freight", ValueType::string},
           {R"("")", "", ValueType::string},
           {"42", "42", ValueType::integer},
           {"-0", "0", ValueType::integer},
           {"9223372036854775807", "9223372036854775807", ValueType::integer},
           {"9223372036854775808", "9223372036854775808", ValueType::decimal},
           {"12345678901234567890.123456789", "12345678901234567890.123456789", ValueType::decimal},
           {"0.10", "0.10", ValueType::decimal},
           {"1e5", "1e5", ValueType::number},
           {"true", "true", ValueType::boolean},
           {"null", std::nullopt, ValueType::string},
           {R"({"b": [1.50, null], "a": "é"})", R"({"b":[1.50,null],"a":"é"})", ValueType::json},
           {"[]", "[]", ValueType::json},
       }) {
    const MappingEntry entry = good_entry(R"("const": )" + expected.json);
    ASSERT_TRUE(entry.constant) << expected.json;
    EXPECT_EQ(*entry.constant, expected.text) << expected.json;
    EXPECT_EQ(entry.constant_type, expected.type) << expected.json;
    EXPECT_FALSE(entry.from);
  }
}

TEST(SpecMapping, DefaultNullIsNoDefault) {
  EXPECT_EQ(good_entry(R"("from": "f", "default": null)").default_value, std::nullopt);
  EXPECT_EQ(good_entry(R"("from": "f", "default": "")").default_value, "");
}

TEST(SpecMapping, OnErrorDefaultIsFineWithADefaultInEveryEntryOfTheField) {
  const JobSpec spec = parse_good(
      with(std::string(defaulted_field) +
           R"("mapping": [{"to": "a", "from": "f", "default": 1}, {"to": "b", "const": 2}])"));
  EXPECT_EQ(spec.schema->fields.at(0).on_error, OnError::default_value);
}

}  // namespace
}  // namespace freight
