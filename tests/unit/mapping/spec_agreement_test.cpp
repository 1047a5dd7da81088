// What the spec's parser lets through, the mapping understands: from JSON to values.
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "freight/job_spec.hpp"
#include "mapping_support.hpp"

namespace freight::mapping {
namespace {

using ::testing::Optional;

/// One field `value` of this schema through this mapping entry (both JSON objects; the entry may be
/// empty). Rejected records give "!" and the first code.
std::optional<std::string> mapped(const std::string& field, const std::string& entry,
                                  const std::string& text) {
  std::string json = R"({"source": {"type": "csv", "path": "/x.csv"},
    "schema": {"timezone": "+01:00", "missingValues": ["", "NA"], "fields": [)" +
                     field + "]}, ";
  if (!entry.empty()) json += "\"mapping\": [" + entry + "], ";
  json += R"("destination": {"type": "null"}})";
  const SpecResult result = parse_job_spec(json);
  const RecordMapper mapper(result.value(), header({"value"}), open_catalog());
  TestBatch batch({"value"});
  batch.add_bare({text});
  MappedBatch out;
  mapper.map(batch.batch(), out);
  if (out.rows.rows() == 1) return row_of(out, 0).at(0);
  return "!" + std::string(to_string(out.exceptions.at(0).errors.at(0).code));
}

TEST(SpecAgreement, EveryLetterOfAFormat) {
  const auto date = [](const std::string& type, const std::string& format,
                       const std::string& text) {
    return mapped(R"({"name": "value", "type": ")" + type + R"(", "format": ")" + format + "\"}",
                  "", text);
  };
  EXPECT_THAT(date("date", "%d.%m.%Y", "29.02.2024"), Optional(std::string("2024-02-29")));
  EXPECT_THAT(date("date", "%y/%j", "24/060"), Optional(std::string("2024-02-29")));
  EXPECT_THAT(date("date", "%b %d %Y", "Feb 29 2024"), Optional(std::string("2024-02-29")));
  EXPECT_THAT(date("date", "%B %d %Y", "February 29 2024"), Optional(std::string("2024-02-29")));
  EXPECT_THAT(date("time", "%I:%M:%S.%f %p", "01:02:03.5 PM"),
              Optional(std::string("13:02:03.500000")));
  EXPECT_THAT(date("datetime", "%Y%m%d%H%M%z", "202402290100+0200"),
              Optional(std::string("2024-02-28 23:00:00+00:00")));
  EXPECT_THAT(date("datetime", "%Y%m%d", "20240229"),
              Optional(std::string("2024-02-28 23:00:00+00:00")));
  EXPECT_THAT(date("datetime", "epoch_s", "0"), Optional(std::string("1970-01-01 00:00:00+00:00")));
  EXPECT_THAT(date("datetime", "epoch_ms", "1"),
              Optional(std::string("1970-01-01 00:00:00.001000+00:00")));
}

TEST(SpecAgreement, LimitsOfEveryOrderedType) {
  const auto limited = [](const std::string& type, const std::string& minimum,
                          const std::string& text) {
    return mapped(R"({"name": "value", "type": ")" + type + R"(", "constraints": {"minimum": )" +
                      minimum + "}}",
                  "", text);
  };
  EXPECT_EQ(limited("integer", "-9223372036854775808", "-9223372036854775808"),
            "-9223372036854775808");
  EXPECT_EQ(limited("integer", "5", "4"), "!out_of_range");
  EXPECT_EQ(limited("decimal", "0.10000000000000000000000001", "0.1"), "!out_of_range");
  EXPECT_EQ(limited("decimal", "\"1.5\"", "1.50"), "1.50");
  EXPECT_EQ(limited("number", "1e3", "999"), "!out_of_range");
  EXPECT_EQ(limited("date", "\"2024-02-29\"", "2024-02-28"), "!out_of_range");
  EXPECT_EQ(limited("time", "\"12:00\"", "11:59:59"), "!out_of_range");
  EXPECT_EQ(limited("time", "\"12:00\"", "12:00"), "12:00:00");
  // A limit without a zone is in the schema's own, as the values are.
  EXPECT_EQ(limited("datetime", "\"2024-01-01T00:00\"", "2024-01-01T00:00"),
            "2023-12-31 23:00:00+00:00");
  EXPECT_EQ(limited("datetime", "\"2024-01-01T00:00\"", "2023-12-31T22:59Z"), "!out_of_range");
}

TEST(SpecAgreement, EnumerationsOfEveryType) {
  const auto listed = [](const std::string& type, const std::string& values,
                         const std::string& text) {
    return mapped(R"({"name": "value", "type": ")" + type + R"(", "constraints": {"enum": [)" +
                      values + "]}}",
                  "", text);
  };
  EXPECT_EQ(listed("string", R"("a", "b")", "b"), "b");
  EXPECT_EQ(listed("string", R"("a", "b")", "c"), "!not_in_enum");
  EXPECT_EQ(listed("integer", "1, 2", "02"), "2");
  EXPECT_EQ(listed("decimal", "1.5", "1.50"), "1.50");
  EXPECT_EQ(listed("boolean", "true", "Yes"), "true");
  EXPECT_EQ(listed("boolean", "true", "no"), "!not_in_enum");
  EXPECT_EQ(listed("date", "\"2024-02-29\"", "2024-02-29"), "2024-02-29");
  EXPECT_EQ(listed("uuid", "\"01234567-89AB-cdef-0123-456789abcdef\"",
                   "0123456789abcdef0123456789abcdef"),
            "01234567-89ab-cdef-0123-456789abcdef");
}

TEST(SpecAgreement, FieldOptions) {
  EXPECT_EQ(mapped(R"({"name": "value", "type": "decimal", "decimalChar": ",", "groupChar": "."})",
                   "", "1.234,50"),
            "1234.50");
  EXPECT_EQ(mapped(R"({"name": "value", "type": "integer", "groupChar": "'"})", "", "1'234"),
            "1234");
  EXPECT_EQ(
      mapped(
          R"({"name": "value", "type": "boolean", "trueValues": ["ja"], "falseValues": ["nein"]})",
          "", "ja"),
      "true");
  EXPECT_EQ(mapped(R"({"name": "value", "type": "boolean", "trueValues": ["ja"]})", "", "no"),
            "false");
  EXPECT_EQ(mapped(R"({"name": "value", "type": "integer"})", "", "NA"), std::nullopt);
  EXPECT_EQ(mapped(R"({"name": "value", "constraints": {"required": true}})", "", "NA"),
            "!required");
  EXPECT_EQ(
      mapped(R"({"name": "value", "constraints": {"pattern": "^\\d+$", "minLength": 2}})", "", "1"),
      "!too_short");
  EXPECT_EQ(mapped(R"({"name": "value", "type": "date", "on_error": "null"})", "", "soon"),
            std::nullopt);
}

TEST(SpecAgreement, MappingEntries) {
  const std::string text = R"({"name": "value"})";
  const std::string date =
      R"({"name": "value", "type": "date", "format": "%d.%m.%Y", "on_error": "default"})";
  EXPECT_EQ(mapped(text, R"({"to": "a", "from": "value", "transform": ["trim", "upper"]})", " ä "),
            "Ä");
  EXPECT_EQ(
      mapped(text, R"({"to": "a", "from": "value", "lookup": {"1": true, "2": null, "3": 0.10}})",
             "1"),
      "true");
  EXPECT_EQ(
      mapped(text, R"({"to": "a", "from": "value", "lookup": {"1": true, "2": null, "3": 0.10}})",
             "2"),
      std::nullopt);
  EXPECT_EQ(
      mapped(text, R"({"to": "a", "from": "value", "lookup": {"1": true, "2": null, "3": 0.10}})",
             "3"),
      "0.10");
  EXPECT_EQ(mapped(text, R"({"to": "a", "from": "value", "lookup": {"1": 1}})", "4"),
            "!lookup_miss");
  EXPECT_EQ(mapped(text, R"({"to": "a", "from": "value", "lookup": {"1": 1}, "default": 7})", "4"),
            "7");
  EXPECT_EQ(
      mapped(text, R"({"to": "a", "from": "value", "type": "datetime", "format": "epoch_s"})", "1"),
      "1970-01-01 00:00:01+00:00");
  EXPECT_EQ(mapped(date, R"({"to": "a", "from": "value", "default": "1970-01-01"})", "soon"),
            "1970-01-01");
  EXPECT_EQ(mapped(date, R"({"to": "a", "from": "value", "default": "31.12.1999"})", ""),
            "1999-12-31");
  EXPECT_EQ(mapped(text, R"({"to": "a", "const": 12345678901234567890.123456789})", "x"),
            "12345678901234567890.123456789");
  EXPECT_EQ(mapped(text, R"({"to": "a", "const": {"a": [1]}})", "x"), R"({"a":[1]})");
  EXPECT_EQ(mapped(text, R"({"to": "a", "const": null})", "x"), std::nullopt);
  EXPECT_EQ(
      mapped(text, R"({"to": "a", "const": "29.02.2024", "type": "date", "format": "%d.%m.%Y"})",
             "x"),
      "2024-02-29");
}

}  // namespace
}  // namespace freight::mapping
