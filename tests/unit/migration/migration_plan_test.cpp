#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "freight/error.hpp"
#include "freight/migration.hpp"

namespace freight {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TableColumn number(std::string name) {
  return {.name = std::move(name), .native_type = "INTEGER", .type = ValueType::integer};
}

DatabaseTable table(std::string name, const std::vector<std::string>& parents = {}) {
  DatabaseTable made{.name = std::move(name), .columns = {number("id")}, .primary_key = {"id"}};
  for (const std::string& parent : parents) {
    made.columns.push_back(number(parent + "_id"));
    made.foreign_keys.push_back({.columns = {parent + "_id"}, .table = parent, .referred = {"id"}});
  }
  return made;
}

DatabaseSchema shop() {
  DatabaseTable album = table("Album", {"Artist"});
  album.indexes.push_back(
      {.name = "by_artist", .columns = {"Artist_id"}, .definition = "(Artist_id)"});
  return {.kind = DatabaseKind::sqlite,
          .tables = {album, table("Artist"), table("tmp_x"), table("Track", {"Album", "tmp_x"})}};
}

MigrationSpec spec(std::vector<MigrationEntry> entries, std::vector<std::string> exclude = {}) {
  MigrationSpec made;
  made.name = "shop";
  made.defaults =
      R"({"source":{"url":"sqlite:a"},"destination":{"create_table":true},"batch":{"a":1}})";
  made.entries = std::move(entries);
  for (MigrationEntry& entry : made.entries) {
    if (entry.job.empty()) entry.job = "{}";
  }
  made.exclude = std::move(exclude);
  return made;
}

std::vector<std::string> names(const MigrationPlan& plan) {
  std::vector<std::string> found;
  for (const MigrationTable& one : plan.tables) found.push_back(one.from + '>' + one.to);
  return found;
}

const DatabaseSchema empty_postgresql{.kind = DatabaseKind::postgresql};
const DatabaseSchema empty_sqlite{.kind = DatabaseKind::sqlite};

Code code_of(const MigrationSpec& wanted) {
  try {
    plan_migration(wanted, shop(), empty_sqlite);
  } catch (const Error& error) {
    return error.code();
  }
  return Code::usage;
}

TEST(MigrationPlan, TakesTablesByPatternAndSingleOnesByTheirLastEntry) {
  const auto plan = plan_migration(
      spec({{.from = "*"}, {.from = "Artist", .to = "artists", .job = R"({"batch":{"b":2}})"}},
           {"tmp_*"}),
      shop(), empty_postgresql);
  EXPECT_THAT(names(plan), ElementsAre("Artist>artists", "Album>Album", "Track>Track"));
  EXPECT_THAT(plan.tables[0].job, HasSubstr(R"("batch":{"a":1,"b":2})"));
  EXPECT_THAT(plan.tables[0].job, HasSubstr(R"("table":"Artist")"));
  EXPECT_THAT(plan.tables[0].job, HasSubstr(R"("table":"artists")"));
  EXPECT_THAT(plan.tables[0].job, HasSubstr(R"("name":"shop/Artist")"));
  EXPECT_THAT(plan.tables[1].after, ElementsAre(0U));
  EXPECT_THAT(plan.tables[2].after, ElementsAre(1U));
  EXPECT_THAT(plan.notes, Contains(HasSubstr("to tmp_x is left out")));
}

TEST(MigrationPlan, APatternTakesNothingBackThatWasSaidByName) {
  const auto plan = plan_migration(spec({{.from = "Artist", .to = "artists"}, {.from = "Art*"}}),
                                   shop(), empty_postgresql);
  EXPECT_THAT(names(plan), ElementsAre("Artist>artists"));
}

TEST(MigrationPlan, TheTableThatIsThereIsCalledAsItIsInSqlAndAsItWasSaidInTheJob) {
  DatabaseSchema there = empty_postgresql;
  there.tables = {table("artists"), table("album")};
  const auto plan = plan_migration(
      spec({{.from = "Artist", .to = "Artists"}, {.from = "Album", .to = "ALBUM"}}), shop(), there);
  EXPECT_THAT(names(plan), ElementsAre("Artist>artists", "Album>album"));
  EXPECT_THAT(plan.tables[0].job, HasSubstr(R"("table":"Artists")"));
  EXPECT_THAT(plan.constraints[1].statements, Contains(HasSubstr("REFERENCES \"artists\"")));
}

TEST(MigrationPlan, WithoutConstraintsNoForeignKeysAreMadeAtAll) {
  auto wanted = spec({{.from = "Artist"}, {.from = "Album"}});
  wanted.add_constraints = false;
  const auto plan = plan_migration(wanted, shop(), empty_sqlite);
  EXPECT_THAT(plan.tables[1].create, Not(HasSubstr("FOREIGN KEY")));
  EXPECT_THAT(plan.constraints, IsEmpty());
}

TEST(MigrationPlan, NamesThatDifferByCaseAreOneInSqlite) {
  DatabaseSchema source{.kind = DatabaseKind::postgresql,
                        .tables = {table("Users"), table("users")}};
  EXPECT_THROW(plan_migration(spec({{.from = "*"}}), source, empty_sqlite), Error);
  EXPECT_EQ(plan_migration(spec({{.from = "*"}}), source, empty_postgresql).tables.size(), 2U);
}

TEST(MigrationPlan, RefusesWhatIsNotThereAndTwoForOneTable) {
  EXPECT_EQ(code_of(spec({{.from = "Artst"}})), Code::source_not_found);
  EXPECT_EQ(code_of(spec({{.from = "z*"}})), Code::source_not_found);
  EXPECT_EQ(code_of(spec({{.from = "Artist"}, {.from = "Album", .to = "Artist"}})),
            Code::invalid_spec);
}

TEST(MigrationPlan, AddsForeignKeysAfterTheRowsToPostgresqlAndLooksAtThoseOfSqlite) {
  const auto wanted = spec({{.from = "Artist"}, {.from = "Album"}});
  const auto postgresql = plan_migration(wanted, shop(), empty_postgresql);
  EXPECT_THAT(postgresql.tables[1].create, Not(HasSubstr("FOREIGN KEY")));
  ASSERT_EQ(postgresql.constraints.size(), 2U);
  EXPECT_THAT(postgresql.constraints[0].statements,
              ElementsAre("CREATE INDEX IF NOT EXISTS \"by_artist\" ON \"Album\" (\"Artist_id\")"));
  EXPECT_EQ(postgresql.constraints[1].statements.size(), 2U);
  EXPECT_THAT(postgresql.tables[1].job, Not(HasSubstr("foreign_keys")));

  const auto sqlite = plan_migration(wanted, shop(), empty_sqlite);
  EXPECT_THAT(sqlite.tables[1].create,
              HasSubstr("FOREIGN KEY (\"Artist_id\") REFERENCES \"Artist\""));
  EXPECT_THAT(sqlite.constraints[1].statements, IsEmpty());
  EXPECT_THAT(sqlite.constraints[1].violations, HasSubstr("NOT EXISTS"));
  EXPECT_THAT(sqlite.tables[1].job, HasSubstr(R"("foreign_keys":"ignore")"));
}

TEST(MigrationPlan, WhatIsThereIsNotMadeAgainAndTheJobsStayTheSame) {
  const auto wanted = spec({{.from = "Artist"}, {.from = "Album"}});
  const auto before = plan_migration(wanted, shop(), empty_postgresql);
  DatabaseSchema after{.kind = DatabaseKind::postgresql, .tables = shop().tables};
  after.tables[0].foreign_keys[0].name = "fk";
  const auto again = plan_migration(wanted, shop(), after);
  for (std::size_t at = 0; at < 2; ++at) {
    EXPECT_EQ(again.tables[at].create, "");
    EXPECT_EQ(again.tables[at].job, before.tables[at].job);
    EXPECT_THAT(again.constraints[at].statements, IsEmpty());
  }
  after.tables[0].foreign_keys[0].validated = false;
  EXPECT_THAT(plan_migration(wanted, shop(), after).constraints[1].statements,
              ElementsAre("ALTER TABLE \"Album\" VALIDATE CONSTRAINT \"fk\""));
}

TEST(MigrationPlan, ATableWithAMappingOfItsOwnIsMadeByItsJob) {
  const auto plan =
      plan_migration(spec({{.from = "Artist", .job = R"({"mapping":[{"to":"x","from":"id"}]})"},
                           {.from = "Album"}}),
                     shop(), empty_sqlite);
  EXPECT_EQ(plan.tables[0].create, "");
  EXPECT_THAT(plan.tables[1].create, Not(HasSubstr("FOREIGN KEY")))
      << "what it refers to may not be there";
  EXPECT_THAT(plan.notes, Contains(HasSubstr("Artist is made by its own job")));
}

TEST(MigrationPlan, IndexNamesThatAreTakenGetTheTableInFront) {
  DatabaseSchema there = empty_postgresql;
  there.tables.push_back(table("by_artist"));
  const auto plan = plan_migration(spec({{.from = "Album"}}), shop(), there);
  EXPECT_THAT(plan.constraints[0].statements, ElementsAre(HasSubstr("\"Album_by_artist\"")));
}

}  // namespace
}  // namespace freight
