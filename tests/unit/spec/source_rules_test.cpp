#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "freight/connector_registry.hpp"
#include "unit/spec/spec_testing.hpp"

namespace freight {
namespace {

using testing_spec::parse_good;
using testing_spec::with_source;

std::string with_dialect(std::string_view members) {
  return with_source(R"({"type": "csv", "path": "a", "dialect": {)" + std::string(members) + "}}");
}

using SourceRule = testing_spec::RefusedSpec;
TEST_P(SourceRule, RefusesIt) { expect_refused(); }

INSTANTIATE_TEST_SUITE_P(
    Source, SourceRule,
    testing::ValuesIn(std::vector<testing_spec::WrongSpec>{
        {"NotAnObject", with_source("5"), {"/source wrong_type"}},
        {"Null", with_source("null"), {"/source wrong_type"}},
        {"WithoutType", with_source(R"({"path": "a"})"), {"/source/type missing_key"}},
        {"TypeNotAString", with_source(R"({"type": 1})"), {"/source/type wrong_type"}},
        {"TypeUnknown",
         with_source(R"({"type": "cvs", "path": "a"})"),
         {"/source/type unsupported_connector"}},
        {"WithoutPath", with_source(R"({"type": "csv"})"), {"/source/path missing_key"}},
        {"EmptyPath",
         with_source(R"({"type": "csv", "path": ""})"),
         {"/source/path value_out_of_range"}},
        {"PathWithNul",
         with_source(R"({"type": "csv", "path": "a\u0000b"})"),
         {"/source/path invalid_value"}},
        {"PathNotAString",
         with_source(R"({"type": "csv", "path": 7})"),
         {"/source/path wrong_type"}},
        {"OneOfManyPathsNotAString",
         with_source(R"({"type": "csv", "path": ["a", 7]})"),
         {"/source/path/1 wrong_type"}},
        {"UnknownKey",
         with_source(R"({"type": "csv", "path": "a", "limits": 1})"),
         {"/source/limits unknown_key"}},
        {"KeyOfAnotherType",
         with_source(R"({"type": "csv", "path": "a", "records": []})"),
         {"/source/records unknown_key"}},
        {"LimitZero",
         with_source(R"({"type": "csv", "path": "a", "limit": 0})"),
         {"/source/limit value_out_of_range"}},
        {"LimitNegative",
         with_source(R"({"type": "csv", "path": "a", "limit": -5})"),
         {"/source/limit value_out_of_range"}},
        {"LimitBeyond64Bits",
         with_source(R"({"type": "csv", "path": "a", "limit": 18446744073709551616})"),
         {"/source/limit value_out_of_range"}},
        {"LimitAFraction",
         with_source(R"({"type": "csv", "path": "a", "limit": 1e3})"),
         {"/source/limit wrong_type"}},
        {"MaxRecordBytesZero",
         with_source(R"({"type": "csv", "path": "a", "max_record_bytes": 0})"),
         {"/source/max_record_bytes value_out_of_range"}},
        {"EncodingUnknown",
         with_source(R"({"type": "csv", "path": "a", "encoding": "utf8"})"),
         {"/source/encoding invalid_value"}},
        {"DialectNotAnObject",
         with_source(R"({"type": "csv", "path": "a", "dialect": ","})"),
         {"/source/dialect wrong_type"}},
        {"DelimiterOfTwo",
         with_dialect(R"("delimiter": "||")"),
         {"/source/dialect/delimiter invalid_value"}},
        {"DelimiterNull",
         with_dialect(R"("delimiter": null)"),
         {"/source/dialect/delimiter wrong_type"}},
        {"DelimiterNotAscii",
         with_dialect(R"("delimiter": "§")"),
         {"/source/dialect/delimiter invalid_value"}},
        {"DelimiterALineEnd",
         with_dialect(R"("delimiter": "\n")"),
         {"/source/dialect/delimiter invalid_value"}},
        {"QuoteACarriageReturn",
         with_dialect(R"("quoteChar": "\r")"),
         {"/source/dialect/quoteChar invalid_value"}},
        {"QuoteNotAString",
         with_dialect(R"("quoteChar": false)"),
         {"/source/dialect/quoteChar wrong_type"}},
        {"CharactersAlike",
         with_dialect(
             R"("delimiter": ";", "quoteChar": "'", "escapeChar": "'", "commentChar": ";")"),
         {"/source/dialect/commentChar invalid_value", "/source/dialect/escapeChar invalid_value"}},
        {"DefaultQuoteAsDelimiter",
         with_dialect(R"("delimiter": "\"")"),
         {"/source/dialect/quoteChar invalid_value"}},
        {"HeaderNamesEmpty",
         with_dialect(R"("headerNames": [])"),
         {"/source/dialect/headerNames value_out_of_range"}},
        {"HeaderNamesTwice",
         with_dialect(R"("headerNames": ["a", "b", "a"])"),
         {"/source/dialect/headerNames invalid_value"}},
        {"HeaderNameEmpty",
         with_dialect(R"("headerNames": ["a", "", 3])"),
         {"/source/dialect/headerNames/1 value_out_of_range",
          "/source/dialect/headerNames/2 wrong_type"}},
        {"HeaderNamesOfAWord",
         with_dialect(R"("headerNames": "automatic")"),
         {"/source/dialect/headerNames invalid_value"}},
        {"SkipRowsNegative",
         with_dialect(R"("skipRows": -1)"),
         {"/source/dialect/skipRows value_out_of_range"}},
        {"FlagsOfAWrongType",
         with_dialect(R"("doubleQuote": 1, "skipInitialSpace": "x", "caseSensitiveHeader": null)"),
         {"/source/dialect/caseSensitiveHeader wrong_type",
          "/source/dialect/doubleQuote wrong_type", "/source/dialect/skipInitialSpace wrong_type"}},
        {"DialectUnknownKey",
         with_dialect(R"("thousandsChar": ",")"),
         {"/source/dialect/thousandsChar unknown_key"}},
        {"LineTerminatorThatIsNone",
         with_dialect(R"("lineTerminator": ";")"),
         {"/source/dialect/lineTerminator invalid_value"}},
        {"SkipBlankRecordsOfAWord",
         with_dialect(R"("skip_blank_records": "yes")"),
         {"/source/dialect/skip_blank_records wrong_type"}},
        {"TrailingDelimiterOfAFlag",
         with_dialect(R"("trailing_delimiter": true)"),
         {"/source/dialect/trailing_delimiter wrong_type"}},
        {"TrailingDelimiterUnknown",
         with_dialect(R"("trailing_delimiter": "ignore")"),
         {"/source/dialect/trailing_delimiter invalid_value"}},
        {"FooterRowsTooMany",
         with_dialect(R"("footer_rows": 1001)"),
         {"/source/dialect/footer_rows value_out_of_range"}},
        {"InlineWithoutRecords",
         with_source(R"({"type": "inline"})"),
         {"/source/records missing_key"}},
        {"InlineRecordsNotAnArray",
         with_source(R"({"type": "inline", "records": {"a": 1}})"),
         {"/source/records wrong_type"}},
        {"InlineRecordsThatAreNoObjects",
         with_source(R"({"type": "inline", "records": [{}, 1, "a", null, [{"a": 1}], {"b": 2}]})"),
         {"/source/records/1 wrong_type", "/source/records/2 wrong_type",
          "/source/records/3 wrong_type", "/source/records/4 wrong_type"}},
        {"InlineRecordsWithDuplicateKeys",
         with_source(
             R"({"type": "inline", "records": [{"a": 1, "a": 2, "a": 3}, {"b": [0, {"c": {"d": 1, "d": 2}}]}]})"),
         {"/source/records/0/a duplicate_key", "/source/records/1/b/1/c/d duplicate_key"}},
        {"InlineWithKeysOfCsv",
         with_source(R"({"type": "inline", "records": [], "path": "a", "dialect": {}})"),
         {"/source/dialect unknown_key", "/source/path unknown_key"}},
    }),
    testing_spec::name_of_case);

using LaterSourceRule = testing_spec::RefusedSpec;
TEST_P(LaterSourceRule, IsRefusedAsUnsupported) { expect_refused(); }

INSTANTIATE_TEST_SUITE_P(
    Source, LaterSourceRule,
    testing::ValuesIn(std::vector<testing_spec::WrongSpec>{
        {"Http", with_source(R"({"type": "http"})"), {"/source/type unsupported_connector"}},
        {"Upload",
         with_source(R"({"type": "csv", "upload": "u"})"),
         {"/source/upload unsupported_key"}},
        {"UploadOfJsonl",
         with_source(R"({"type": "jsonl", "upload": "u"})"),
         {"/source/upload unsupported_key"}},
        {"Connection",
         with_source(R"({"type": "sql", "connection": "crm", "table": "t"})"),
         {"/source/connection unsupported_key"}},
    }),
    testing_spec::name_of_case);

TEST(SpecSource, TakesTheWholeDialect) {
  const JobSpec spec = parse_good(with_dialect(
      R"("delimiter": "\t", "quoteChar": "'", "doubleQuote": false, "escapeChar": "\\",
         "header": false, "headerNames": ["a", "b"], "skipRows": 3, "commentChar": "#",
         "skipInitialSpace": true, "caseSensitiveHeader": true, "lineTerminator": "\r",
         "skip_blank_records": true, "trailing_delimiter": "allow",
         "footer_rows": 2)"));
  const CsvDialect& dialect = std::get<CsvSourceSpec>(spec.source).dialect;
  EXPECT_EQ(dialect.delimiter, '\t');
  EXPECT_EQ(dialect.quote_char, '\'');
  EXPECT_FALSE(dialect.double_quote);
  EXPECT_EQ(dialect.escape_char, '\\');
  EXPECT_FALSE(dialect.header);
  EXPECT_EQ(dialect.header_names, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(dialect.skip_rows, 3U);
  EXPECT_EQ(dialect.comment_char, '#');
  EXPECT_TRUE(dialect.skip_initial_space);
  EXPECT_TRUE(dialect.case_sensitive_header);
  EXPECT_EQ(dialect.line_terminator, '\r');
  EXPECT_TRUE(dialect.skip_blank_records);
  EXPECT_TRUE(dialect.allow_trailing_delimiter);
  EXPECT_EQ(dialect.footer_rows, 2U);
}

TEST(SpecSource, WithHeaderNamesAutoMakesNames) {
  const JobSpec spec = parse_good(with_dialect(R"("headerNames": "auto")"));
  const CsvDialect& dialect = std::get<CsvSourceSpec>(spec.source).dialect;
  EXPECT_TRUE(dialect.auto_header_names);
  EXPECT_EQ(dialect.header_names, std::nullopt);
  EXPECT_NE(spec.stored_json.find(R"("headerNames":"auto")"), std::string::npos);
  EXPECT_TRUE(
      std::get<CsvSourceSpec>(parse_good(spec.stored_json).source).dialect.auto_header_names);
}

TEST(SpecSource, WithQuoteCharNullQuotesNothing) {
  const JobSpec spec = parse_good(with_dialect(R"("quoteChar": null)"));
  EXPECT_EQ(std::get<CsvSourceSpec>(spec.source).dialect.quote_char, std::nullopt);
}

TEST(SpecSource, PathIsMadeAbsoluteAndNormal) {
  const auto path_of = [](const std::string& path) {
    return std::get<CsvSourceSpec>(
               parse_good(with_source(R"({"type": "csv", "path": ")" + path + R"("})")).source)
        .path;
  };
  EXPECT_EQ(path_of("in.csv"), "/base/in.csv");
  EXPECT_EQ(path_of("./a/../b//c.csv"), "/base/b/c.csv");
  EXPECT_EQ(path_of("/data/in.csv"), "/data/in.csv");
  EXPECT_EQ(path_of("../in.csv"), "/in.csv");
}

TEST(SpecSource, WithoutABaseFolderPathsAreRelativeToTheCurrentOne) {
  const SpecResult result = parse_job_spec(with_source(testing_spec::csv_source));
  EXPECT_EQ(std::get<CsvSourceSpec>(result.value().source).path,
            std::filesystem::current_path() / "in.csv");
}

TEST(SpecSource, InlineRecordsKeepTheirDigitsAndTheirOrder) {
  const JobSpec spec = parse_good(with_source(R"({"type": "inline", "limit": 2, "records": [
      { "z" : 12345678901234567890.123456789 , "a" : -0.10, "e": 1E+2, "big": 9223372036854775808 },
      {"text": "a\"b\\c\n\u00e9\u0001😀", "list": [ 1 , {} , [ ] , null , true ]},
      {} ]})"));
  const auto& source = std::get<InlineSourceSpec>(spec.source);
  EXPECT_EQ(source.limit, 2U);
  EXPECT_THAT(
      source.records,
      testing::ElementsAre(
          R"({"z":12345678901234567890.123456789,"a":-0.10,"e":1E+2,"big":9223372036854775808})",
          R"({"text":"a\"b\\c\né\u0001😀","list":[1,{},[],null,true]})", "{}"));
}

TEST(SpecSource, InlineRecordsStandInWhatIsStoredAndAreCountedInWhatIsShown) {
  const JobSpec spec =
      parse_good(with_source(R"({"type": "inline", "records": [{"a": 1}, {"a": 2}]})"));
  EXPECT_THAT(spec.stored_json, testing::HasSubstr(R"("records":[{"a":1},{"a":2}])"));
  EXPECT_THAT(spec.display_json, testing::HasSubstr(R"("records":{"count":2})"));
  EXPECT_THAT(spec.display_json, testing::Not(testing::HasSubstr(R"({"a":)")));
}

TEST(SpecSource, NoInlineRecordsAreFine) {
  const JobSpec spec = parse_good(with_source(R"({"type": "inline", "records": []})"));
  EXPECT_TRUE(std::get<InlineSourceSpec>(spec.source).records.empty());
}

TEST(SpecSource, OfTheEmbeddingProgramPassesUntouched) {
  SpecOptions options = testing_spec::options_with();
  options.custom_sources = {"crm"};
  const JobSpec spec = parse_good(
      with_source(
          R"({"type": "crm", "page": 1.50, "z": {"b": [1, null], "a": "é"}, "records": [1, {"x": 2}]})"),
      options);
  const auto& source = std::get<CustomConnectorSpec>(spec.source);
  EXPECT_EQ(source.type, "crm");
  EXPECT_EQ(source.options,
            R"({"type":"crm","page":1.50,"z":{"b":[1,null],"a":"é"},"records":[1,{"x":2}]})");
}

TEST(SpecSource, OfAnotherProgramIsRefusedWithTheNearestType) {
  SpecOptions options = testing_spec::options_with();
  options.custom_sources = {"salesforce"};
  const SpecResult result = parse_job_spec(with_source(R"({"type": "salesforse"})"), options);
  EXPECT_THAT(testing_spec::all_details(result), testing::HasSubstr("\"salesforce\""));
}

TEST(SpecSource, OfATypeThatIsRegisteredIsKnownByTheRegistry) {
  ConnectorRegistry connectors;
  connectors.add_source("crm", [](const ConnectorRequest&) { return nullptr; });
  connectors.add_destination("desk", [](const ConnectorRequest&) { return nullptr; });
  const std::string job = R"({"source": {"type": "crm"}, "destination": {"type": "desk"}})";
  EXPECT_FALSE(parse_job_spec(job).spec.has_value());
  const JobSpec spec = parse_job_spec(job, connectors).value();
  EXPECT_EQ(std::get<CustomConnectorSpec>(spec.source).type, "crm");
  EXPECT_EQ(std::get<CustomConnectorSpec>(spec.destination).type, "desk");
}

}  // namespace
}  // namespace freight
