#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "report/csv_text.hpp"
#include "report/raw_columns.hpp"
#include "report/stored_spec.hpp"

namespace freight::report {
namespace {

using Values = std::vector<std::optional<std::string>>;

std::string field(std::optional<std::string_view> text) {
  std::string out;
  append_csv_field(out, text);
  return out;
}

TEST(CsvField, IsQuotedOnlyWhereItMustBe) {
  EXPECT_EQ(field(std::nullopt), "");
  EXPECT_EQ(field(""), R"("")");
  EXPECT_EQ(field("plain text"), "plain text");
  EXPECT_EQ(field("a,b"), R"("a,b")");
  EXPECT_EQ(field("say \"hi\""), R"("say ""hi""")");
  EXPECT_EQ(field("a\nb"), "\"a\nb\"");
  EXPECT_EQ(field("a\rb"), "\"a\rb\"");
}

TEST(EscapedBytes, KeepEveryByteTellable) {
  EXPECT_EQ(escape_bytes("caf\xE9"), "caf\\xE9");
  EXPECT_EQ(escape_bytes("caf\xC3\xA9\\n\xFF"
                         "\xC3\xA9"),
            "caf\xC3\xA9\\\\n\\xFF\xC3\xA9");
  EXPECT_EQ(escape_bytes(std::string_view("a\0b", 3)), "a\\x00b");
  EXPECT_EQ(escape_bytes("\xE2\x82"), "\\xE2\\x82");
  EXPECT_TRUE(is_plain_text("caf\xC3\xA9\\"));
  EXPECT_FALSE(is_plain_text("caf\xE9"));
  EXPECT_FALSE(is_plain_text(std::string_view("a\0b", 3)));
}

std::string csv_spec(const std::string& dialect = "{}") {
  return R"({"source":{"type":"csv","path":"/x.csv","dialect":)" + dialect +
         R"(},"destination":{"type":"null"}})";
}

Values split(const std::string& spec, const std::string& raw,
             std::optional<std::uint64_t> byte_length = std::nullopt,
             const std::string& locator = {}) {
  DeadLetter record;
  record.raw = raw;
  record.byte_length = byte_length.value_or(raw.size());
  Job job;
  job.spec = spec;
  job.source_fields = {"id", "name", "note"};
  const RawColumns columns(job);
  return columns.split(columns.text_of(record), record.byte_length, locator);
}

TEST(RawColumns, PutTheColumnsOfAFileWithAnotherOrderInTheirPlaces) {
  EXPECT_EQ(split(csv_spec(), "x,1,b", std::nullopt, "file/1 4 2,0,1 /data/e.csv"),
            (Values{"1", "b", "x"}));
  EXPECT_EQ(split(csv_spec(), "b,1", std::nullopt, "file/1 4 1,0 /data/e.csv"),
            (Values{"1", "b", std::nullopt}));
  EXPECT_EQ(split(csv_spec(), "1,b,x", std::nullopt, "file/1 4 - /data/e.csv"),
            (Values{"1", "b", "x"}));
}

TEST(RawColumns, NameTheFileFirstInTheHeaderOfSeveralFiles) {
  Job job;
  job.spec = csv_spec();
  job.source_fields = {"id", "file"};
  EXPECT_EQ(RawColumns(job).rejects_header().front(), "ordinal");
  EXPECT_EQ(RawColumns(job).rejects_header().back(), "file");
  job.fingerprint = "files/1 3 abc";
  EXPECT_EQ(RawColumns(job).rejects_header().front(), "file");
  EXPECT_EQ(RawColumns(job).rejects_header()[1], "ordinal");
  EXPECT_EQ(RawColumns(job).rejects_header().back(), "source:file");
}

TEST(RawColumns, SplitCsvByPosition) {
  EXPECT_EQ(split(csv_spec(), R"(1,"a ""b"", c",x)"), (Values{"1", "a \"b\", c", "x"}));
  EXPECT_EQ(split(csv_spec(), R"(1,,"")"), (Values{"1", std::nullopt, ""}));
}

TEST(RawColumns, TakeWhatThereIsOfTooFewAndTooManyFields) {
  EXPECT_EQ(split(csv_spec(), "1,a"), (Values{"1", "a", std::nullopt}));
  EXPECT_EQ(split(csv_spec(), "1,a,b,c,d"), (Values{"1", "a", "b"}));
}

TEST(RawColumns, KeepFieldsWithMisplacedQuotesAsTheyStand) {
  EXPECT_EQ(split(csv_spec(), R"(1,a"b,c)"), (Values{"1", R"(a"b)", "c"}));
  EXPECT_EQ(split(csv_spec(), R"(1,"a"b,c)"), (Values{"1", R"("a"b)", "c"}));
}

TEST(RawColumns, UseTheDialectOfTheSpec) {
  EXPECT_EQ(split(csv_spec(R"({"delimiter":";","quoteChar":"'"})"), "1;'a;b';\"x\""),
            (Values{"1", "a;b", "\"x\""}));
  EXPECT_EQ(split(csv_spec(R"({"delimiter":"\t"})"), "1\ta,b\tc"), (Values{"1", "a,b", "c"}));
}

TEST(RawColumns, AreEmptyWhenTheRawTextIsNotWhole) {
  EXPECT_EQ(split(csv_spec(), "1,a,b", 100'000), Values(3));
  EXPECT_EQ(split(csv_spec(), "", 5), Values(3));
}

std::string encoded_spec(const std::string& encoding, const std::string& dialect = "{}") {
  return R"({"source":{"type":"csv","path":"/x.csv","encoding":")" + encoding + R"(","dialect":)" +
         dialect + R"(},"destination":{"type":"null"}})";
}

TEST(RawColumns, AreUtf8WhateverTheEncodingOfTheSource) {
  EXPECT_EQ(split(encoded_spec("windows-1252"), "Z\xFCrich,\x80 5,\"\xE9\"\"\""),
            (Values{"Z\xC3\xBCrich", "\xE2\x82\xAC 5", "\xC3\xA9\""}));
  EXPECT_EQ(split(encoded_spec("iso-8859-15"), "\xA4,\xBC,x"),
            (Values{"\xE2\x82\xAC", "\xC5\x92", "x"}));
  EXPECT_EQ(split(encoded_spec("iso-8859-1"), "\xA4,b,c"), (Values{"\xC2\xA4", "b", "c"}));
  // 0x81 is nothing in windows-1252.
  EXPECT_EQ(split(encoded_spec("windows-1252"), "\xFC,\x81\x80,x"),
            (Values{"\xC3\xBC", "\x81\xE2\x82\xAC", "x"}));
}

TEST(RawColumns, KnowATextThatIsNotWholeInEveryEncoding) {
  // In UTF-8 it is longer than the record was.
  EXPECT_EQ(split(encoded_spec("windows-1252"), "\xFC,\xFC,\xFC\x81", 7), Values(3));
  EXPECT_NE(split(encoded_spec("windows-1252"), "\xFC,\xFC,\xFC\x81", 6), Values(3));
}

constexpr const char* rejects_cells =
    "7,9,1,5,type_mismatch,data,validate,name,x,,\"bad, very\",1,1,open,\"1,x,y\",";

TEST(RawColumns, OfARejectsFileAreThoseOfTheSourceThatItIsOf) {
  const std::string row = rejects_cells;
  EXPECT_EQ(split(csv_spec(), row + "utf-8,1,x,y"), (Values{"1", "x", "y"}));
  EXPECT_EQ(split(csv_spec(), row + "utf-8,1,\"\","), (Values{"1", "", std::nullopt}));
  EXPECT_EQ(split(csv_spec(), row + "utf-8,1"), (Values{"1", std::nullopt, std::nullopt}));
  EXPECT_EQ(split(csv_spec(), row + "escaped,\\xFC,a\\\\b,y"), (Values{"\xFC", "a\\b", "y"}));
  // Freight writes it with commas and in UTF-8, whatever the source was.
  EXPECT_EQ(split(encoded_spec("windows-1252", R"({"delimiter":";"})"), row + "utf-8,1,\xC3\xBC,y"),
            (Values{"1", "\xC3\xBC", "y"}));
  // Saved by another program.
  EXPECT_EQ(split(encoded_spec("windows-1252", R"({"delimiter":";"})"),
                  "7;9;1;5;type_mismatch;data;validate;name;x;;bad;1;1;open;1,x;utf-8;1;\xFC;y"),
            (Values{"1", "\xC3\xBC", "y"}));
}

TEST(RawColumns, TakeJsonByName) {
  const std::string spec =
      R"({"source":{"type":"inline","records":[]},"destination":{"type":"null"}})";
  EXPECT_EQ(split(spec, R"({"name":"é","id":12345678901234567890.10,"other":1})"),
            (Values{"12345678901234567890.10", "é", std::nullopt}));
  EXPECT_EQ(split(spec, R"({"id":null,"name":"","note":{"a":[1,true]}})"),
            (Values{std::nullopt, "", R"({"a":[1,true]})"}));
  const std::string jsonl = R"({"source":{"type":"jsonl","path":"/x","encoding":"iso-8859-15"},)"
                            R"("destination":{"type":"null"}})";
  EXPECT_EQ(split(jsonl, "{\"id\":1,\"name\":\"\xA4\"}"),
            (Values{"1", "\xE2\x82\xAC", std::nullopt}));
}

}  // namespace
}  // namespace freight::report
