// What the sql destination says when PostgreSQL does not let it in, or not do something.
#include <optional>
#include <string>
#include <variant>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "freight/error.hpp"
#include "support/output_rows.hpp"
#include "support/postgresql_destination_fixture.hpp"

namespace freight::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

using PostgresqlRights = PostgresqlDestinationFixture;

TEST_F(PostgresqlRights, FindsOrphansWithoutTheRightToReadTheirParents) {
  database_.run(
      "CREATE TABLE parents (id int PRIMARY KEY); INSERT INTO parents VALUES (1);"
      "CREATE TABLE t (id int, parent int REFERENCES parents);");
  const Role role(database_);
  database_.run("GRANT INSERT ON t TO " + role.name() + "; GRANT ALL ON SCHEMA public TO " +
                role.name());
  auto destination = prepared(spec("t", database_.url_for(role.name())));
  OutputRows rows({typed("id", ValueType::integer), typed("parent", ValueType::integer)});
  for (int id = 0; id < 200; ++id) rows.add({std::to_string(id), id % 50 == 7 ? "9" : "1"});

  const WriteResult result = write(*destination, rows);

  EXPECT_EQ(result.inserted, 196u);
  ASSERT_EQ(result.exceptions.size(), 4u);
  EXPECT_EQ(result.exceptions[3].ordinal, 157u);
  EXPECT_EQ(result.exceptions[3].error.value, "9");
  EXPECT_EQ(destination->count(false, context_), std::nullopt);
}

TEST_F(PostgresqlRights, SaysHowTheLedgerCanBeMadeWhenTheRoleMayNot) {
  database_.run("CREATE SCHEMA theirs; CREATE TABLE theirs.t (id int)");
  const Role role(database_);
  database_.run("GRANT USAGE ON SCHEMA theirs TO " + role.name() +
                "; GRANT INSERT ON theirs.t TO " + role.name());
  const std::string url = database_.url_for(role.name());

  const Error denied = error_of([&] { prepared(spec("theirs.t", url)); });

  EXPECT_EQ(denied.code(), Code::ledger_denied);
  EXPECT_THAT(denied.what(), HasSubstr("theirs.freight_ledger"));
  EXPECT_THAT(denied.details().hint, HasSubstr("CREATE TABLE IF NOT EXISTS \"theirs\".\"freight_"));
  EXPECT_THAT(denied.details().hint, HasSubstr("GRANT SELECT, INSERT, UPDATE"));
  EXPECT_THAT(denied.details().hint, HasSubstr(role.name()));
  // What the hint says helps.
  const std::string& hint = denied.details().hint;
  const auto begin = hint.find("CREATE TABLE");
  database_.run(hint.substr(begin, hint.find("; or name") - begin));
  auto destination = prepared(spec("theirs.t", url));
  OutputRows rows(id_column);
  rows.add({"1"});
  EXPECT_EQ(write(*destination, rows).inserted, 1u);
}

TEST_F(PostgresqlRights, SaysWhatRightIsMissing) {
  database_.run("CREATE SCHEMA theirs; CREATE TABLE theirs.t (id int)");
  const Role role(database_);
  const std::string url = database_.url_for(role.name());
  database_.run("GRANT USAGE ON SCHEMA theirs TO " + role.name());

  const Error insert = error_of([&] { prepared(spec("theirs.t", url)); });
  EXPECT_EQ(insert.code(), Code::destination_denied);
  EXPECT_EQ(insert.category(), Category::authentication);
  EXPECT_THAT(insert.details().hint, HasSubstr("GRANT INSERT ON \"theirs\".\"t\""));

  JobSpec create = spec("theirs.made", url);
  std::get<SqlDestinationSpec>(create.destination).create_table = true;
  const Error made = error_of([&] { prepared(create, {.columns = id_column}); });
  EXPECT_EQ(made.code(), Code::destination_denied);
  EXPECT_THAT(made.details().hint, HasSubstr("GRANT CREATE ON SCHEMA \"theirs\""));
}

TEST_F(PostgresqlRights, RefusesARoleThatMayNotLogIn) {
  database_.run("CREATE TABLE t (id int)");
  const Role role(database_, "NOLOGIN");
  const Error error = error_of([&] { prepared(spec("t", database_.url_for(role.name()))); });
  EXPECT_EQ(error.code(), Code::destination_denied);
  EXPECT_FALSE(error.details().outage);
}

TEST_F(PostgresqlRights, RefusesADatabaseThatDoesNotExist) {
  std::string url = database_.url();
  const Error error = error_of([&] { prepared(spec("t", url + "_missing")); });
  EXPECT_EQ(error.category(), Category::configuration);
  EXPECT_THAT(error.what(), HasSubstr("does not exist"));
}

TEST_F(PostgresqlRights, KeepsThePasswordOutOfItsErrors) {
  std::string url = database_.url();
  url.replace(url.find("postgres@"), 9, "postgres:hunter2@");
  const Error missing = error_of([&] { prepared(spec("t", url)); });
  TcpProxy nobody(database_.url());
  nobody.take_away();
  std::string away = nobody.url();
  away.replace(away.find("postgres@"), 9, "postgres:hunter2@");
  const Error refused = error_of([&] { prepared(spec("t", away)); });
  EXPECT_TRUE(refused.details().outage);
  EXPECT_THAT(missing.what(), Not(HasSubstr("hunter2")));
  EXPECT_THAT(refused.what(), Not(HasSubstr("hunter2")));
}

}  // namespace
}  // namespace freight::testing
