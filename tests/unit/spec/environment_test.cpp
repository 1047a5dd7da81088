#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/spec/spec_testing.hpp"

namespace freight {
namespace {

using testing_spec::options_with;
using testing_spec::parse_good;
using testing_spec::with_entry;
using testing_spec::with_source;

std::string csv_at(std::string_view path) {
  return with_source(R"({"type": "csv", "path": ")" + std::string(path) + "\"}");
}

std::string sql_at(std::string_view url) {
  return testing_spec::with_destination(R"({"type": "sql", "table": "t", "url": ")" +
                                        std::string(url) + "\"}");
}

std::string url_of(const JobSpec& spec) {
  return std::get<SqlDestinationSpec>(spec.destination).url;
}

TEST(SpecEnvironment, ReplacesPlaceholdersInStrings) {
  const SpecOptions options = options_with({{"DIR", "/data"}, {"NAME", "x"}});
  const JobSpec spec = parse_good(csv_at("${env:DIR}/${env:NAME}-${env:NAME}.csv"), options);
  EXPECT_EQ(std::get<CsvSourceSpec>(spec.source).path, "/data/x-x.csv");
}

TEST(SpecEnvironment, ValuesAreNotReplacedAgain) {
  const JobSpec spec = parse_good(with_entry(R"("const": "${env:A}")"),
                                  options_with({{"A", "${env:B}"}, {"B", "no"}}));
  EXPECT_EQ(*spec.mapping.at(0).constant, "${env:B}");
}

