// A rejects file as a source, and as a list of corrected records: job-spec.md section 7.

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "connectors/csv/rejects_file.hpp"
#include "unit/csv/csv_fixture.hpp"

namespace freight::testing {
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
  EXPECT_EQ(CsvFile("ordinal,\"line\nx\"\n1,2\n").describe().fields.size(), 2U);
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

TEST(RejectsFile, ItGivesEachRecordsOrdinalAndCells) {
  const CsvFile made(header + ",id,n\n" + row("17", "utf-8", "1,\"a\nb\"") +
                     row("20", "escaped", "x\\\\,") + row("oops", "utf-8", "1,2") +
                     row("21", "utf-8", "1") + row("22", "escaped", "\\xE9,1"));
  csv::RejectsFile file(made.path());
  EXPECT_EQ(file.columns(), (Values{"id", "n"}));
  const auto* record = file.next();
  ASSERT_NE(record, nullptr);
  EXPECT_EQ(record->ordinal, 17U);
  EXPECT_EQ(record->line, 2U);
  ASSERT_EQ(record->fields.size(), 2U);
  EXPECT_EQ(record->fields[0].text(), "1");
  EXPECT_EQ(record->fields[1].text(), "a\nb");
  record = file.next();
  EXPECT_EQ(record->ordinal, 20U);
  EXPECT_EQ(record->fields[0].text(), "x\\");
  EXPECT_EQ(record->fields[1].kind, FieldKind::unquoted);
  EXPECT_EQ(record->fields[1].size, 0U);
  EXPECT_EQ(file.next()->error->code, Code::type_mismatch);
  EXPECT_EQ(file.next()->error->code, Code::too_few_fields);
  record = file.next();
  EXPECT_EQ(record->error->code, Code::invalid_utf8);
  EXPECT_TRUE(record->fields.empty());
  EXPECT_EQ(file.next(), nullptr);
  EXPECT_EQ(file.next(), nullptr);
}

TEST(RejectsFile, ItGoesOnOverManyRows) {
  std::string text = header + ",id\n";
  for (int index = 0; index < 2500; ++index) {
    text += row(std::to_string(index), "utf-8", std::to_string(index * 2));
  }
  const CsvFile made(text);
  csv::RejectsFile file(made.path());
  std::uint64_t count = 0;
  while (const auto* record = file.next()) {
    ASSERT_EQ(record->ordinal, count);
    ASSERT_EQ(record->fields[0].text(), std::to_string(count * 2));
    ++count;
  }
  EXPECT_EQ(count, 2500U);
}

TEST(RejectsFile, AnotherFileIsRefused) {
  const CsvFile made("id,n\n1,2\n");
  EXPECT_EQ(failure_from([&] { csv::RejectsFile file(made.path()); }).code, Code::missing_header);
}

}  // namespace
}  // namespace freight::testing
