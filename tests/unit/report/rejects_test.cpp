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
             std::optional<std::uint64_t> byte_length = std::nullopt) {
  DeadLetter record;
  record.raw = raw;
  record.byte_length = byte_length.value_or(raw.size());
  return RawColumns(StoredSpec(spec), {"id", "name", "note"}).split(record);
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

TEST(RawColumns, TakeJsonByName) {
  const std::string spec =
      R"({"source":{"type":"inline","records":[]},"destination":{"type":"null"}})";
  EXPECT_EQ(split(spec, R"({"name":"é","id":12345678901234567890.10,"other":1})"),
            (Values{"12345678901234567890.10", "é", std::nullopt}));
  EXPECT_EQ(split(spec, R"({"id":null,"name":"","note":{"a":[1,true]}})"),
            (Values{std::nullopt, "", R"({"a":[1,true]})"}));
}

}  // namespace
}  // namespace freight::report
