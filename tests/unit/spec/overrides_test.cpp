#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/spec/spec_testing.hpp"

namespace freight {
namespace {

using Overrides = std::vector<std::pair<std::string, std::string>>;

SpecResult parse_with(std::string_view json, Overrides overrides) {
  SpecOptions options = testing_spec::options_with();
  options.overrides = std::move(overrides);
  return parse_job_spec(json, options);
}

const std::string smallest = testing_spec::with("");

TEST(SpecOverrides, ReplaceBeforeAnythingIsChecked) {
  const SpecResult result =
      parse_with(R"({"source": 5, "destination": {"type": "null"}})",
                 {{"/source", R"({"type": "csv"})"}, {"/source/path", "a.csv"}});
  EXPECT_EQ(std::get<CsvSourceSpec>(result.value().source).path, "/base/a.csv");
}

TEST(SpecOverrides, ValueIsJsonWhenItIsJsonElseAString) {
  EXPECT_EQ(parse_with(smallest, {{"/priority", "3"}}).value().priority, 3);
  EXPECT_EQ(parse_with(smallest, {{"/name", "three words here"}}).value().name, "three words here");
  EXPECT_EQ(parse_with(smallest, {{"/name", "\"3\""}}).value().name, "3");
  EXPECT_EQ(parse_with(smallest, {{"/name", "{not json"}}).value().name, "{not json");
  EXPECT_EQ(parse_with(smallest, {{"/name", ""}}).value().name, "");
  EXPECT_THAT(testing_spec::found_errors(parse_with(smallest, {{"/name", "3"}})),
              testing::ElementsAre("/name wrong_type"));
}

TEST(SpecOverrides, MakeMissingObjectMembers) {
  EXPECT_EQ(parse_with(smallest, {{"/batch/max_records", "7"}}).value().batch.max_records, 7U);
  EXPECT_EQ(parse_with(smallest, {{"/labels/a~1b~0c", "x"}}).value().labels.at("a/b~c"), "x");
}

TEST(SpecOverrides, ReachIntoArraysAndAppend) {
  const std::string json = testing_spec::with(R"("mapping": [{"to": "a", "from": "b"}])");
  const JobSpec spec = parse_with(json, {{"/mapping/0/to", "c"},
                                         {"/mapping/-", R"({"to": "d", "const": 1})"},
                                         {"/mapping/2", R"({"to": "e", "const": 2})"}})
                           .value();
  ASSERT_EQ(spec.mapping.size(), 3U);
  EXPECT_EQ(spec.mapping[0].to, "c");
  EXPECT_EQ(spec.mapping[1].to, "d");
  EXPECT_EQ(spec.mapping[2].to, "e");
}

TEST(SpecOverrides, ReachIntoInlineRecords) {
  const std::string json =
      testing_spec::with_source(R"({"type": "inline", "records": [{"a": 1.50}, {"b": 2}]})");
  const JobSpec spec = parse_with(json, {{"/source/records/1/c/d", "0.10"},
                                         {"/source/records/-", R"({"new": true})"}})
                           .value();
  EXPECT_THAT(
      std::get<InlineSourceSpec>(spec.source).records,
      testing::ElementsAre(R"({"a":1.50})", R"({"b":2,"c":{"d":0.10}})", R"({"new":true})"));
  const JobSpec replaced = parse_with(json, {{"/source/records", R"([{"z": 1}])"}}).value();
  EXPECT_THAT(std::get<InlineSourceSpec>(replaced.source).records,
              testing::ElementsAre(R"({"z":1})"));
}

TEST(SpecOverrides, ReplaceTheWholeDocument) {
  EXPECT_EQ(parse_with("[]", {{"", testing_spec::with(R"("priority": 1)")}}).value().priority, 1);
}

TEST(SpecOverrides, ThatDoNotFitAreErrors) {
  for (const std::string pointer : {"priority", "/priority/x", "/mapping/1/to", "/mapping/x",
                                    "/mapping/00", "/a~2", "/a~", "/source/path/0"}) {
    const SpecResult result =
        parse_with(testing_spec::with(R"("priority": 5, "mapping": [])"), {{pointer, "1"}});
    ASSERT_FALSE(result.errors.empty()) << pointer;
    EXPECT_EQ(result.errors.front().pointer, pointer);
    EXPECT_EQ(result.errors.front().code, Code::invalid_value);
  }
}

TEST(SpecOverrides, HaveTheDocumentsLimits) {
  std::string deep_pointer;
  for (int depth = 0; depth < 64; ++depth) deep_pointer += "/a";
  EXPECT_THAT(testing_spec::found_errors(parse_with(smallest, {{deep_pointer, "1"}})),
              testing::Contains(deep_pointer + " invalid_value"));
  const std::string deep_value = std::string(64, '[') + std::string(64, ']');
  EXPECT_THAT(testing_spec::found_errors(parse_with(smallest, {{"/labels", deep_value}})),
              testing::ElementsAre("/labels invalid_value"));
  EXPECT_THAT(testing_spec::found_errors(parse_with(smallest, {{"/name", "a\xff"}})),
              testing::ElementsAre("/name invalid_value"));
}

TEST(SpecOverrides, PointersAreUtf8LikeEverythingElse) {
  const SpecResult result = parse_with(smallest, {{"/labels/a\xff", "x"}});
  ASSERT_EQ(result.errors.size(), 1U);
  EXPECT_EQ(result.errors.front().pointer, "");
  EXPECT_EQ(result.errors.front().code, Code::invalid_value);
  EXPECT_EQ(result.errors.front().detail, "cannot be set: the pointer is not valid UTF-8");
}

TEST(SpecOverrides, DuplicateKeysInAValueAreFound) {
  EXPECT_THAT(
      testing_spec::found_errors(parse_with(smallest, {{"/labels", R"({"a": "1", "a": "2"})"}})),
      testing::ElementsAre("/labels/a duplicate_key"));
}

}  // namespace
}  // namespace freight
