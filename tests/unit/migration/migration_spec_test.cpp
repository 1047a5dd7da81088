#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "freight/migration.hpp"

namespace freight {
namespace {

using testing::ElementsAre;

std::string whole(const std::string& more = "") {
  return R"({"name":"m","defaults":{"batch":{}},"tables":["*",{"from":"A","to":"b","x":[1]}])" +
         more + "}";
}

std::vector<std::string> pointers(const std::string& json) {
  std::vector<std::string> found;
  for (const SpecError& error : parse_migration_spec(json).errors) found.push_back(error.pointer);
  return found;
}

TEST(MigrationSpec, IsReadWithItsDefaults) {
  const auto result = parse_migration_spec(whole());
  ASSERT_TRUE(result.spec.has_value());
  EXPECT_EQ(result.spec->name, "m");
  EXPECT_EQ(result.spec->defaults, R"({"batch":{}})");
  ASSERT_EQ(result.spec->entries.size(), 2U);
  EXPECT_EQ(result.spec->entries[0].from, "*");
  EXPECT_EQ(result.spec->entries[0].job, "{}");
  EXPECT_EQ(result.spec->entries[1].to, "b");
  EXPECT_EQ(result.spec->entries[1].job, R"({"x":[1]})");
  EXPECT_TRUE(result.spec->parents_first);
  EXPECT_TRUE(result.spec->add_constraints);
  EXPECT_EQ(result.spec->on_table_failure, OnTableFailure::skip);
}

TEST(MigrationSpec, SaysOrderConstraintsAndFailures) {
  const auto result = parse_migration_spec(whole(
      R"(,"exclude":["t_*"],"order":"none","constraints":"none","on_table_failure":"ignore")"));
  ASSERT_TRUE(result.spec.has_value());
  EXPECT_THAT(result.spec->exclude, ElementsAre("t_*"));
  EXPECT_FALSE(result.spec->parents_first);
  EXPECT_FALSE(result.spec->add_constraints);
  EXPECT_EQ(result.spec->on_table_failure, OnTableFailure::ignore);
}

TEST(MigrationSpec, EveryFaultIsFoundAtOnce) {
  EXPECT_THAT(pointers("{}"), ElementsAre("/name", "/defaults", "/tables"));
  EXPECT_THAT(pointers(R"({"name":1,"defaults":[],"tables":[3,{"to":"x"},""],"order":"x","y":0})"),
              ElementsAre("/name", "/defaults", "/tables/0", "/tables/1/from", "/tables/2",
                          "/order", "/y"));
  EXPECT_THAT(pointers(whole(R"(,"exclude":"x","constraints":true,"on_table_failure":"stop")")),
              ElementsAre("/exclude", "/constraints", "/on_table_failure"));
  EXPECT_THAT(pointers(R"({"name":"m","defaults":{},"tables":[{"from":"a*","to":"b"}]})"),
              ElementsAre("/tables/0/to"));
  EXPECT_THAT(pointers("{"), ElementsAre(""));
}

TEST(MigrationSpec, IsToldFromAJobByItsTables) {
  EXPECT_TRUE(is_migration_text(whole()));
  EXPECT_FALSE(is_migration_text(R"({"name":"x","source":{"type":"csv","path":"\"tables\""}})"));
  EXPECT_FALSE(is_migration_text(R"({"labels":{"tables":"3"}})"));
  EXPECT_FALSE(is_migration_text(R"(["tables"])"));
  EXPECT_FALSE(is_migration_text("\"tables\""));
}

}  // namespace
}  // namespace freight
