#include <algorithm>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/spec/spec_testing.hpp"

namespace freight {
namespace {

/// Makes valid specs of every kind from a seed.
class SpecMaker {
 public:
  explicit SpecMaker(unsigned seed) : random_(seed) {}

  std::string make() {
    std::vector<std::string> members{"\"source\": " + source(),
                                     "\"destination\": " + destination()};
    if (chance()) members.push_back("\"name\": " + text());
    if (chance()) members.push_back("\"labels\": {\"a\": " + text() + ", \"b\": " + text() + "}");
    if (chance()) members.push_back(pick({R"("mode": "run")", R"("mode": "validate")"}));
    if (chance()) members.push_back("\"priority\": " + std::to_string(number(9)));
    if (chance()) members.push_back("\"batch\": {\"max_records\": " + positive() + "}");
    if (chance())
      members.push_back(pick({R"("retry": {"multiplier": 1.50, "jitter": "none"})",
                              R"("retry": {"retry_on": [], "max_attempts": 1})"}));
    if (chance()) members.push_back("\"errors\": {\"min_sample\": " + positive() + "}");
    if (chance()) members.push_back(R"("verify": {"counts": "always", "exclusive": true})");
    if (chance()) members.push_back("\"schema\": " + schema());
    if (chance()) members.push_back("\"mapping\": " + mapping());
    std::shuffle(members.begin(), members.end(), random_);
    return "{" + join(members) + "}";
  }

 private:
  bool chance() { return number(1) == 1; }
  std::size_t number(std::size_t largest) {
    return std::uniform_int_distribution<std::size_t>(0, largest)(random_);
  }
  std::string positive() { return std::to_string(number(1000) + 1); }
  std::string pick(const std::vector<std::string>& from) { return from[number(from.size() - 1)]; }

  static std::string join(const std::vector<std::string>& parts) {
    std::string text;
    for (const std::string& part : parts) text += (text.empty() ? "" : ", ") + part;
    return text;
  }

  std::string text() {
    return pick({R"("plain")", R"("with \"quotes\" and \\")", R"("\u0001\u001f\t\n")",
                 R"("é\u00e9😀\ud83d\ude00")", R"("${env:WORD}")", R"("a${env:EMPTY}b/~c")"});
  }

  std::string json_number() {
    return pick({"0", "-0", "42", "1.50", "12345678901234567890.123456789", "-1E+5", "1e-7"});
  }

  std::string scalar() { return pick({text(), json_number(), "true", "null"}); }

  std::string source() {
    switch (number(2)) {
      case 0:
        return R"({"type": "csv", "path": )" +
               pick({R"("in.csv")", R"("/data/./x/../in.csv")", R"("${env:DIR}/in.csv")",
                     R"("${env:WORD}.csv")"}) +
               pick({"", ", \"limit\": " + positive(), R"(, "dialect": {"delimiter": ";"})",
                     R"(, "dialect": {"quoteChar": null, "headerNames": ["a", "b"]})"}) +
               "}";
      case 1:
        return R"({"type": "mine", "records": [1, {"a": )" + scalar() +
               "}], \"u\": " + pick({R"("http://u:p@h/")", text(), json_number()}) + "}";
      default:
        return R"({"type": "inline", "records": [{}, {"b": )" + scalar() + R"(, "a": [)" +
               scalar() + ", {\"x\": " + scalar() + "}]}]}";
    }
  }

  std::string destination() {
    if (number(3) == 0) return pick({R"({"type": "null"})", R"({"type": "mine", "x": 1.50})"});
    return R"({"type": "sql", "table": )" + pick({R"("t")", R"("s.t")"}) + ", \"url\": " +
           pick({R"("sqlite:out.db")", R"("sqlite:${env:DIR}/out.db")",
                 R"("sqlite:${env:WORD}.db")", R"("${env:URL}")", R"("${env:FILE_URL}")",
                 R"("postgres://u:${env:WORD}@h:5432/db")", R"("postgresql://u:p@h/db?a=b")",
                 R"("postgresql://h/db?password=x&user=${env:WORD}")"}) +
           pick({"", R"(, "ledger": "none")", R"(, "ledger": {"table": "s.l"})",
                 R"(, "ledger": "l", "create_table": true)"}) +
           "}";
  }

  std::string schema() {
    const std::string fields =
        join({R"({"name": "i", "type": "integer", "constraints": {"minimum": -0, "maximum": "9"}})",
              R"({"name": "d", "type": "decimal", "decimalChar": ",", "constraints":
            {"enum": [1.50, "12345678901234567890.123456789"]}})",
              R"({"name": "s", "constraints": {"minLength": 1, "pattern": "^\\d${env:EMPTY}"}})",
              R"({"name": "t", "type": "datetime", "format": "%Y-%m-%d %H:%M",
            "constraints": {"minimum": "2000-01-01 00:00"}, "on_error": "null"})",
              R"({"name": "b", "type": "boolean", "trueValues": [)" + text() + "]}"});
    return "{\"fields\": [" + fields + "]" +
           pick({"", R"(, "primaryKey": ["i"], "missing_columns": null)",
                 R"(, "missingValues": [], "timezone": "-0330")",
                 R"(, "extra_columns": "error")"}) +
           "}";
  }

