#include "connectors/inline/inline_source.hpp"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "freight/error.hpp"
#include "support/source_reading.hpp"

namespace freight::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

JobSpec spec_of(std::vector<std::string> records,
                std::optional<std::uint64_t> limit = std::nullopt) {
  JobSpec spec;
  spec.source = InlineSourceSpec{.records = std::move(records), .limit = limit};
  return spec;
}

std::unique_ptr<Source> source_of(std::vector<std::string> records,
                                  std::optional<std::uint64_t> limit = std::nullopt) {
  return connectors::make_inline_source({.spec = spec_of(std::move(records), limit)});
}

std::vector<std::uint64_t> counts_of(const std::vector<BatchRange>& ranges) {
  std::vector<std::uint64_t> counts;
  for (const BatchRange& range : ranges) counts.push_back(range.records);
  return counts;
}

TEST(InlineSource, ItsFieldsAreAllNamesInTheOrderInWhichTheyFirstOccur) {
  ConnectorContext context;
  const auto description =
      source_of({R"({"id":1,"name":"a"})", R"({"city":"x","id":2})"})->describe(context);
  EXPECT_THAT(description.fields, ElementsAre("id", "name", "city"));
  EXPECT_TRUE(description.typed);
  EXPECT_TRUE(description.open_fields) << "single records may lack some";
  EXPECT_EQ(description.records_total, 2U);
}

TEST(InlineSource, RecordsKeepTheirTypesAndTheirText) {
  const auto source = source_of({R"({"id": 1, "name": null})", R"({"name": "a\"b", "more": [1]})"});
  const auto records = read_all(*source, plan_all(*source, {}));
  ASSERT_EQ(records.size(), 2U);
  EXPECT_THAT(records[0].kinds,
              ElementsAre(FieldKind::integer, FieldKind::null, FieldKind::absent));
  EXPECT_THAT(records[1].kinds, ElementsAre(FieldKind::absent, FieldKind::string, FieldKind::json));
  EXPECT_THAT(records[1].values, ElementsAre("", "a\"b", "[1]"));
  EXPECT_EQ(records[1].raw, R"({"name": "a\"b", "more": [1]})");
  EXPECT_EQ(records[1].place.ordinal, 1U);
  EXPECT_EQ(records[1].place.line, 0U);
  EXPECT_EQ(records[1].place.byte_offset, 0U);
}

TEST(InlineSource, TheLastOfANameWins) {
  const auto source = source_of({R"({"a":1,"a":"two"})"});
  EXPECT_THAT(read_all(*source, plan_all(*source, {})).at(0).values, ElementsAre("two"));
}

TEST(InlineSource, ARecordThatIsNoObjectIsRejectedAlone) {
  const auto source = source_of({R"({"a":1})", "[1]", R"({"a":)", R"({"a":2})"});
  const auto records = read_all(*source, plan_all(*source, {}));
  ASSERT_EQ(records.size(), 4U);
  EXPECT_EQ(records[1].error->code, Code::not_an_object);
  EXPECT_EQ(records[2].error->code, Code::invalid_json);
  EXPECT_THAT(records[2].error->message, HasSubstr("byte 5"));
  EXPECT_EQ(records[2].raw, R"({"a":)");
  EXPECT_THAT(records[2].kinds, ElementsAre(FieldKind::absent));
  EXPECT_THAT(records[3].values, ElementsAre("2"));
}

TEST(InlineSource, RangesHoldMaxRecordsAndCloseBeforeMaxBytes) {
  const std::vector<std::string> records(5, R"({"a":1})");
  EXPECT_THAT(counts_of(plan_all(*source_of(records), {.max_records = 2})), ElementsAre(2, 2, 1));
  EXPECT_THAT(counts_of(plan_all(*source_of(records), {.max_bytes = 21})), ElementsAre(3, 2));
  EXPECT_THAT(counts_of(plan_all(*source_of(records), {.max_bytes = 1})),
              ElementsAre(1, 1, 1, 1, 1));
  EXPECT_THAT(counts_of(plan_all(*source_of(records), {.max_records = 2, .max_ranges = 1})),
              ElementsAre(2, 2, 1));
  EXPECT_THAT(plan_all(*source_of({}), {}), IsEmpty());
}

TEST(InlineSource, TheLimitCutsTheArray) {
  ConnectorContext context;
  const auto source = source_of({R"({"a":1})", R"({"b":2})"}, 1);
  EXPECT_EQ(source->count(context), 1U);
  EXPECT_THAT(source->describe(context).fields, ElementsAre("a"));
  EXPECT_THAT(counts_of(plan_all(*source, {})), ElementsAre(1));
}

TEST(InlineSource, TheCountIsTheArraysLength) {
  ConnectorContext context;
  EXPECT_EQ(source_of({"{}", "{}"})->count(context), 2U);
}

TEST(InlineSource, TheFingerprintIsOfTheContent) {
  ConnectorContext context;
  const auto fingerprint = [&](std::vector<std::string> records) {
    return source_of(std::move(records))->fingerprint(context);
  };
  EXPECT_EQ(fingerprint({"{}", "{}"}), fingerprint({"{}", "{}"}));
  EXPECT_NE(fingerprint({"{}"}), fingerprint({"{}", "{}"}));
  EXPECT_NE(fingerprint({"{ }"}), fingerprint({"{}"}));
}

TEST(InlineSource, OtherRecordsThanPlannedAreNoticed) {
  const auto ranges = plan_all(*source_of({R"({"a":1})", R"({"a":2})"}), {});
  for (const auto& records : {std::vector<std::string>{R"({"a":1})", R"({"a":3})"},
                              std::vector<std::string>{R"({"a":1})"}}) {
    try {
      read_all(*source_of(records), ranges);
      FAIL() << "nothing was thrown";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Code::source_changed);
    }
  }
}

TEST(InlineSource, APositionOfANewerFormatIsRefused) {
  ConnectorContext context;
  try {
    source_of({"{}"})->plan("2 x", {}, context);
    FAIL() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::newer_format);
  }
}

}  // namespace
}  // namespace freight::testing
