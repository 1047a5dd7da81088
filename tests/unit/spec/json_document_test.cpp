#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/spec/spec_testing.hpp"

namespace freight {
namespace {

using testing_spec::parse;
using testing_spec::with;
using testing_spec::with_source;

/// The one error of a text that is not JSON.
std::string syntax_error(std::string_view json) {
  const SpecResult result = parse(json);
  EXPECT_THAT(testing_spec::found_errors(result), testing::ElementsAre(" invalid_json_document"));
  return result.errors.empty() ? "" : result.errors.front().detail;
}

TEST(SpecDocument, SyntaxErrorsSayLineAndColumn) {
  EXPECT_THAT(syntax_error("{\n  \"a\": 1,\n  }"), testing::StartsWith("line 3, column 3: "));
  EXPECT_THAT(syntax_error("nul"), testing::StartsWith("line 1, column 4: "));
  EXPECT_THAT(syntax_error(""), testing::StartsWith("line 1, column 1: "));
  EXPECT_THAT(syntax_error("{} x"), testing::StartsWith("line 1, column 4: "));
  EXPECT_THAT(syntax_error("{\"é\": tru}"), testing::StartsWith("line 1, column 7: "));
  EXPECT_THAT(syntax_error("{\"a\": \"\xff\"}"), testing::HasSubstr("UTF-8"));
  EXPECT_THAT(syntax_error("{\"a\": \"\t\"}"), testing::HasSubstr("control character"));
  EXPECT_THAT(syntax_error("{\"a\": “x”}"), testing::HasSubstr("'“'"));
}

TEST(SpecDocument, IsStrictJson) {
  for (const std::string json :
       {"{'a': 1}", "{a: 1}", "{\"a\": 1,}", "[1,]", "{\"a\": 01}", "{\"a\": +1}", "{\"a\": .5}",
        "{\"a\": 1.}", "{\"a\": NaN}", "{\"a\": \"\\x41\"}", "{\"a\": \"\\ud800\"}", "// x\n{}",
        "{\"a\" 1}", "{\"a\": 1 \"b\": 2}", "\"a", "{\"a\": 0x10}", "{} {}"}) {
    syntax_error(json);
  }
}

TEST(SpecDocument, MayBeginWithAByteOrderMark) {
  EXPECT_TRUE(parse("\xEF\xBB\xBF" + with("")).spec);
}

TEST(SpecDocument, IsNestedAtMost64Deep) {
  const auto record_of_depth = [](std::size_t depth) {
    // The document, the source, the records and the record itself are four.
    return with_source(R"({"type": "inline", "records": [{"a": )" + std::string(depth - 4, '[') +
                       std::string(depth - 4, ']') + "}]}");
  };
  EXPECT_TRUE(parse(record_of_depth(64)).spec);
  EXPECT_THAT(syntax_error(record_of_depth(65)), testing::HasSubstr("64 deep"));
  EXPECT_THAT(syntax_error(std::string(1'000'000, '[')), testing::HasSubstr("64 deep"));
}

TEST(SpecDocument, IsAtMost64MiB) {
  const std::string spec = with("");
  std::string largest = spec + std::string(64 * 1024 * 1024 - spec.size(), ' ');
  EXPECT_TRUE(parse(largest).spec);
  largest += ' ';
  EXPECT_THAT(testing_spec::found_errors(parse(largest)),
              testing::ElementsAre(" value_out_of_range"));
}

TEST(SpecDocument, HoldsAtMostAMillionValuesBesideRecords) {
  std::string values = "0";
  for (int count = 1; count < 1'000'001; ++count) values += ",0";
  EXPECT_THAT(syntax_error(with(R"("labels": [)" + values + "]")),
              testing::HasSubstr("1000000 values"));
  EXPECT_TRUE(
      parse(with_source(R"({"type": "inline", "records": [{"a": [)" + values + "]}]}")).spec);
}

TEST(SpecDocument, DuplicateKeysAreReportedOnceEach) {
  const SpecResult result = parse(
      R"({"source": {"type": "csv", "path": "a", "path": "b", "path": "c"},
          "destination": {"type": "null"}, "labels": {"x": "1", "y": "2", "x": "3"},
          "destination": {"type": "sql"}})");
  EXPECT_THAT(testing_spec::found_errors(result),
              testing::ElementsAre("/destination duplicate_key", "/labels/x duplicate_key",
                                   "/source/path duplicate_key"));
}

TEST(SpecDocument, DuplicateKeysAreFoundHoweverTheyAreEscaped) {
  EXPECT_THAT(
      testing_spec::found_errors(parse(with(R"("labels": {"caf\u00e9": "1", "café": "2"})"))),
      testing::ElementsAre("/labels/café duplicate_key"));
  EXPECT_THAT(testing_spec::found_errors(
                  parse(with_source(R"({"type": "inline", "records": [{"\u0061": 1, "a": 2}]})"))),
              testing::ElementsAre("/source/records/0/a duplicate_key"));
}

TEST(SpecDocument, PointersOfLongKeysAreCut) {
  const SpecResult result = parse(with("\"" + std::string(100'000, 'k') + "\": 1"));
  ASSERT_EQ(result.errors.size(), 1U);
  EXPECT_EQ(result.errors.front().pointer, "/" + std::string(200, 'k') + "…");
  EXPECT_LT(result.errors.front().detail.size(), 1000U);
}

}  // namespace
}  // namespace freight
