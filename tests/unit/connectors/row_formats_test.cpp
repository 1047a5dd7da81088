// How rows become the bytes of CSV and JSONL files.

#include <gtest/gtest.h>

#include "connectors/csv/csv_rows.hpp"
#include "connectors/jsonl/jsonl_rows.hpp"

namespace freight {
namespace {

using csv::CsvRows;
using jsonl::JsonlRows;

struct Cell {
  std::optional<std::string_view> text;
  ValueType type = ValueType::string;
};

OutputBatch batch_of(const std::vector<std::string>& names, const std::vector<Cell>& cells) {
  OutputBatch batch;
  for (const auto& name : names) batch.columns.push_back({.name = name});
  for (const auto& cell : cells) {
    Value value;
    value.type = cell.type;
    if (cell.text) {
      value.data = cell.text->data();
      value.size = static_cast<std::uint32_t>(cell.text->size());
    }
    batch.values.push_back(value);
  }
  for (std::size_t row = 0; row < cells.size() / names.size(); ++row) {
    batch.ordinals.push_back(row);
  }
  return batch;
}

std::string csv_of(const std::vector<Cell>& cells, std::size_t width, char delimiter = ',') {
  std::vector<std::string> names(width, "column");
  std::string out;
  CsvRows({.delimiter = delimiter, .header = true}).append(batch_of(names, cells), out);
  return out;
}

std::string json_of(const Cell& cell) {
  std::string out;
  JsonlRows().append(batch_of({"v"}, {cell}), out);
  EXPECT_EQ(out.substr(0, 5), R"({"v":)");
  EXPECT_EQ(out.substr(out.size() - 2), "}\n");
  return out.substr(5, out.size() - 7);
}

TEST(CsvRows, QuoteOnlyWhatNeedsIt) {
  EXPECT_EQ(csv_of({{"plain"}, {" spaced "}, {"a;b"}}, 3), "plain, spaced ,a;b\n");
  EXPECT_EQ(csv_of({{"a,b"}, {"c\nd"}, {"e\rf"}}, 3), "\"a,b\",\"c\nd\",\"e\rf\"\n");
  EXPECT_EQ(csv_of({{"say \"yes\""}, {"\""}}, 2), "\"say \"\"yes\"\"\",\"\"\"\"\n");
  EXPECT_EQ(csv_of({{"a,b"}, {"a;b"}}, 2, ';'), "a,b;\"a;b\"\n");
}

TEST(CsvRows, NullIsNothingAndAnEmptyTextIsQuoted) {
  EXPECT_EQ(csv_of({{std::nullopt}, {""}, {std::nullopt}}, 3), ",\"\",\n");
}

TEST(CsvRows, TheHeaderNamesTheColumnsUnlessItIsLeftOut) {
  const auto columns = batch_of({"id", "a,b", ""}, {}).columns;
  EXPECT_EQ(CsvRows({}).header(columns), "id,\"a,b\",\"\"\n");
  EXPECT_EQ(CsvRows({.header = false}).header(columns), "");
  EXPECT_EQ(CsvRows({}).header({}), "");
}

TEST(CsvRows, TheCounterKnowsQuotesAcrossPieces) {
  const std::string file = "a,b\n1,\"x\ny\"\n2,\"\"\"\n\"\n";
  for (std::size_t piece = 1; piece <= file.size(); ++piece) {
    const auto counter = CsvRows({}).counter();
    for (std::size_t at = 0; at < file.size(); at += piece) {
      counter->add(std::string_view(file).substr(at, piece));
    }
    EXPECT_EQ(counter->records(), 2U) << piece;
  }
  const auto headless = CsvRows({.header = false}).counter();
  headless->add(file);
  EXPECT_EQ(headless->records(), 3U);
  EXPECT_EQ(CsvRows({}).counter()->records(), 0U);
}

TEST(JsonlRows, KeepTheOrderOfTheColumnsAndEscapeTheirNames) {
  std::string out;
  JsonlRows().append(batch_of({"b", "a\"c"}, {{"1"}, {std::nullopt}, {"x"}, {""}}), out);
  EXPECT_EQ(out, "{\"b\":\"1\",\"a\\\"c\":null}\n{\"b\":\"x\",\"a\\\"c\":\"\"}\n");
}

TEST(JsonlRows, NumbersKeepTheirDigits) {
  EXPECT_EQ(json_of({"9223372036854775807", ValueType::integer}), "9223372036854775807");
  EXPECT_EQ(json_of({"12345678901234567890.1234567890", ValueType::decimal}),
            "12345678901234567890.1234567890");
  EXPECT_EQ(json_of({"-1.5e-7", ValueType::number}), "-1.5e-7");
}

TEST(JsonlRows, WhatIsNoJsonNumberIsAText) {
  for (const std::string_view text : {"NaN", "Infinity", "-", "01", "1.", ".5", "", "+1", " 1"}) {
    EXPECT_EQ(json_of({text, ValueType::number}), '"' + std::string(text) + '"');
  }
}

TEST(JsonlRows, BooleansAndJsonAreThemselves) {
  EXPECT_EQ(json_of({"true", ValueType::boolean}), "true");
  EXPECT_EQ(json_of({"yes", ValueType::boolean}), "\"yes\"");
  EXPECT_EQ(json_of({"{\"a\": [1,\n2]}", ValueType::json}), "{\"a\": [1, 2]}");
  EXPECT_EQ(json_of({"{broken", ValueType::json}), "\"{broken\"");
}

TEST(JsonlRows, AllOtherTypesAreTexts) {
  EXPECT_EQ(json_of({"12"}), "\"12\"");
  EXPECT_EQ(json_of({"2024-02-29", ValueType::date}), "\"2024-02-29\"");
  EXPECT_EQ(json_of({"line\nbreak \"q\" \x01", ValueType::string}),
            "\"line\\nbreak \\\"q\\\" \\u0001\"");
}

TEST(JsonlRows, TheCounterCountsLines) {
  const auto counter = JsonlRows().counter();
  counter->add("{}\n{\"a\":");
  counter->add("1}\n");
  EXPECT_EQ(counter->records(), 2U);
}

}  // namespace
}  // namespace freight
