#include "connectors/sql/destination/create_table.hpp"

#include <gtest/gtest.h>

#include "connectors/sql/postgresql/postgresql_table.hpp"
#include "connectors/sql/sqlite/sqlite_table.hpp"
#include "freight/error.hpp"

namespace freight::sql {
namespace {

const PrepareRequest every_type{
    .columns = {{.name = "s", .type = ValueType::string, .typed = true},
                {.name = "i", .type = ValueType::integer, .typed = true},
                {.name = "n", .type = ValueType::number, .typed = true},
                {.name = "d", .type = ValueType::decimal, .typed = true},
                {.name = "b", .type = ValueType::boolean, .typed = true},
                {.name = "da", .type = ValueType::date, .typed = true},
                {.name = "ti", .type = ValueType::time, .typed = true},
                {.name = "dt", .type = ValueType::datetime, .typed = true},
                {.name = "u", .type = ValueType::uuid, .typed = true},
                {.name = "j", .type = ValueType::json, .typed = true},
                {.name = "x", .type = ValueType::integer, .typed = false}},
    .primary_key = {"i", "u"},
    .required = {"s"}};

TEST(CreateTable, GivesEachTypeItsPostgresqlType) {
  EXPECT_EQ(create_table_statement("\"t\"", every_type, {}, &postgresql_column_type),
            "CREATE TABLE IF NOT EXISTS \"t\" (\"s\" text NOT NULL, \"i\" bigint NOT NULL, "
            "\"n\" double precision, \"d\" numeric, \"b\" boolean, \"da\" date, \"ti\" time, "
            "\"dt\" timestamptz, \"u\" uuid NOT NULL, \"j\" jsonb, \"x\" text, "
            "PRIMARY KEY (\"i\", \"u\"))");
}

TEST(CreateTable, GivesEachTypeItsSqliteType) {
  EXPECT_EQ(create_table_statement("\"t\"", every_type, {}, &sqlite_column_type),
            "CREATE TABLE IF NOT EXISTS \"t\" (\"s\" TEXT NOT NULL, \"i\" BIGINT NOT NULL, "
            "\"n\" REAL, \"d\" TEXT, \"b\" INTEGER, \"da\" TEXT, \"ti\" TEXT, \"dt\" TEXT, "
            "\"u\" TEXT NOT NULL, \"j\" TEXT, \"x\" TEXT, PRIMARY KEY (\"i\", \"u\"))");
}

TEST(CreateTable, NamesSomeOfManyColumnsThatBecomeText) {
  PrepareRequest request;
  for (int index = 0; index < 32; ++index) {
    request.columns.push_back(
        {.name = "c" + std::to_string(index), .typed = true, .source_type = "money"});
  }
  std::vector<std::string> warnings;
  warn_of_changed_types(request, &postgresql_column_type, warnings);
  ASSERT_EQ(warnings.size(), 1U);
  EXPECT_NE(warnings[0].find("\"c29\" (money) and 2 more."), std::string::npos) << warnings[0];
}

TEST(CreateTable, NeedsColumns) {
  EXPECT_THROW(create_table_statement("\"t\"", {}, {}, &sqlite_column_type), Error);
}

TEST(SqliteAffinity, FollowsSqlitesRules) {
  EXPECT_EQ(sqlite_affinity("BIGINT"), SqliteAffinity::integer);
  EXPECT_EQ(sqlite_affinity("varchar(20)"), SqliteAffinity::text);
  EXPECT_EQ(sqlite_affinity("CHARINT"), SqliteAffinity::integer);
  EXPECT_EQ(sqlite_affinity("Clob"), SqliteAffinity::text);
  EXPECT_EQ(sqlite_affinity(""), SqliteAffinity::none);
  EXPECT_EQ(sqlite_affinity("BLOB"), SqliteAffinity::none);
  EXPECT_EQ(sqlite_affinity("double precision"), SqliteAffinity::real);
  EXPECT_EQ(sqlite_affinity("float"), SqliteAffinity::real);
  EXPECT_EQ(sqlite_affinity("DECIMAL(10,2)"), SqliteAffinity::numeric);
  EXPECT_EQ(sqlite_affinity("TIMESTAMP"), SqliteAffinity::numeric);
}

}  // namespace
}  // namespace freight::sql
