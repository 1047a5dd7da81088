#include "connectors/sql/table_name.hpp"

#include <string>

#include <gtest/gtest.h>

#include "freight/error.hpp"

namespace freight::sql {
namespace {

TEST(TableName, ReadsATableAlone) {
  const TableName name = parse_table_name("Customers", "table");
  EXPECT_EQ(name.schema, "");
  EXPECT_EQ(name.table, "Customers");
  EXPECT_FALSE(name.quoted);
}

TEST(TableName, ReadsASchemaAndATable) {
  const TableName name = parse_table_name("crm.customers", "table");
  EXPECT_EQ(name.schema, "crm");
  EXPECT_EQ(name.table, "customers");
}

TEST(TableName, TakesQuotedNamesLetterByLetter) {
  const TableName name = parse_table_name(R"("a.b"."say ""hi""")", "table");
  EXPECT_EQ(name.schema, "a.b");
  EXPECT_EQ(name.table, R"(say "hi")");
  EXPECT_TRUE(name.quoted);
}

TEST(TableName, RefusesWhatIsNoName) {
  for (const std::string text :
       {"", ".", "a.", ".a", "a.b.c", "\"a", "\"\"", "a\"b", "\"a\"b", "\"a\".\"b\".c"}) {
    EXPECT_THROW(parse_table_name(text, "table"), Error) << text;
  }
  EXPECT_THROW(parse_table_name(std::string_view("a\0b", 3), "table"), Error);
}

TEST(TableName, QuotesWhateverAnIdentifierHolds) {
  EXPECT_EQ(quote_identifier(R"(a"; DROP TABLE x; --)"), R"("a""; DROP TABLE x; --")");
  EXPECT_EQ(quote_table({.schema = "s", .table = "t"}), R"("s"."t")");
  EXPECT_EQ(quote_table({.schema = "", .table = "t"}), R"("t")");
}

TEST(TableName, ReadsBackWhatItQuoted) {
  const TableName name{.schema = "odd.schema", .table = "odd \"table\""};
  const TableName again = parse_table_name(quote_table(name), "table");
  EXPECT_EQ(again.schema, name.schema);
  EXPECT_EQ(again.table, name.table);
}

}  // namespace
}  // namespace freight::sql
