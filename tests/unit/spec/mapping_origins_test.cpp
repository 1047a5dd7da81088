#include <gtest/gtest.h>

#include "unit/spec/spec_testing.hpp"

namespace freight::mapping_origins_test {
namespace {

using testing_spec::parse_good;
using testing_spec::with;
using testing_spec::with_entry;

using OriginRule = testing_spec::RefusedSpec;
TEST_P(OriginRule, RefusesIt) { expect_refused(); }

INSTANTIATE_TEST_SUITE_P(
    Mapping, OriginRule,
    testing::ValuesIn(std::vector<testing_spec::WrongSpec>{
        {"TemplateOfAWrongType",
         with_entry(R"("template": 5)"),
         {"/mapping/0/template wrong_type"}},
        {"TemplateWithoutAField",
         with_entry(R"("template": "{{a}}")"),
         {"/mapping/0/template invalid_value"}},
        {"TemplateNotClosed",
         with_entry(R"("template": "{a} {b")"),
         {"/mapping/0/template invalid_value"}},
        {"TemplateNotOpened",
         with_entry(R"("template": "{a} b}")"),
         {"/mapping/0/template invalid_value"}},
        {"TemplateBraceInABrace",
         with_entry(R"("template": "{a{b}}")"),
         {"/mapping/0/template invalid_value"}},
        {"TemplateWithoutAName",
         with_entry(R"("template": "{a}{}")"),
         {"/mapping/0/template invalid_value"}},
        {"CoalesceOfAWrongType",
         with_entry(R"("coalesce": "a")"),
         {"/mapping/0/coalesce wrong_type"}},
        {"CoalesceEmpty",
         with_entry(R"("coalesce": [])"),
         {"/mapping/0/coalesce value_out_of_range"}},
        {"CoalesceOfNoNames",
         with_entry(R"("coalesce": ["", 1])"),
         {"/mapping/0/coalesce/0 value_out_of_range", "/mapping/0/coalesce/1 wrong_type"}},
        {"SystemUnknown", with_entry(R"("system": "job")"), {"/mapping/0/system invalid_value"}},
        {"TwoOrigins",
         with_entry(R"("template": "{a}", "coalesce": ["a"])"),
         {"/mapping/0 invalid_value"}},
        {"OnErrorDefaultOfATemplateWithoutDefault",
         with(R"("schema": {"fields": [{"name": "f", "on_error": "default"}]},
                 "mapping": [{"to": "a", "from": "f", "default": 1}, {"to": "b", "template": "{f}"}])"),
         {"/schema/fields/0/on_error invalid_value"}},
        {"OnErrorDefaultOfACoalesceWithoutDefault",
         with(R"("schema": {"fields": [{"name": "f", "on_error": "default"}]},
                 "mapping": [{"to": "b", "coalesce": ["g", "f"]}])"),
         {"/schema/fields/0/on_error invalid_value"}},
    }),
    testing_spec::name_of_case);

MappingEntry good_entry(std::string_view members,
                        const SpecOptions& options = testing_spec::options_with()) {
  const JobSpec spec = parse_good(with_entry(members), options);
  return spec.mapping.empty() ? MappingEntry{} : spec.mapping.front();
}

TEST(SpecMapping, TemplateTakesFieldsAndDoubledBraces) {
  const MappingEntry entry = good_entry(R"("template": "{{{first}}} {last}, ${price}")");
  EXPECT_EQ(entry.text_template, "{{{first}}} {last}, ${price}");
  EXPECT_FALSE(entry.from);
}

TEST(SpecMapping, BracesOfTheEnvironmentAreTextInATemplate) {
  const MappingEntry entry = good_entry(R"("template": "${env:PREFIX}{a}")",
                                        testing_spec::options_with({{"PREFIX", "{b}"}}));
  EXPECT_EQ(entry.text_template, "{{b}}{a}");
}

TEST(SpecMapping, CoalesceTakesFields) {
  const MappingEntry entry =
      good_entry(R"("coalesce": ["mobile", "phone"], "transform": ["trim"], "default": "none")");
  EXPECT_EQ(entry.coalesce, (std::vector<std::string>{"mobile", "phone"}));
  EXPECT_EQ(entry.default_value, "none");
  EXPECT_EQ(entry.transforms.size(), 1U);
}

TEST(SpecMapping, SystemTakesEveryColumn) {
  const std::vector<std::pair<std::string, SystemColumn>> columns{
      {"job_id", SystemColumn::job_id},
      {"ordinal", SystemColumn::ordinal},
      {"line", SystemColumn::line},
      {"source", SystemColumn::source},
      {"started_at", SystemColumn::started_at}};
  for (const auto& [name, column] : columns) {
    EXPECT_EQ(good_entry(R"("system": ")" + name + "\"").system, column) << name;
  }
}

}  // namespace
}  // namespace freight::mapping_origins_test
