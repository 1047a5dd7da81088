#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/spec/spec_testing.hpp"

namespace freight {
namespace {

using testing_spec::parse;
using testing_spec::parse_good;
using testing_spec::with;

using JobRule = testing_spec::RefusedSpec;
TEST_P(JobRule, RefusesIt) { expect_refused(); }

INSTANTIATE_TEST_SUITE_P(
    Job, JobRule,
    testing::ValuesIn(std::vector<testing_spec::WrongSpec>{
        {"NotAnObject", "[]", {" wrong_type"}},
        {"NothingAtAll", "{}", {"/destination missing_key", "/source missing_key"}},
        {"UnknownKey", with(R"("priorty": 5)"), {"/priorty unknown_key"}},
        {"UnknownKeyWithASlash", with(R"("a/b~c": 5)"), {"/a~1b~0c unknown_key"}},
        {"DuplicateKey", with(R"("priority": 5, "priority": 6)"), {"/priority duplicate_key"}},
        {"NameNotAString", with(R"("name": 5)"), {"/name wrong_type"}},
        {"NameTooLong",
         with(R"("name": ")" + std::string(201, 'x') + "\""),
         {"/name value_out_of_range"}},
        {"NameWithNul", with(R"("name": "a\u0000b")"), {"/name invalid_value"}},
        {"LabelsNotAnObject", with(R"("labels": ["a"])"), {"/labels wrong_type"}},
        {"LabelNotAString",
         with(R"("labels": {"a": 3, "b": null})"),
         {"/labels/a wrong_type", "/labels/b wrong_type"}},
        {"LabelWithoutName", with(R"("labels": {"": "x"})"), {"/labels/ value_out_of_range"}},
        {"ModeUnknown", with(R"("mode": "rum")"), {"/mode invalid_value"}},
        {"ModeNotAString", with(R"("mode": true)"), {"/mode wrong_type"}},
        {"PriorityTooHigh", with(R"("priority": 10)"), {"/priority value_out_of_range"}},
        {"PriorityNegative", with(R"("priority": -1)"), {"/priority value_out_of_range"}},
        {"PriorityWithAFraction", with(R"("priority": 5.0)"), {"/priority wrong_type"}},
        {"PriorityAsText", with(R"("priority": "5")"), {"/priority wrong_type"}},
        {"MatchUnknown", with(R"("match": "lose")"), {"/match invalid_value"}},
        {"MatchNotAString", with(R"("match": null)"), {"/match wrong_type"}},
        {"MatchAgainstTheHeadersCase",
         R"({"source": {"type": "csv", "path": "a", "dialect": {"caseSensitiveHeader": true}},
             "match": "loose", "destination": {"type": "null"}})",
         {"/match invalid_value"}},
        {"MappingRestUnknown", with(R"("mapping_rest": "all")"), {"/mapping_rest invalid_value"}},
        {"RerunUnknown", with(R"("rerun": "always")"), {"/rerun invalid_value"}},
        {"NewerFormat", with(R"("spec_version": 2)"), {"/spec_version newer_format"}},
        {"NoFormat", with(R"("spec_version": 0)"), {"/spec_version value_out_of_range"}},
        {"BatchNotAnObject", with(R"("batch": 5)"), {"/batch wrong_type"}},
        {"BatchOutOfRange",
         with(R"("batch": {"max_records": 0, "max_bytes": 1073741825})"),
         {"/batch/max_bytes value_out_of_range", "/batch/max_records value_out_of_range"}},
        {"BatchUnknownKey",
         with(R"("batch": {"max_record": 5})"),
         {"/batch/max_record unknown_key"}},
        {"RetryOutOfRange",
         with(R"("retry": {"max_attempts": 0, "multiplier": 0.99, "max_outage_s": -1})"),
         {"/retry/max_attempts value_out_of_range", "/retry/max_outage_s value_out_of_range",
          "/retry/multiplier value_out_of_range"}},
        {"RetryMultiplierNotANumber",
         with(R"("retry": {"multiplier": "2"})"),
         {"/retry/multiplier wrong_type"}},
        {"RetryIntervalsCrossed",
         with(R"("retry": {"initial_interval_ms": 500, "max_interval_ms": 100})"),
         {"/retry/initial_interval_ms value_out_of_range"}},
        {"RetryOnWhatIsNeverRetried",
         with(R"("retry": {"retry_on": ["data", "transient", "transient", "x", 4]})"),
         {"/retry/retry_on/0 invalid_value", "/retry/retry_on/2 invalid_value",
          "/retry/retry_on/3 invalid_value", "/retry/retry_on/4 wrong_type"}},
        {"RetryJitterUnknown",
         with(R"("retry": {"jitter": "some"})"),
         {"/retry/jitter invalid_value"}},
        {"ErrorsWrongTypes",
         with(R"("errors": {"min_sample": 0, "allow_all_rejected": 1, "store_raw": "yes"})"),
         {"/errors/allow_all_rejected wrong_type", "/errors/min_sample value_out_of_range",
          "/errors/store_raw wrong_type"}},
        {"RunAtWithoutAZone",
         with(R"("run_at": "2026-11-23T10:00:00")"),
         {"/run_at invalid_value"}},
        {"RunAtNotAMoment", with(R"("run_at": "tomorrow")"), {"/run_at invalid_value"}},
        {"RunAtOfAWrongType", with(R"("run_at": 5)"), {"/run_at wrong_type"}},
        {"RehearseOfARun",
         testing_spec::with_destination(R"({"type": "sql", "url": "sqlite:a", "table": "t"},
                                           "rehearse": true)"),
         {"/rehearse invalid_value"}},
        {"RehearseIntoAFile",
         testing_spec::with_destination(R"({"type": "jsonl", "path": "a"},
                                           "mode": "validate", "rehearse": true)"),
         {"/rehearse invalid_value"}},
        {"RehearseIntoNothing",
         with(R"("mode": "validate", "rehearse": true)"),
         {"/rehearse invalid_value"}},
        {"RehearseOfAWrongType", with(R"("rehearse": 1)"), {"/rehearse wrong_type"}},
        {"WriteOrderUnknown", with(R"("write_order": "random")"), {"/write_order invalid_value"}},
        {"WriteOrderNull", with(R"("write_order": null)"), {"/write_order wrong_type"}},
        {"TimeoutZero", with(R"("timeout_s": 0)"), {"/timeout_s value_out_of_range"}},
        {"TimeoutOfAWrongType", with(R"("timeout_s": "60")"), {"/timeout_s wrong_type"}},
        {"RejectLimitsOutOfRange",
         with(R"("errors": {"max_rejects": -1, "max_reject_ratio": 1.01, "max_stored": -1})"),
         {"/errors/max_reject_ratio value_out_of_range", "/errors/max_rejects value_out_of_range",
          "/errors/max_stored value_out_of_range"}},
        {"RejectLimitsOfAWrongType",
         with(R"("errors": {"max_rejects": 1.5, "max_reject_ratio": "1", "on_limit": "stop"})"),
         {"/errors/max_reject_ratio wrong_type", "/errors/max_rejects wrong_type",
          "/errors/on_limit invalid_value"}},
        {"VerifyWrong",
         with(R"("verify": {"counts": "sometimes", "exclusive": null})"),
         {"/verify/counts invalid_value", "/verify/exclusive wrong_type"}},
    }),
    testing_spec::name_of_case);

