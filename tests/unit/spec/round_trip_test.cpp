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
    if (chance())
      members.push_back(pick({R"("errors": {"max_rejects": 5, "on_limit": "pause"})",
                              R"("errors": {"max_reject_ratio": 0.10, "max_stored": 0})"}));
    if (chance()) members.push_back(R"("verify": {"counts": "always", "exclusive": true})");
    if (chance()) members.push_back("\"schema\": " + schema());
    if (chance()) members.push_back("\"filter\": " + filter(0));
    if (chance()) members.push_back("\"mapping\": " + mapping());
    if (chance()) members.push_back(R"("match": "loose", "mapping_rest": "by_name")");
    if (chance())
      members.push_back(pick({R"("run_at": null)", R"("run_at": "2026-11-23T10:00:00+01:00")"}));
    if (chance()) members.push_back(R"("write_order": "source", "timeout_s": 5)");
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
    switch (number(5)) {
      case 3:
        return R"({"type": "jsonl", "path": "in.jsonl", "encoding": "iso-8859-15"})";
      case 5:
        return R"({"type": "json", "path": "in.json", "records_pointer": "/items"})";
      case 4:
        return R"({"type": "sql", "url": )" +
               pick({R"("sqlite:in.db")", R"("postgresql://u:p@h/db")", R"("${env:URL}")"}) +
               pick({R"(, "table": "t", "where": "a = 1", "key": ["a"])",
                     R"(, "query": "SELECT 1", "params": [)" + scalar() + "]"}) +
               "}";
      case 0:
        return R"({"type": "csv", "path": )" +
               pick({R"("in.csv")", R"("/data/./x/../in.csv")", R"("${env:DIR}/in.csv")",
                     R"("${env:WORD}.csv")"}) +
               pick({"", ", \"limit\": " + positive(), R"(, "dialect": {"delimiter": ";"})",
                     R"(, "dialect": {"quoteChar": null, "headerNames": ["a", "b"]})",
                     R"(, "dialect": {"headerNames": "auto", "skip_blank_records": true})",
                     R"(, "dialect": {"trailing_delimiter": "allow", "footer_rows": 3})"}) +
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
    if (number(2) == 0)
      return pick({R"({"type": "null"})", R"({"type": "mine", "x": 1.50})",
                   R"({"type": "csv", "path": "out.csv", "dialect": {"delimiter": ";"}})",
                   R"({"type": "jsonl", "path": "${env:DIR}/out.jsonl"})"});
    return R"({"type": "sql", "table": )" + pick({R"("t")", R"("s.t")"}) + ", \"url\": " +
           pick({R"("sqlite:out.db")", R"("sqlite:${env:DIR}/out.db")",
                 R"("sqlite:${env:WORD}.db")", R"("${env:URL}")", R"("${env:FILE_URL}")",
                 R"("postgres://u:${env:WORD}@h:5432/db")", R"("postgresql://u:p@h/db?a=b")",
                 R"("postgresql://h/db?password=x&user=${env:WORD}")"}) +
           pick({"", R"(, "ledger": "none")", R"(, "ledger": {"table": "s.l"})",
                 R"(, "ledger": "l", "create_table": true)",
                 R"(, "write_disposition": "merge", "key": ["a"], "on_conflict": "skip")",
                 R"(, "write_disposition": "replace", "allow_empty": true)"}) +
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
      entry +=
          chance()
              ? pick({"\"const\": " + scalar(), "\"const\": {\"z\": " + scalar() + ", \"a\": []}",
                      R"("template": "{a} ${env:WORD} {{{b}}}")",
                      R"("coalesce": ["a", "b"], "default": "x")", R"("system": "ordinal")"})
              : R"("from": "f")" +
                    pick({"", R"(, "transform": ["trim", {"split": [",", -1]}])",
                          R"(, "transform": [{"replace": ["a", ""]}])",
                          ", \"default\": " + scalar(), ", \"lookup\": {\"k\": " + scalar() + "}"});
      if (chance()) entry += R"(, "type": "date", "format": "%d.%m.%y")";
      entries.push_back(entry + "}");
    }
    return "[" + join(entries) + "]";
  }

  std::string filter(std::size_t depth) {
    switch (depth < 3 ? number(3) : 3) {
      case 0:
        return "{\"all\": [" + filter(depth + 1) + ", " + filter(depth + 1) + "]}";
      case 1:
        return "{\"any\": [" + filter(depth + 1) + "]}";
      case 2:
        return "{\"not\": " + filter(depth + 1) + "}";
      default:
        return R"({"field": "f", )" +
               pick({R"("eq": )" + text(), R"("in": [1.50, true, )" + text() + "]",
                     R"("missing": false)", R"("matches": "^a\\d$")", R"("lt": "x")"}) +
               "}";
    }
  }

  std::mt19937 random_;
};

/// Two filters are the same tree.
void expect_same_filter(const FilterSpec& one, const FilterSpec& other) {
  EXPECT_EQ(one.kind, other.kind);
  EXPECT_EQ(one.field, other.field);
  EXPECT_EQ(one.values, other.values);
  EXPECT_EQ(one.expected, other.expected);
  ASSERT_EQ(one.operands.size(), other.operands.size());
  for (std::size_t index = 0; index < one.operands.size(); ++index) {
    expect_same_filter(one.operands[index], other.operands[index]);
  }
}

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
    EXPECT_EQ(one.text_template, other.text_template);
    EXPECT_EQ(one.coalesce, other.coalesce);
    EXPECT_EQ(one.system, other.system);
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
    EXPECT_EQ(again.run_at, first.run_at);
    EXPECT_EQ(again.write_order, first.write_order);
    EXPECT_EQ(again.timeout, first.timeout);
    EXPECT_EQ(again.errors.max_rejects, first.errors.max_rejects);
    EXPECT_EQ(again.errors.max_reject_ratio, first.errors.max_reject_ratio);
    EXPECT_EQ(again.needs_secrets, first.needs_secrets);
    ASSERT_EQ(again.filter.has_value(), first.filter.has_value());
    if (first.filter) expect_same_filter(*first.filter, *again.filter);
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
