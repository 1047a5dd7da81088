#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/spec/spec_testing.hpp"

namespace freight {
namespace {

using testing_spec::parse_good;
using testing_spec::with;

/// Every default that the contract shows, in the resolved spec.
TEST(SpecDefaults, AreFilledInWhenOnlySourceAndDestinationAreGiven) {
  const JobSpec spec = parse_good(R"({"source": {"type": "csv", "path": "in.csv"},
      "destination": {"type": "sql", "url": "sqlite:out.db", "table": "t"}})");
  EXPECT_EQ(
      spec.stored_json,
      R"({"spec_version":1,"mode":"run","rehearse":false,"priority":5,"run_at":null,)"
      R"("rerun":"refuse","timeout_s":86400,)"
      R"("source":{"type":"csv","path":"/base/in.csv","compression":"auto",)"
      R"("encoding":"utf-8","limit":null,"max_record_bytes":8388608,"dialect":{"delimiter":",","quoteChar":"\"",)"
      R"("doubleQuote":true,"escapeChar":null,"header":true,"headerNames":null,"skipRows":0,)"
      R"("commentChar":null,"skipInitialSpace":false,"caseSensitiveHeader":false,)"
      R"("lineTerminator":null,"skip_blank_records":false,)"
      R"("trailing_delimiter":"reject","footer_rows":0}},)"
      R"("mapping_rest":"none","match":"exact",)"
      R"("destination":{"type":"sql","url":"sqlite:/base/out.db","table":"t",)"
      R"("write_disposition":"append","key":[],"on_conflict":"reject","create_table":false,)"
      R"("ledger":"freight_ledger","sync_sequences":true,"lossy":"refuse","foreign_keys":"check",)"
      R"("allow_empty":false},)"
      R"("write_order":"any","batch":{"max_records":10000,"max_bytes":8388608},)"
      R"("retry":{"max_attempts":6,"initial_interval_ms":200,"multiplier":2.0,)"
      R"("max_interval_ms":30000,"jitter":"full","retry_on":["transient","throttled"],)"
      R"("max_outage_s":900},"errors":{"max_rejects":null,"max_reject_ratio":null,)"
      R"("min_sample":1000,"on_limit":"fail","allow_all_rejected":false,"store_raw":true,)"
      R"("max_stored":100000},"verify":{"counts":"auto","exclusive":false}})");
}

TEST(SpecDefaults, OfADatabaseAsSourceAreFilledIn) {
  const JobSpec spec = parse_good(R"({"source": {"type": "sql", "url": "sqlite:in.db",
      "table": "t"}, "destination": {"type": "null"}})");
  EXPECT_NE(spec.stored_json.find(
                R"("source":{"type":"sql","url":"sqlite:/base/in.db","table":"t","params":[],)"
                R"("key":[],"limit":null,"row_security":"refuse","max_record_bytes":8388608})"),
            std::string::npos)
      << spec.stored_json;
}

TEST(SpecDefaults, StandInTheSpecItself) {
  const JobSpec spec = parse_good(with(""));
  const auto& source = std::get<CsvSourceSpec>(spec.source);
  EXPECT_EQ(source.path, "/base/in.csv");
  EXPECT_EQ(source.dialect.delimiter, ',');
  EXPECT_EQ(source.dialect.quote_char, '"');
  EXPECT_EQ(source.dialect.escape_char, std::nullopt);
  EXPECT_TRUE(source.dialect.header);
  EXPECT_EQ(source.max_record_bytes, 8'388'608U);
  EXPECT_EQ(source.limit, std::nullopt);
  EXPECT_TRUE(std::holds_alternative<NullDestinationSpec>(spec.destination));
  EXPECT_EQ(spec.mode, JobMode::run);
  EXPECT_EQ(spec.priority, 5);
  EXPECT_FALSE(spec.schema);
  EXPECT_FALSE(spec.has_mapping);
  EXPECT_EQ(spec.batch.max_records, 10'000U);
  EXPECT_EQ(spec.retry.backoff.max_attempts, 6U);
  EXPECT_EQ(spec.retry.max_outage, std::chrono::seconds(900));
  EXPECT_EQ(spec.errors.min_sample, 1000U);
  EXPECT_EQ(spec.verify_counts, VerifyCounts::automatic);
  EXPECT_EQ(spec.rerun, Rerun::refuse);
  EXPECT_FALSE(spec.needs_secrets);
}

/// What is written out as the contract shows it is the same spec as the one that leaves it out.
TEST(SpecDefaults, WrittenOutAreTheSameAsLeftOut) {
  const JobSpec short_form = parse_good(R"({"source": {"type": "csv", "path": "in.csv"},
      "destination": {"type": "sql", "url": "sqlite:out.db", "table": "t"}})");
  const JobSpec long_form = parse_good(R"({
    "mode": "run", "priority": 5, "run_at": null, "filter": null, "schema": null, "mapping": null,
    "source": {"type": "csv", "path": "in.csv", "encoding": "utf-8", "limit": null,
      "max_record_bytes": 8388608,
      "dialect": {"delimiter": ",", "quoteChar": "\"", "doubleQuote": true, "escapeChar": null,
        "header": true, "headerNames": null, "skipRows": 0, "commentChar": null,
        "skipInitialSpace": false, "caseSensitiveHeader": false, "skip_blank_records": false,
        "trailing_delimiter": "reject", "footer_rows": 0}},
    "mapping_rest": "none", "match": "exact",
    "destination": {"type": "sql", "url": "sqlite:out.db", "table": "t",
      "write_disposition": "append", "key": [], "on_conflict": "reject", "create_table": false,
      "ledger": "freight_ledger", "sync_sequences": true},
    "batch": {"max_records": 10000, "max_bytes": 8388608}, "write_order": "any",
    "retry": {"max_attempts": 6, "initial_interval_ms": 200, "multiplier": 2.0,
      "max_interval_ms": 30000, "jitter": "full", "retry_on": ["transient", "throttled"],
      "max_outage_s": 900},
    "errors": {"max_rejects": null, "max_reject_ratio": null, "min_sample": 1000,
      "on_limit": "fail", "allow_all_rejected": false, "store_raw": true, "max_stored": 100000},
    "verify": {"counts": "auto", "exclusive": false}, "rerun": "refuse", "timeout_s": 86400})");
  EXPECT_EQ(long_form.stored_json, short_form.stored_json);
  EXPECT_EQ(long_form.identity, short_form.identity);
}

TEST(SpecValue, ThrowsWithAllErrorsWhenThereIsNoSpec) {
  const SpecResult result = testing_spec::parse(R"({"mode": 1, "labls": {}})");
  try {
    result.value();
    FAIL() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::invalid_spec);
    EXPECT_THAT(error.what(), testing::HasSubstr("/mode"));
    EXPECT_THAT(error.what(), testing::HasSubstr("/labls"));
    EXPECT_THAT(error.what(), testing::HasSubstr("/source"));
    EXPECT_THAT(error.what(), testing::HasSubstr("/destination"));
  }
  EXPECT_EQ(parse_good(with("")).priority, 5);
}

}  // namespace
}  // namespace freight
