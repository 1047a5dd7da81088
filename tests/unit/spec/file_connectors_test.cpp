#include <gtest/gtest.h>

#include "unit/spec/spec_testing.hpp"

namespace freight {
namespace {

using testing_spec::parse_good;
using testing_spec::with_destination;
using testing_spec::with_source;

using FileConnectorRule = testing_spec::RefusedSpec;
TEST_P(FileConnectorRule, RefusesIt) { expect_refused(); }

INSTANTIATE_TEST_SUITE_P(
    Files, FileConnectorRule,
    testing::ValuesIn(std::vector<testing_spec::WrongSpec>{
        {"JsonlWithoutPath", with_source(R"({"type": "jsonl"})"), {"/source/path missing_key"}},
        {"JsonWithAPointerThatIsNone",
         with_source(R"({"type": "json", "path": "a", "records_pointer": "items"})"),
         {"/source/records_pointer invalid_value"}},
        {"JsonWithADialect",
         with_source(R"({"type": "json", "path": "a", "dialect": {}})"),
         {"/source/dialect unknown_key"}},
        {"JsonlWithADialect",
         with_source(R"({"type": "jsonl", "path": "a", "dialect": {}, "encoding": "latin1"})"),
         {"/source/dialect unknown_key", "/source/encoding invalid_value"}},
        {"CsvDestinationWithoutPath",
         with_destination(R"({"type": "csv"})"),
         {"/destination/path missing_key"}},
        {"CsvDestinationWithKeysOfASource",
         with_destination(
             R"({"type": "csv", "path": "a", "encoding": "utf-8", "dialect": {"quoteChar": "'"}})"),
         {"/destination/dialect/quoteChar unknown_key", "/destination/encoding unknown_key"}},
        {"CsvDestinationWithADelimiterThatQuotes",
         with_destination(R"({"type": "csv", "path": "a", "dialect": {"delimiter": "\""}})"),
         {"/destination/dialect/delimiter invalid_value"}},
        {"CsvDestinationWithADelimiterOfTwo",
         with_destination(R"({"type": "csv", "path": "a", "dialect": {"delimiter": "::"}})"),
         {"/destination/dialect/delimiter invalid_value"}},
        {"CsvDestinationWithAHeaderThatIsNoFlag",
         with_destination(R"({"type": "csv", "path": "a", "dialect": {"header": 1}})"),
         {"/destination/dialect/header wrong_type"}},
        {"FileWithADisposition",
         with_destination(R"({"type": "jsonl", "path": "a", "write_disposition": "merge"})"),
         {"/destination/write_disposition unknown_key"}},
        {"FileOfTheSource",
         with_destination(R"({"type": "csv", "path": "x/../in.csv"})"),
         {"/destination/path invalid_value"}},
    }),
    testing_spec::name_of_case);

TEST(SpecFiles, JsonSourceTakesItsKeys) {
  const JobSpec spec = parse_good(with_source(
      R"({"type": "json", "path": "in.json", "limit": 3, "records_pointer": "/a~1b/items"})"));
  const auto& source = std::get<JsonSourceSpec>(spec.source);
  EXPECT_EQ(source.path, "/base/in.json");
  EXPECT_EQ(source.limit, 3U);
  EXPECT_EQ(source.records_pointer, "/a~1b/items");
}

TEST(SpecFiles, JsonlSourceTakesItsKeys) {
  const JobSpec spec = parse_good(with_source(
      R"({"type": "jsonl", "path": "in.jsonl", "encoding": "windows-1252", "limit": 3,
          "max_record_bytes": 100})"));
  const auto& source = std::get<JsonlSourceSpec>(spec.source);
  EXPECT_EQ(source.path, "/base/in.jsonl");
  EXPECT_EQ(source.encoding, Encoding::windows_1252);
  EXPECT_EQ(source.limit, 3U);
  EXPECT_EQ(source.max_record_bytes, 100U);
}

TEST(SpecFiles, CsvSourceTakesEveryEncoding) {
  const std::vector<std::pair<std::string, Encoding>> encodings{
      {"utf-8", Encoding::utf_8},
      {"windows-1252", Encoding::windows_1252},
      {"iso-8859-1", Encoding::iso_8859_1},
      {"iso-8859-15", Encoding::iso_8859_15},
      {"windows-1250", Encoding::windows_1250},
      {"windows-1251", Encoding::windows_1251},
      {"windows-1253", Encoding::windows_1253},
      {"windows-1257", Encoding::windows_1257},
      {"macroman", Encoding::macroman},
      {"ibm850", Encoding::ibm850},
      {"utf-16le", Encoding::utf_16le},
      {"utf-16be", Encoding::utf_16be}};
  for (const auto& [name, encoding] : encodings) {
    const JobSpec spec =
        parse_good(with_source(R"({"type": "csv", "path": "a", "encoding": ")" + name + "\"}"));
    EXPECT_EQ(std::get<CsvSourceSpec>(spec.source).encoding, encoding) << name;
  }
}

TEST(SpecFiles, CsvDestinationTakesItsKeys) {
  const JobSpec spec = parse_good(with_destination(
      R"({"type": "csv", "path": "out.csv", "dialect": {"delimiter": ";", "header": false}})"));
  const auto& destination = std::get<CsvDestinationSpec>(spec.destination);
  EXPECT_EQ(destination.path, "/base/out.csv");
  EXPECT_EQ(destination.delimiter, ';');
  EXPECT_FALSE(destination.header);
}

TEST(SpecFiles, DestinationsHaveDefaults) {
  const JobSpec csv = parse_good(with_destination(R"({"type": "csv", "path": "out.csv"})"));
  EXPECT_EQ(std::get<CsvDestinationSpec>(csv.destination).delimiter, ',');
  EXPECT_TRUE(std::get<CsvDestinationSpec>(csv.destination).header);
  EXPECT_NE(csv.stored_json.find(R"("dialect":{"delimiter":",","header":true})"),
            std::string::npos);
  const JobSpec jsonl = parse_good(with_destination(R"({"type": "jsonl", "path": "out.jsonl"})"));
  EXPECT_EQ(std::get<JsonlDestinationSpec>(jsonl.destination).path, "/base/out.jsonl");
}

TEST(SpecFiles, ValidationIntoAFileIsFine) {
  EXPECT_EQ(
      parse_good(with_destination(R"({"type": "csv", "path": "o.csv"}, "mode": "validate")")).mode,
      JobMode::validate);
}

}  // namespace
}  // namespace freight