TEST(SpecJob, TakesEveryKeyOfItsOwn) {
  const JobSpec spec = parse_good(with(R"(
      "$schema": "https://example.org/schema", "name": "n", "description": "d",
      "labels": {"wave": "3"}, "mode": "validate", "priority": 0, "rerun": "allow",
      "batch": {"max_records": 7, "max_bytes": 9},
      "retry": {"max_attempts": 1, "initial_interval_ms": 0, "multiplier": 1.5,
                "max_interval_ms": 10, "jitter": "none", "retry_on": [], "max_outage_s": 0},
      "errors": {"max_rejects": 0, "max_reject_ratio": 0.25, "min_sample": 5,
                 "on_limit": "pause", "allow_all_rejected": true, "store_raw": false,
                 "max_stored": 0},
      "run_at": "2026-11-23T10:00:00+01:00", "write_order": "source", "timeout_s": 60,
      "verify": {"counts": "never", "exclusive": true})"));
  EXPECT_EQ(spec.name, "n");
  EXPECT_EQ(spec.description, "d");
  EXPECT_EQ(spec.labels, (std::map<std::string, std::string>{{"wave", "3"}}));
  EXPECT_EQ(spec.mode, JobMode::validate);
  EXPECT_EQ(spec.priority, 0);
  EXPECT_EQ(spec.rerun, Rerun::allow);
  EXPECT_EQ(spec.batch.max_records, 7U);
  EXPECT_EQ(spec.batch.max_bytes, 9U);
  EXPECT_EQ(spec.retry.backoff.max_attempts, 1U);
  EXPECT_EQ(spec.retry.backoff.initial_interval, std::chrono::milliseconds(0));
  EXPECT_EQ(spec.retry.backoff.multiplier, 1.5);
  EXPECT_EQ(spec.retry.backoff.max_interval, std::chrono::milliseconds(10));
  EXPECT_EQ(spec.retry.backoff.jitter, Jitter::none);
  EXPECT_TRUE(spec.retry.backoff.retry_on.empty());
  EXPECT_EQ(spec.retry.max_outage, std::chrono::seconds(0));
  EXPECT_EQ(spec.run_at, parse_timestamp("2026-11-23T09:00:00Z"));
  EXPECT_EQ(spec.write_order, WriteOrder::source);
  EXPECT_EQ(spec.timeout, std::chrono::seconds(60));
  EXPECT_EQ(spec.errors.max_rejects, 0U);
  EXPECT_EQ(spec.errors.max_reject_ratio, 0.25);
  EXPECT_EQ(spec.errors.on_limit, OnLimit::pause);
  EXPECT_EQ(spec.errors.max_stored, 0U);
  EXPECT_EQ(spec.errors.min_sample, 5U);
  EXPECT_TRUE(spec.errors.allow_all_rejected);
  EXPECT_FALSE(spec.errors.store_raw);
  EXPECT_EQ(spec.verify_counts, VerifyCounts::never);
  EXPECT_TRUE(spec.verify_exclusive);
}

TEST(SpecJob, RehearsesAValidationIntoSql) {
  const JobSpec spec =
      parse_good(testing_spec::with_destination(R"({"type": "sql", "url": "sqlite:a", "table": "t"},
          "mode": "validate", "rehearse": true)"));
  EXPECT_TRUE(spec.rehearse);
}

TEST(SpecErrors, AreAllReportedAtOnce) {
  const SpecResult result = parse(R"({
      "mod": "run", "priority": 77,
      "source": {"type": "csv", "pth": "x", "dialect": {"delimiter": "", "header": "yes"}},
      "schema": {"fields": [{"name": "a", "type": "int", "constraints": {"pattern": "("}}]},
      "mapping": [{"to": "x"}, {"from": "y", "transform": ["trim", 5]}],
      "destination": {"type": "sql", "url": "mysql://x", "create_table": 1}})");
  EXPECT_THAT(
      testing_spec::found_errors(result),
      testing::ElementsAre(
          "/destination/create_table wrong_type", "/destination/table missing_key",
          "/destination/url invalid_value", "/mapping/0 invalid_value", "/mapping/1/to missing_key",
          "/mapping/1/transform/1 wrong_type", "/mod unknown_key", "/priority value_out_of_range",
          "/schema/fields/0/constraints/pattern invalid_pattern",
          "/schema/fields/0/type invalid_value", "/source/dialect/delimiter invalid_value",
          "/source/dialect/header wrong_type", "/source/path missing_key",
          "/source/pth unknown_key"));
}

TEST(SpecErrors, NameTheNearestKeyForAnUnknownOne) {
  const auto detail_of = [](std::string_view json) {
    return testing_spec::all_details(parse(json));
  };
  EXPECT_THAT(detail_of(with(R"("prioritty": 3)")), testing::HasSubstr("\"priority\""));
  EXPECT_THAT(detail_of(with(R"("Labels": {})")), testing::HasSubstr("\"labels\""));
  EXPECT_THAT(detail_of(testing_spec::with_source(
                  R"({"type": "csv", "path": "a", "dialect": {"quotechar": "'"}})")),
              testing::HasSubstr("\"quoteChar\""));
  EXPECT_THAT(detail_of(testing_spec::with_destination(R"({"type": "sqll"})")),
              testing::HasSubstr("\"sql\""));
}

/// With nothing near, all the valid ones are named.
TEST(SpecErrors, NameEveryKeyWhenNoneIsNear) {
  const std::string details =
      testing_spec::all_details(parse(with(R"("batch": {"parallelism_of_work": 3})")));
  EXPECT_THAT(details, testing::HasSubstr("\"max_records\" or \"max_bytes\""));
}

TEST(SpecErrors, AreBoundedAndTheRestIsCounted) {
  std::string labels;
  for (int index = 0; index < 1500; ++index) {
    labels += (index > 0 ? "," : "") + std::string("\"k") + std::to_string(index) + "\": 1";
  }
  const SpecResult result = parse("{" + labels + "}");
  ASSERT_EQ(result.errors.size(), 1001U);
  EXPECT_THAT(result.errors.back().detail, testing::HasSubstr("502 more"));
}

}  // namespace
}  // namespace freight
