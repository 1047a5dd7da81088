#include "migration/schema_translation.hpp"

#include <gtest/gtest.h>

namespace freight::migration {
namespace {

constexpr Translation to_postgresql{DatabaseKind::sqlite, DatabaseKind::postgresql};
constexpr Translation to_sqlite{DatabaseKind::postgresql, DatabaseKind::sqlite};
constexpr Translation within_sqlite{DatabaseKind::sqlite, DatabaseKind::sqlite};

std::string default_of(std::string text, ValueType type, const Translation& translation) {
  return default_value({.name = "c", .type = type, .default_value = std::move(text)}, translation)
      .value_or("none");
}

std::string check_of(std::string text, const Translation& translation) {
  const std::vector<TableColumn> columns{{.name = "Price", .type = ValueType::decimal},
                                         {.name = "size", .type = ValueType::number},
                                         {.name = "status", .type = ValueType::string},
                                         {.name = "active", .type = ValueType::boolean}};
  return check_expression({.expression = std::move(text)}, columns, translation).value_or("none");
}

TEST(ColumnTypes, OfTheOtherDatabaseTakeEveryValue) {
  const auto type = [](std::string native, std::optional<ValueType> value,
                       const Translation& translation) {
    return column_type({.name = "c", .native_type = std::move(native), .type = value}, translation);
  };
  EXPECT_EQ(type("NVARCHAR(20)", ValueType::string, to_postgresql), "text");
  EXPECT_EQ(type("NUMERIC(10,2)", ValueType::decimal, to_postgresql), "numeric");
  EXPECT_EQ(type("DATETIME", ValueType::datetime, to_postgresql), "timestamp");
  EXPECT_EQ(type("TIMESTAMP WITH TIME ZONE", ValueType::datetime, to_postgresql), "timestamptz");
  EXPECT_EQ(type("", std::nullopt, to_postgresql), "text");
  EXPECT_EQ(type("numeric(10,2)", ValueType::decimal, to_sqlite), "TEXT");
  EXPECT_EQ(type("boolean", ValueType::boolean, to_sqlite), "INTEGER");
  EXPECT_EQ(type("bytea", ValueType::binary, to_sqlite), "BLOB");
  EXPECT_EQ(type("NVARCHAR(20)", ValueType::string, within_sqlite), "NVARCHAR(20)");
}

TEST(ColumnDefaults, GoAlongWhereTheyMeanTheSame) {
  EXPECT_EQ(default_of("0.99", ValueType::decimal, to_postgresql), "0.99");
  EXPECT_EQ(default_of("(-1)", ValueType::integer, to_postgresql), "-1");
  EXPECT_EQ(default_of("'it''s'", ValueType::string, to_postgresql), "'it''s'");
  EXPECT_EQ(default_of("1", ValueType::boolean, to_postgresql), "true");
  EXPECT_EQ(default_of("CURRENT_TIMESTAMP", ValueType::datetime, to_postgresql),
            "(CURRENT_TIMESTAMP AT TIME ZONE 'UTC')");
  EXPECT_EQ(default_of("0", ValueType::string, to_postgresql), "'0'");
  EXPECT_EQ(default_of("true", ValueType::integer, to_postgresql), "1");
  EXPECT_EQ(default_of("'x'::character varying", ValueType::string, to_sqlite), "'x'");
  EXPECT_EQ(default_of("'-1'::integer", ValueType::integer, to_sqlite), "-1");
  EXPECT_EQ(default_of("(0)::numeric(10,2)", ValueType::decimal, to_sqlite), "0");
  EXPECT_EQ(default_of("false", ValueType::boolean, to_sqlite), "0");
  EXPECT_EQ(default_of("CURRENT_DATE", ValueType::date, to_sqlite), "CURRENT_DATE");
  EXPECT_EQ(default_of("datetime('now')", ValueType::datetime, within_sqlite), "(datetime('now'))");
  EXPECT_EQ(default_of("\"a'b\"", ValueType::string, within_sqlite), "'a''b'");
  EXPECT_EQ(default_of("word", ValueType::string, within_sqlite), "'word'");
  EXPECT_EQ(default_of("NULL", ValueType::string, within_sqlite), "(NULL)");
  EXPECT_EQ(default_of("-7", ValueType::integer, within_sqlite), "(-7)");
}

TEST(ColumnDefaults, StayBehindWhereTheyMayNot) {
  EXPECT_EQ(default_of("datetime('now')", ValueType::datetime, to_postgresql), "none");
  EXPECT_EQ(default_of("'a' || 'b'", ValueType::string, to_postgresql), "none");
  EXPECT_EQ(default_of("'yes'", ValueType::boolean, to_postgresql), "none");
  EXPECT_EQ(default_of("x'00ff'", ValueType::binary, to_postgresql), "none");
  EXPECT_EQ(default_of("7", ValueType::boolean, to_postgresql), "none");
  EXPECT_EQ(default_of("gen_random_uuid()", ValueType::uuid, to_sqlite), "none");
  EXPECT_EQ(default_of("''", ValueType::integer, to_postgresql), "none");
  EXPECT_EQ(default_of("0", ValueType::datetime, to_postgresql), "none");
  EXPECT_EQ(default_of("1.5", ValueType::integer, to_postgresql), "none");
  EXPECT_EQ(default_of("now()", ValueType::datetime, to_sqlite), "none") << "in local time";
  EXPECT_EQ(default_of("'unended", ValueType::string, to_postgresql), "none");
}

TEST(Checks, OfComparisonsGoAlong) {
  EXPECT_EQ(check_of("price >= 0 AND price<=100", to_postgresql),
            "\"Price\" >= 0 AND \"Price\" <= 100");
  EXPECT_EQ(check_of("status IN ('a','b') OR status IS NULL", to_postgresql),
            "\"status\" IN ('a', 'b') OR \"status\" IS NULL");
  EXPECT_EQ(check_of("length([status]) > 1", to_postgresql), "none") << "names in brackets";
  EXPECT_EQ(check_of("(size > (0)::double precision)", to_sqlite), "(\"size\" > (0))");
  EXPECT_EQ(check_of("(char_length(status) = 5)", to_sqlite), "(length (\"status\") = 5)");
  EXPECT_EQ(check_of("((status)::text <> ''::text)", to_sqlite), "((\"status\") <> '')");
  EXPECT_EQ(check_of("price == 1", to_postgresql), "\"Price\" = 1");
}

TEST(Checks, OfAnythingElseStayBehind) {
  EXPECT_EQ(check_of("status LIKE 'a%'", to_postgresql), "none");
  EXPECT_EQ(check_of("price % 2 = 0", to_postgresql), "none");
  EXPECT_EQ(check_of("active = 1", to_postgresql), "none");
  EXPECT_EQ(check_of("other > 1", to_postgresql), "none");
  EXPECT_EQ(check_of("status = ANY (ARRAY['a'::text])", to_sqlite), "none");
  EXPECT_EQ(check_of("status ~ '^a'", to_sqlite), "none");
  EXPECT_EQ(check_of("(\"Price\" > (0)::numeric)", to_sqlite), "none") << "a text in SQLite";
  EXPECT_EQ(check_of("((size)::integer >= 1)", to_sqlite), "none") << "it rounds";
  EXPECT_EQ(check_of("size <> ''", to_postgresql), "none");
  EXPECT_EQ(check_of("status > 5", to_postgresql), "none");
  EXPECT_EQ(check_of("size", to_postgresql), "none");
  EXPECT_EQ(check_of("price / 2 > 1", to_postgresql), "none") << "whole numbers divide otherwise";
}

}  // namespace
}  // namespace freight::migration
