#include <gtest/gtest.h>

#include "connectors/sql/sqlite/sqlite_schema.hpp"

namespace freight::sql {
namespace {

std::string text_of(std::string_view create_table) {
  std::string text;
  for (const TableCheck& check : sqlite_checks(create_table)) {
    text += '[' + check.name + '|' + check.expression + ']';
  }
  return text;
}

TEST(SqliteChecks, AreFoundWhereverTheyStand) {
  EXPECT_EQ(text_of("CREATE TABLE t (a INT CHECK (a > 0), b TEXT)"), "[|a > 0]");
  EXPECT_EQ(text_of("create table t (a, check(a in (1, 2)), Check ( a<b ))"),
            "[|a in (1, 2)][| a<b ]");
  EXPECT_EQ(text_of("CREATE TABLE t (a INT CONSTRAINT positive CHECK (a > 0), CONSTRAINT \"b c\" "
                    "CHECK (length(b) > (1)))"),
            "[positive|a > 0][b c|length(b) > (1)]");
  EXPECT_EQ(text_of("CREATE TABLE t (a INT CONSTRAINT k PRIMARY KEY CHECK (a > 0))"), "[|a > 0]");
}

TEST(SqliteChecks, WordsInTextsNamesAndCommentsAreNone) {
  EXPECT_EQ(text_of("CREATE TABLE t (\"check (x)\" TEXT DEFAULT 'check (y)', [check (z)] INT, "
                    "`check (q)` INT) -- check (1)\n/* check (2) */"),
            "");
  EXPECT_EQ(text_of("CREATE TABLE t (a TEXT CHECK (a <> ')' /* ) */ AND a <> 'it''s)'))"),
            "[|a <> ')' /* ) */ AND a <> 'it''s)']");
}

TEST(SqliteChecks, EndAtTheirOwnBracket) {
  EXPECT_EQ(text_of("CREATE TABLE t (a INT CHECK (a > 0 /* (positive) */ ))"),
            "[|a > 0 /* (positive) */ ]");
}

TEST(SqliteChecks, WhatElseATableSaysIsNamed) {
  EXPECT_EQ(sqlite_left_out("CREATE TABLE t (a TEXT COLLATE NOCASE UNIQUE ON CONFLICT IGNORE, b "
                            "INTEGER PRIMARY KEY AUTOINCREMENT, c COLLATE NOCASE)"),
            (std::vector<std::string>{"collations", "ON CONFLICT clauses", "AUTOINCREMENT"}));
  EXPECT_TRUE(sqlite_left_out("CREATE TABLE t (\"collate\" TEXT)").empty());
}

TEST(SqliteChecks, WhatIsCutOffIsNoCheck) {
  EXPECT_EQ(text_of("CREATE TABLE t (a CHECK (a > 0"), "");
  EXPECT_EQ(text_of("CREATE TABLE t (a CHECK"), "");
  EXPECT_EQ(text_of("CREATE TABLE t (a DEFAULT 'x"), "");
  EXPECT_EQ(text_of(""), "");
}

}  // namespace
}  // namespace freight::sql