  std::string mapping() {
    std::vector<std::string> entries;
    const std::size_t count = number(4) + 1;
    for (std::size_t index = 0; index < count; ++index) {
      std::string entry = "{\"to\": \"c" + std::to_string(index) + "\", ";
      entry += chance() ? "\"const\": " + pick({scalar(), "{\"z\": " + scalar() + ", \"a\": []}"})
                        : R"("from": "f")" + pick({"", R"(, "transform": ["trim", "upper"])",
                                                   ", \"default\": " + scalar(),
                                                   ", \"lookup\": {\"k\": " + scalar() + "}"});
      if (chance()) entry += R"(, "type": "date", "format": "%d.%m.%y")";
      entries.push_back(entry + "}");
    }
    return "[" + join(entries) + "]";
  }

  std::mt19937 random_;
};

SpecOptions round_trip_options() {
  SpecOptions options = testing_spec::options_with({{"WORD", "s3cret"},
                                                    {"EMPTY", ""},
                                                    {"DIR", "/data"},
                                                    {"URL", "postgres://u:s3cret@h/db"},
                                                    {"FILE_URL", "sqlite:file.db"}});
  options.custom_sources = {"mine"};
  options.custom_destinations = {"mine"};
  return options;
}

/// The source and destination after reading what is stored are those of the first reading, but for
/// the passwords that were left out.
void expect_same_connectors(const JobSpec& first, const JobSpec& again) {
  ASSERT_EQ(first.source.index(), again.source.index());
  ASSERT_EQ(first.destination.index(), again.destination.index());
  if (const auto* const csv = std::get_if<CsvSourceSpec>(&first.source)) {
    EXPECT_EQ(csv->path, std::get<CsvSourceSpec>(again.source).path);
    EXPECT_EQ(csv->limit, std::get<CsvSourceSpec>(again.source).limit);
    EXPECT_EQ(csv->dialect.header_names,
              std::get<CsvSourceSpec>(again.source).dialect.header_names);
  }
  if (const auto* const records = std::get_if<InlineSourceSpec>(&first.source)) {
    EXPECT_EQ(records->records, std::get<InlineSourceSpec>(again.source).records);
  }
  if (const auto* const sql = std::get_if<SqlDestinationSpec>(&first.destination)) {
    const auto& other = std::get<SqlDestinationSpec>(again.destination);
    EXPECT_EQ(sql->table, other.table);
    EXPECT_EQ(sql->ledger, other.ledger);
    if (sql->url.starts_with("sqlite:")) {
      EXPECT_EQ(sql->url, other.url);
    }
  }
}

void expect_same_mapping(const JobSpec& first, const JobSpec& again) {
  ASSERT_EQ(first.mapping.size(), again.mapping.size());
  for (std::size_t index = 0; index < first.mapping.size(); ++index) {
    const MappingEntry& one = first.mapping[index];
    const MappingEntry& other = again.mapping[index];
    EXPECT_EQ(one.to, other.to);
    EXPECT_EQ(one.from, other.from);
    EXPECT_EQ(one.constant, other.constant);
    EXPECT_EQ(one.constant_type, other.constant_type);
    EXPECT_EQ(one.transforms, other.transforms);
    EXPECT_EQ(one.lookup, other.lookup);
    EXPECT_EQ(one.default_value, other.default_value);
    EXPECT_EQ(one.type, other.type);
    EXPECT_EQ(one.format, other.format);
  }
}

TEST(SpecRoundTrip, WhatIsStoredIsTheSameSpec) {
  for (unsigned seed = 0; seed < 2000 && !testing::Test::HasFailure(); ++seed) {
    const std::string json = SpecMaker(seed).make();
    SCOPED_TRACE("seed " + std::to_string(seed) + ": " + json);
    const JobSpec first = testing_spec::parse_good(json, round_trip_options());
    const JobSpec again = testing_spec::parse_good(first.stored_json, round_trip_options());
    EXPECT_EQ(again.stored_json, first.stored_json);
    EXPECT_EQ(again.display_json, first.display_json);
    EXPECT_EQ(again.identity, first.identity);
    EXPECT_EQ(again.load_identity, first.load_identity);
    EXPECT_EQ(again.name, first.name);
    EXPECT_EQ(again.labels, first.labels);
    EXPECT_EQ(again.mode, first.mode);
    EXPECT_EQ(again.priority, first.priority);
    EXPECT_EQ(again.batch.max_records, first.batch.max_records);
    EXPECT_EQ(again.retry.backoff.multiplier, first.retry.backoff.multiplier);
    EXPECT_EQ(again.schema.has_value(), first.schema.has_value());
    expect_same_connectors(first, again);
    expect_same_mapping(first, again);
    EXPECT_THAT(first.stored_json, testing::Not(testing::HasSubstr("s3cret")));
  }
}

/// Every text cut short and every byte changed is an error or a spec, never a crash.
TEST(SpecRoundTrip, BrokenTextsAreErrors) {
  const std::string json = SpecMaker(7).make();
  for (std::size_t size = 0; size < json.size(); ++size) {
    EXPECT_FALSE(parse_job_spec(json.substr(0, size), round_trip_options()).spec) << size;
  }
  for (std::size_t index = 0; index < json.size(); ++index) {
    for (const char byte : {'"', '{', '\0', '\xff', '9', '\\'}) {
      std::string broken = json;
      broken[index] = byte;
      const SpecResult result = parse_job_spec(broken, round_trip_options());
      EXPECT_EQ(result.spec.has_value(), result.errors.empty());
    }
  }
}

}  // namespace
}  // namespace freight