TEST(SpecEnvironment, PlaceholdersStandInWhatLasts) {
  const SpecOptions options = options_with({{"DIR", "/data"}, {"WORD", "s3cret"}});
  const JobSpec spec = parse_good(R"({
      "source": {"type": "csv", "path": "${env:DIR}/in.csv"},
      "mapping": [{"to": "a", "from": "x", "default": "${env:WORD}", "lookup": {"k": "${env:WORD}"}},
                  {"to": "b", "const": {"c": ["${env:WORD}"]}}],
      "destination": {"type": "sql", "url": "postgresql://u:${env:WORD}@h/db", "table": "t"}})",
                                  options);
  EXPECT_EQ(url_of(spec), "postgresql://u:s3cret@h/db");
  EXPECT_EQ(spec.mapping.at(0).default_value, "s3cret");
  EXPECT_EQ(spec.mapping.at(0).lookup.at("k"), "s3cret");
  EXPECT_EQ(*spec.mapping.at(1).constant, R"({"c":["s3cret"]})");
  EXPECT_TRUE(spec.needs_secrets);
  for (const std::string& text : {spec.stored_json, spec.display_json}) {
    EXPECT_THAT(text, testing::Not(testing::HasSubstr("s3cret")));
    EXPECT_THAT(text, testing::Not(testing::HasSubstr("/data")));
    EXPECT_THAT(text, testing::HasSubstr(R"("path":"${env:DIR}/in.csv")"));
    EXPECT_THAT(text, testing::HasSubstr(R"("url":"postgresql://u:${env:WORD}@h/db")"));
    EXPECT_THAT(text, testing::HasSubstr(R"("default":"${env:WORD}")"));
    EXPECT_THAT(text, testing::HasSubstr(R"("const":{"c":["${env:WORD}"]})"));
  }
}

TEST(SpecEnvironment, ValuesAreInNoHash) {
  const std::string json = sql_at("postgresql://u:${env:WORD}@h/db");
  const JobSpec one = parse_good(json, options_with({{"WORD", "one"}}));
  const JobSpec two = parse_good(json, options_with({{"WORD", "two"}}));
  EXPECT_NE(url_of(one), url_of(two));
  EXPECT_EQ(one.identity, two.identity);
  EXPECT_EQ(one.load_identity, two.load_identity);
  EXPECT_EQ(one.stored_json, two.stored_json);
}

TEST(SpecEnvironment, ARelativePathIsStoredAbsoluteWithItsPlaceholder) {
  const JobSpec spec = parse_good(csv_at("in/${env:NAME}.csv"), options_with({{"NAME", "../x"}}));
  EXPECT_EQ(std::get<CsvSourceSpec>(spec.source).path, "/base/x.csv");
  EXPECT_THAT(spec.stored_json, testing::HasSubstr(R"("path":"/base/in/${env:NAME}.csv")"));
}

TEST(SpecEnvironment, HoldsAWholeUrl) {
  const SpecOptions options =
      options_with({{"PG", "postgres://u:word@h/db?password=word"}, {"FILE", "sqlite:out.db"}});
  const JobSpec server = parse_good(sql_at("${env:PG}"), options);
  EXPECT_EQ(url_of(server), "postgresql://u:word@h/db?password=word");
  EXPECT_THAT(server.stored_json, testing::HasSubstr(R"("url":"${env:PG}")"));
  EXPECT_TRUE(server.needs_secrets);
  const JobSpec file = parse_good(sql_at("${env:FILE}"), options);
  EXPECT_EQ(url_of(file), "sqlite:/base/out.db");
  EXPECT_THAT(file.stored_json, testing::HasSubstr(R"("url":"${env:FILE}")"));
}

TEST(SpecEnvironment, ALiteralPasswordBesideAPlaceholderIsLeftOut) {
  const JobSpec spec = parse_good(sql_at("postgresql://${env:USER}:lit${env:WORD}@h/db"),
                                  options_with({{"WORD", "s3cret"}, {"USER", "bob"}}));
  EXPECT_EQ(url_of(spec), "postgresql://bob:lits3cret@h/db");
  EXPECT_THAT(spec.stored_json, testing::HasSubstr(R"("url":"postgresql://${env:USER}@h/db")"));
}

TEST(SpecEnvironment, APlaceholderThatHoldsHalfAPasswordAndMoreIsAnError) {
  const SpecOptions options = options_with({{"HALF", "postgres://u@h/db?password=s3c"},
                                            {"NAME", "postgres://u:"},
                                            {"PARAMETER", "postgres://u@h/db?password="},
                                            {"REST", "&sslmode=require"}});
  for (const std::string url :
       {"${env:HALF}ret", "${env:NAME}s3cret@h/db", "${env:PARAMETER}s3cret",
        "postgres://u@h/db?password=s3cret${env:REST}"}) {
    const SpecResult result = parse_job_spec(sql_at(url), options);
    EXPECT_THAT(testing_spec::found_errors(result),
                testing::ElementsAre("/destination/url invalid_value"))
        << url;
    EXPECT_THAT(testing_spec::all_details(result), testing::HasSubstr("as a whole")) << url;
    EXPECT_THAT(testing_spec::all_details(result), testing::Not(testing::HasSubstr("s3c"))) << url;
  }
}

TEST(SpecEnvironment, AMissingVariableIsAnErrorThatNamesIt) {
  const SpecResult result = testing_spec::parse(csv_at("${env:NOWHERE}/${env:NEITHER}"));
  EXPECT_THAT(
      testing_spec::found_errors(result),
      testing::ElementsAre("/source/path missing_environment", "/source/path missing_environment"));
  EXPECT_THAT(testing_spec::all_details(result), testing::HasSubstr("NOWHERE"));
  EXPECT_THAT(testing_spec::all_details(result), testing::HasSubstr("NEITHER"));
}

TEST(SpecEnvironment, WithoutOneAPlaceholderIsAnError) {
  SpecOptions options;
  options.base_folder = "/base";
  const SpecResult result = parse_job_spec(csv_at("${env:DIR}/x"), options);
  EXPECT_THAT(testing_spec::found_errors(result),
              testing::ElementsAre("/source/path missing_environment"));
  EXPECT_THAT(testing_spec::all_details(result), testing::HasSubstr("command line"));
}

TEST(SpecEnvironment, AnUnfinishedPlaceholderIsAnError) {
  for (const std::string path : {"${env:", "${env:}", "${env:A B}", "${env:1A}", "${env:A"}) {
    EXPECT_THAT(
        testing_spec::found_errors(parse_job_spec(csv_at(path), options_with({{"A", "x"}}))),
        testing::ElementsAre("/source/path invalid_value"))
        << path;
  }
}

TEST(SpecEnvironment, ValuesMustBeUtf8) {
  EXPECT_THAT(testing_spec::found_errors(
                  parse_job_spec(csv_at("${env:A}"), options_with({{"A", "a\xff"}}))),
              testing::ElementsAre("/source/path invalid_value"));
}

TEST(SpecEnvironment, ValuesAreInNoError) {
  const SpecOptions options = options_with({{"A", "s3cret"}, {"P", "(s3cret"}});
  for (const std::string& json :
       {sql_at("${env:A}"), sql_at("postgresql://h:${env:A}/db"),
        testing_spec::with(R"("mode": "${env:A}")"), with_source(R"({"type": "${env:A}"})"),
        testing_spec::with_field(R"("constraints": {"pattern": "${env:P}"})"),
        testing_spec::with_field(R"("type": "integer", "constraints": {"minimum": "${env:A}"})")}) {
    const SpecResult result = parse_job_spec(json, options);
    EXPECT_EQ(result.errors.size(), 1U) << json;
    EXPECT_THAT(testing_spec::all_details(result), testing::Not(testing::HasSubstr("s3cret")));
  }
}

/// Names are shown everywhere, so they keep the placeholder.
TEST(SpecEnvironment, IsNotAskedForWhatIsOnlyShown) {
  const JobSpec spec = parse_good(testing_spec::with(
      R"("name": "${env:A}", "description": "${env:B}", "labels": {"a": "${env:C}"})"));
  EXPECT_EQ(spec.name, "${env:A}");
  EXPECT_EQ(spec.labels.at("a"), "${env:C}");
  EXPECT_FALSE(spec.needs_secrets);
}

/// Records are data, as the lines of a file are.
TEST(SpecEnvironment, IsNotAskedForInlineRecords) {
  const JobSpec spec =
      parse_good(with_source(R"({"type": "inline", "records": [{"a": "${env:A}"}]})"));
  EXPECT_THAT(std::get<InlineSourceSpec>(spec.source).records,
              testing::ElementsAre(R"({"a":"${env:A}"})"));
}

TEST(SpecEnvironment, ReachesTheConnectorsOfTheEmbeddingProgram) {
  SpecOptions options = options_with({{"TOKEN", "s3cret"}});
  options.custom_sources = {"crm"};
  const JobSpec spec =
      parse_good(with_source(R"({"type": "crm", "deep": [{"token": "${env:TOKEN}"}]})"), options);
  EXPECT_EQ(std::get<CustomConnectorSpec>(spec.source).options,
            R"({"type":"crm","deep":[{"token":"s3cret"}]})");
  EXPECT_THAT(spec.stored_json, testing::Not(testing::HasSubstr("s3cret")));
}

TEST(SpecEnvironment, HalfAPasswordIsAnErrorInConnectorsOfTheEmbeddingProgramToo) {
  SpecOptions options = options_with({{"START", "https://u:s3c"}});
  options.custom_sources = {"crm"};
  const SpecResult result = parse_job_spec(
      with_source(R"({"type": "crm", "deep": [{"url": "${env:START}ret@h/x"}]})"), options);
  EXPECT_THAT(testing_spec::found_errors(result),
              testing::ElementsAre("/source/deep/0/url invalid_value"));
}

}  // namespace
}  // namespace freight
