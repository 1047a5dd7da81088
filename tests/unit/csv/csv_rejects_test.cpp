// A rejects file as a source, and as a list of corrected records: job-spec.md section 7.

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "unit/csv/csv_fixture.hpp"

namespace freight::testing::csv_rejects_test {
namespace {

using Values = std::vector<std::string>;

const std::string header =
    "ordinal,line,byte_offset,byte_length,code,category,stage,column,value,expected,message,"
    "error_count,attempts,state,raw,raw_encoding";

std::string row(const std::string& ordinal, const std::string& encoding, const std::string& cells) {
  return ordinal + ",18,1234,9,type_mismatch,data,validate,n,x,\"an integer\",\"No, it is not\"," +
         "1,1,open,\"17,\"\"x\"\"\n\"," + encoding + "," + cells + "\n";
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST(CsvRejects, ItsOwnColumnsArePassedOver) {
  const std::string text = header + ",id,code\n" + row("17", "utf-8", "1,a\\x") +
                           row("20", "utf-8", ",\"\"") + row("21", "utf-8", "3");
  const CsvFile file(text);
  EXPECT_EQ(file.describe().fields, (Values{"id", "code"})) << "a source's column may be so named";
  ASSERT_EQ(file.describe().warnings.size(), 1U);
  EXPECT_TRUE(contains(file.describe().warnings[0], "rejects file"));
  const auto records = file.read();
  ASSERT_EQ(records.size(), 3U);
  EXPECT_EQ(records[0].values, (Values{"1", "a\\x"}));
  EXPECT_EQ(records[0].place.ordinal, 0U) << "places count in the rejects file";
  EXPECT_EQ(records[0].place.line, 2U);
  EXPECT_EQ(records[0].place.byte_offset, header.size() + 9);
  EXPECT_EQ(records[1].place.line, 4U);
  EXPECT_EQ(records[1].kinds, (std::vector<FieldKind>{FieldKind::unquoted, FieldKind::quoted}));
  ASSERT_TRUE(records[2].error);
  EXPECT_EQ(records[2].error->code, Code::too_few_fields);
  EXPECT_TRUE(contains(records[2].error->message, "17 fields instead of 18"));
}

TEST(CsvRejects, ItIsReadAsFreightWritesItWhateverTheDialectOfTheSource) {
  CsvFile file("\xEF\xBB\xBF" + header + ",id,n\n" + row("17", "utf-8", "1,\xC3\xA9"));
  file.dialect() = {.delimiter = ';',
                    .quote_char = '\'',
                    .header = false,
                    .header_names = Values{"x", "y"},
                    .skip_rows = 3};
  file.csv().encoding = Encoding::windows_1252;
  EXPECT_EQ(file.describe().fields, (Values{"id", "n"}));
  EXPECT_EQ(file.read().at(0).values, (Values{"1", "\xC3\xA9"}));
}

TEST(CsvRejects, ItMayHaveBeenSavedInTheDialectOfTheSource) {
  std::string text = header + ",id,n\n17,1,2,3,c,d,e,f,g,h,i,1,1,open,raw,utf-8,1,2\n";
  for (char& byte : text) byte = byte == ',' ? ';' : byte;
  CsvFile file(text);
  file.dialect().delimiter = ';';
  EXPECT_EQ(file.describe().fields, (Values{"id", "n"}));
  EXPECT_EQ(file.read().at(0).values, (Values{"1", "2"}));
}

TEST(CsvRejects, AHeaderThatLacksOneOfItsColumnsIsAnyOther) {
  std::string text = header + ",id\n";
  text.replace(text.find(",state"), 6, "");
  EXPECT_EQ(CsvFile(text).describe().fields.size(), 16U);
  EXPECT_EQ(CsvFile("ordinal,\"a,x\"\n1,2\n").describe().fields.size(), 2U);
}

TEST(CsvRejects, WithoutAColumnOfTheSourceItIsRefused) {
  const CsvFile file(header + "\n");
  EXPECT_EQ(failure_from([&] { file.describe(); }).code, Code::missing_header);
  const CsvFile twice(header + ",id,id\n");
  EXPECT_EQ(failure_from([&] { twice.describe(); }).code, Code::duplicate_header);
}

TEST(CsvRejects, EscapedCellsAreUnescapedAndMustBeText) {
  const CsvFile file(header + ",id,n\n" + row("1", "escaped", "C:\\\\dir,\\xC3\\xA9 \\n") +
                     row("2", "escaped", "2,caf\\xE9") + row("3", "escaped", "3,a\\x00b"));
  const auto records = file.read();
  EXPECT_EQ(records[0].values, (Values{"C:\\dir", "\xC3\xA9 \\n"}));
  EXPECT_EQ(records[1].error->code, Code::invalid_utf8);
  EXPECT_EQ(records[1].error->column, "n");
  EXPECT_EQ(records[1].error->value, "caf\\xE9");
  EXPECT_EQ(records[2].error->code, Code::nul_byte);
}

}  // namespace
}  // namespace freight::testing::csv_rejects_test
