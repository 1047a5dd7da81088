#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "connectors/sql/postgresql/copy_context.hpp"
#include "connectors/sql/postgresql/copy_text.hpp"
#include "connectors/sql/postgresql/key_query.hpp"
#include "connectors/sql/postgresql/postgresql_error_map.hpp"
#include "connectors/sql/postgresql/postgresql_ledger.hpp"
#include "support/output_rows.hpp"

namespace freight::sql {
namespace {

using ::testing::ElementsAre;
using testing::OutputRows;
using testing::typed;

const std::vector<std::string> columns{"id", "age", "age_at_death", "a, b"};

TEST(CopyText, EscapesWhatWouldBeReadAsSomethingElse) {
  OutputRows rows({typed("a", ValueType::string), typed("b", ValueType::string)});
  rows.add({"tab\t back\\ line\n return\r", std::nullopt});
  rows.add({"", "\\N"});
  rows.add({"\\.", "\xF0\x9F\x98\x80"});
  CopyText text;
  text.assign(rows.batch());

  const std::vector<std::uint32_t> all{0, 1, 2};
  EXPECT_THAT(text.pieces(all), ElementsAre("tab\\t back\\\\ line\\n return\\r\t\\N\n"
                                            "\t\\\\N\n"
                                            "\\\\.\t\xF0\x9F\x98\x80\n"));
}

TEST(CopyText, SendsNeighboursAsOnePieceAndOthersApart) {
  OutputRows rows({typed("a", ValueType::integer)});
  for (int row = 0; row < 6; ++row) rows.add({std::to_string(row)});
  CopyText text;
  text.assign(rows.batch());

  const std::vector<std::uint32_t> some{0, 1, 3, 5};
  EXPECT_THAT(text.pieces(some), ElementsAre("0\n1\n", "3\n", "5\n"));
  const std::vector<std::uint32_t> backwards{2, 1};
  EXPECT_THAT(text.pieces(backwards), ElementsAre("2\n", "1\n"));
  EXPECT_TRUE(text.pieces({}).empty());
}

TEST(CopyText, ForgetsTheBatchBefore) {
  OutputRows one({typed("a", ValueType::integer)});
  one.add({"1"}).add({"2"});
  OutputRows other({typed("a", ValueType::integer)});
  other.add({"9"});
  CopyText text;
  text.assign(one.batch());
  text.assign(other.batch());

  const std::vector<std::uint32_t> first{0};
  EXPECT_THAT(text.pieces(first), ElementsAre("9\n"));
}

struct ContextCase {
  std::string context;
  std::string table;
  std::uint64_t line;
  std::string column;
};

TEST(CopyContext, ReadsLineAndColumnInTheServersLanguage) {
  for (const ContextCase& one : std::vector<ContextCase>{
           {"COPY people, line 3, column age: \"x\"", "people", 3, "age"},
           {"COPY people, line 17", "people", 17, ""},
           {"COPY people, line 4, column age_at_death: null input", "people", 4, "age_at_death"},
           {"COPY people, line 4: \"1\\t2\"", "people", 4, ""},
           {"COPY people, line 2, column a, b: \"x\"", "people", 2, "a, b"},
           {"COPY people, line 5, column unknown: \"age\"", "people", 5, ""},
           {"COPY people, Zeile 3, Spalte age: „x“", "people", 3, "age"},
           {"COPY people, ligne 12, colonne id : « x »", "people", 12, "id"},
           {"COPY people, línea 8, columna age_at_death: «x»", "people", 8, "age_at_death"},
           {"COPY people, 行 6, 列 age: \"x\"", "people", 6, "age"},
           {"COPY line 7, line 3, column age: \"x\"", "line 7", 3, "age"},
           {"COPY 2024, line 3, column age: \"x\"", "2024", 3, "age"},
           {"COPY O, line 3", "O", 3, ""},
           {"PL/pgSQL function check_it() line 3 at RAISE\nCOPY people, line 9: \"x\"", "people", 9,
            ""},
       }) {
    const auto place = read_copy_context(one.context, one.table, columns);
    ASSERT_TRUE(place.has_value()) << one.context;
    EXPECT_EQ(place->line, one.line) << one.context;
    EXPECT_EQ(place->column, one.column) << one.context;
  }
}

TEST(CopyContext, KnowsThatItDoesNotKnow) {
  for (const std::string context :
       {"", "SQL statement \"SELECT 1\"", "COPY other, line 3",
        // A value that looks like a context: which of the lines is the server's?
        "COPY people, line 3, column age: \"x\nCOPY people, line 1\"",
        "COPY people, Zeile 3, Spalte age: „x\nCOPY people, line 1“", "COPY people",
        "COPY people, line 99999999999999999999999"}) {
    EXPECT_FALSE(read_copy_context(context, "people", columns).has_value()) << context;
  }
}

TEST(PostgresqlErrors, GivesEachRefusalItsCode) {
  EXPECT_EQ(postgresql_refusal_code("23505"), Code::unique_violation);
  EXPECT_EQ(postgresql_refusal_code("23503"), Code::foreign_key_violation);
  EXPECT_EQ(postgresql_refusal_code("23502"), Code::not_null_violation);
  EXPECT_EQ(postgresql_refusal_code("23514"), Code::check_violation);
  EXPECT_EQ(postgresql_refusal_code("22P02"), Code::type_mismatch);
  EXPECT_EQ(postgresql_refusal_code("22007"), Code::type_mismatch);
  EXPECT_EQ(postgresql_refusal_code("22003"), Code::out_of_range);
  EXPECT_EQ(postgresql_refusal_code("22008"), Code::out_of_range);
  EXPECT_EQ(postgresql_refusal_code("22001"), Code::too_long);
  EXPECT_EQ(postgresql_refusal_code("23P01"), Code::destination_rejected);
  EXPECT_EQ(postgresql_refusal_code("P0001"), Code::destination_rejected);
}

TEST(PostgresqlErrors, KeepsTroubleOfTheServerApartFromBadRows) {
  const auto error = [](const std::string& state) {
    return database::PostgresqlError({.sqlstate = state}, {.sqlstate = state});
  };
  for (const std::string state : {"23505", "22P02", "P0001", "54000", "42P01", "0A000"}) {
    EXPECT_TRUE(is_postgresql_refusal(error(state))) << state;
  }
  for (const std::string state : {"", "08006", "40001", "40P01", "53100", "53200", "55P03", "57014",
                                  "57P01", "58030", "XX000", "25P03"}) {
    EXPECT_FALSE(is_postgresql_refusal(error(state))) << state;
  }
}

TEST(PostgresqlLiteral, MeansTheSameWhateverTheSettings) {
  EXPECT_EQ(postgresql_literal("plain"), "'plain'");
  EXPECT_EQ(postgresql_literal("it's"), "'it''s'");
  EXPECT_EQ(postgresql_literal("a\\'b"), " E'a\\\\''b'");
}

TEST(OrphanQuery, AsksForAWholeKeyAtOnce) {
  OutputRows rows({typed("x", ValueType::string), typed("boss", ValueType::integer)});
  rows.add({"q\"\\", "1"}).add({std::nullopt, "2"}).add({"", std::nullopt});
  PostgresqlConstraint key;
  key.columns = {"boss", "x"};
  key.types = {"bigint", "text"};
  key.parent = "public.bosses";
  key.parent_columns = {"id", "na\"me"};
  const std::vector<std::uint32_t> all{0, 1, 2};

  const auto query = orphan_query(key, rows.batch(), all);

  ASSERT_TRUE(query.has_value());
  EXPECT_THAT(query->arrays, ElementsAre(R"({"1","2",NULL})", R"({"q\"\\",NULL,""})"));
  EXPECT_THAT(query->columns, ElementsAre(1, 0));
  EXPECT_EQ(query->sql,
            "SELECT place FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS r(k1, k2, place) "
            "WHERE k1 IS NOT NULL AND k2 IS NOT NULL AND NOT EXISTS (SELECT FROM public.bosses p "
            "WHERE true AND p.\"id\" = CAST(k1 AS bigint) AND p.\"na\"\"me\" = CAST(k2 AS text))");
}

TEST(OrphanQuery, LooksAmongTheRowsThemselvesForParentsOfTheSameTable) {
  OutputRows rows({typed("id", ValueType::integer), typed("boss", ValueType::integer)});
  rows.add({"1", std::nullopt}).add({"2", "1"});
  PostgresqlConstraint key;
  key.columns = {"boss"};
  key.types = {"bigint"};
  key.parent = "public.people";
  key.parent_columns = {"id"};
  key.refers_to_itself = true;
  const std::vector<std::uint32_t> all{0, 1};

  const auto query = orphan_query(key, rows.batch(), all);

  ASSERT_TRUE(query.has_value());
  EXPECT_THAT(query->arrays, ElementsAre("{NULL,\"1\"}", "{\"1\",\"2\"}"));
  EXPECT_THAT(query->columns, ElementsAre(1));
  EXPECT_EQ(query->sql,
            "SELECT place FROM unnest($1::text[]) WITH ORDINALITY AS r(k1, place) "
            "WHERE k1 IS NOT NULL AND NOT EXISTS (SELECT FROM public.people p "
            "WHERE true AND p.\"id\" = CAST(k1 AS bigint)) AND NOT EXISTS (SELECT FROM "
            "unnest($2::text[]) AS s(p1) WHERE true AND CAST(p1 AS bigint) = CAST(k1 AS bigint))");
}

TEST(OrphanQuery, LeavesAloneWhatTheRowsDoNotTell) {
  OutputRows rows({typed("boss", ValueType::integer)});
  rows.add({"1"});
  const std::vector<std::uint32_t> all{0};
  PostgresqlConstraint key;
  key.columns = {"boss"};
  key.types = {"bigint"};
  key.parent = "bosses";
  key.parent_columns = {"id"};
  ASSERT_TRUE(orphan_query(key, rows.batch(), all).has_value());

  PostgresqlConstraint itself = key;
  itself.refers_to_itself = true;
  EXPECT_FALSE(orphan_query(itself, rows.batch(), all).has_value());
  PostgresqlConstraint full = key;
  full.match_full = true;
  EXPECT_FALSE(orphan_query(full, rows.batch(), all).has_value());
  PostgresqlConstraint defaulted = key;
  defaulted.columns = {"made_by_default"};
  EXPECT_FALSE(orphan_query(defaulted, rows.batch(), all).has_value());
}

}  // namespace
}  // namespace freight::sql
