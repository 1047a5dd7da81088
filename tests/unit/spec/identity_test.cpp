#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/spec/spec_testing.hpp"

namespace freight {
namespace {

using testing_spec::options_with;
using testing_spec::parse_good;

constexpr std::string_view base = R"({
    "source": {"type": "csv", "path": "in.csv"},
    "schema": {"fields": [{"name": "a", "type": "integer"}]},
    "mapping": [{"to": "b", "from": "a"}],
    "destination": {"type": "sql", "url": "sqlite:out.db", "table": "t"}})";

JobSpec changed(const std::string& pointer, const std::string& value) {
  SpecOptions options = options_with();
  options.overrides.emplace_back(pointer, value);
  return parse_good(base, options);
}

TEST(SpecIdentity, IsAHexSha256) {
  const JobSpec spec = parse_good(base);
  EXPECT_THAT(spec.identity, ::testing::MatchesRegex("[0-9a-f]+"));
  EXPECT_EQ(spec.identity.size(), 64U);
  EXPECT_THAT(spec.load_identity, ::testing::MatchesRegex("[0-9a-f]+"));
  EXPECT_EQ(spec.load_identity.size(), 64U);
}

/// A change of these hashes makes every stored job another one: it needs a new spec_version.
TEST(SpecIdentity, StaysTheSameFromVersionToVersion) {
  const JobSpec spec = parse_good(base);
  EXPECT_EQ(spec.identity, "6eb66710508bda8d756bd7de209d5f5d75705bb11b4a03dddee3469f8596c9f9");
  EXPECT_EQ(spec.load_identity, "e95f9b198c8045a6f429191df723c5705df432efa3782acc7987aa60cb059830");
}

TEST(SpecIdentity, OfADatabaseStaysTheSameFromVersionToVersion) {
  const JobSpec spec = parse_good(R"({
      "source": {"type": "sql", "url": "sqlite:in.db", "table": "t"},
      "destination": {"type": "sql", "url": "sqlite:out.db", "table": "t"}})");
  EXPECT_EQ(spec.identity, "acda54d20682b1147a74f9d4b50fefc2459502eac0eec6f46fe49c8a86138729");
}

TEST(SpecIdentity, DoesNotDependOnTheOrderOfKeysOrWhiteSpace) {
  const JobSpec other =
      parse_good(R"({"destination":{"table":"t","url":"sqlite:out.db","type":"sql"},"mapping":)"
                 R"([{"from":"a","to":"b"}],"schema":{"fields":[{"type":"integer","name":"a"}]},)"
                 R"("source":{"path":"in.csv","type":"csv"}})");
  EXPECT_EQ(other.identity, parse_good(base).identity);
  EXPECT_EQ(other.load_identity, parse_good(base).load_identity);
}

TEST(SpecIdentity, ChangesWithWhatIsDone) {
  const std::string identity = parse_good(base).identity;
  const std::vector<std::pair<std::string, std::string>> changes{
      {"/mode", "validate"},
      {"/source/path", "other.csv"},
      {"/source/limit", "5"},
      {"/source/dialect/delimiter", ";"},
      {"/source/dialect/skip_blank_records", "true"},
      {"/source/dialect/trailing_delimiter", "allow"},
      {"/source/dialect/footer_rows", "1"},
      {"/schema/fields/0/type", "decimal"},
      {"/schema/missingValues", R"(["", "-"])"},
      {"/mapping/0/to", "c"},
      {"/mapping/0/default", "0"},
      {"/mapping_rest", "by_name"},
      {"/match", "loose"},
      {"/destination/table", "u"},
      {"/destination/url", "sqlite:other.db"},
      {"/destination/create_table", "true"},
      {"/destination/ledger", "none"}};
  for (const auto& [pointer, value] : changes) {
    EXPECT_NE(changed(pointer, value).identity, identity) << pointer;
  }
}

TEST(SpecIdentity, StaysWithWhatOnlySaysHowItIsDone) {
  const JobSpec spec = parse_good(base);
  const std::vector<std::pair<std::string, std::string>> changes{
      {"/name", "n"},
      {"/labels/a", "b"},
      {"/description", "d"},
      {"/priority", "1"},
      {"/batch/max_records", "5"},
      {"/retry/max_attempts", "2"},
      {"/errors/min_sample", "5"},
      {"/verify/counts", "never"},
      {"/rerun", "allow"},
      {"/source/dialect/skip_blank_records", "false"},
      {"/source/dialect/trailing_delimiter", "reject"},
      {"/source/dialect/footer_rows", "0"},
      {"/mapping_rest", "none"},
      {"/match", "exact"},
      {"/source/encoding", "utf-8"},
      {"/destination/url", "sqlite:./x/../out.db"}};
  for (const auto& [pointer, value] : changes) {
    EXPECT_EQ(changed(pointer, value).identity, spec.identity) << pointer;
    EXPECT_EQ(changed(pointer, value).load_identity, spec.load_identity) << pointer;
  }
}

TEST(SpecIdentity, OfALoadKnowsNoPathAndNoUrl) {
  const std::string load = parse_good(base).load_identity;
  EXPECT_EQ(changed("/source/path", "/else/where.csv").load_identity, load);
  EXPECT_EQ(changed("/destination/url", "postgresql://h/db").load_identity, load);
  EXPECT_EQ(changed("/source/limit", "5").load_identity, load);
  EXPECT_NE(changed("/destination/table", "u").load_identity, load);
  EXPECT_NE(changed("/mapping/0/to", "c").load_identity, load);
  EXPECT_NE(changed("/mapping_rest", "by_name").load_identity, load);
  EXPECT_NE(changed("/match", "loose").load_identity, load);
  EXPECT_NE(changed("/schema/fields/0/type", "decimal").load_identity, load);
}

TEST(SpecIdentity, KnowsNoPassword) {
  EXPECT_EQ(changed("/destination/url", "postgresql://u:one@h/db").identity,
            changed("/destination/url", "postgresql://u:two@h/db").identity);
  EXPECT_NE(changed("/destination/url", "postgresql://u:one@h/db").identity,
            changed("/destination/url", "postgresql://v:one@h/db").identity);
}

TEST(SpecIdentity, ChangesWithInlineRecords) {
  const auto identity_of = [](std::string_view records) {
    return parse_good(testing_spec::with_source(R"({"type": "inline", "records": )" +
                                                std::string(records) + "}"))
        .identity;
  };
  EXPECT_EQ(identity_of(R"([{"a": 1}])"), identity_of(R"([ { "a" : 1 } ])"));
  EXPECT_NE(identity_of(R"([{"a": 1}])"), identity_of(R"([{"a": 1.0}])"));
  EXPECT_NE(identity_of(R"([{"a": 1}])"), identity_of(R"([{"a": 1}, {}])"));
}

}  // namespace
}  // namespace freight
