#include <gtest/gtest.h>

#include "unit/spec/spec_testing.hpp"

namespace freight {
namespace {

using testing_spec::parse_good;
using testing_spec::with_destination;
using testing_spec::with_source;

std::string with_sql_source(std::string_view members) {
  return with_source(R"({"type": "sql", "url": "sqlite:in.db", )" + std::string(members) + "}");
}

std::string with_sql_destination(std::string_view members) {
  return with_destination(R"({"type": "sql", "url": "sqlite:out.db", "table": "t", )" +
                          std::string(members) + "}");
}

using SqlSourceRule = testing_spec::RefusedSpec;
TEST_P(SqlSourceRule, RefusesIt) { expect_refused(); }

INSTANTIATE_TEST_SUITE_P(
    Sql, SqlSourceRule,
    testing::ValuesIn(std::vector<testing_spec::WrongSpec>{
        {"WithoutAnything",
         with_source(R"({"type": "sql"})"),
         {"/source missing_key", "/source/url missing_key"}},
        {"RowSecurityOfSqlite",
         with_sql_source(R"("table": "t", "row_security": "allow")"),
         {"/source/row_security invalid_value"}},
        {"RowsBeyondAGibibyte",
         with_sql_source(R"("table": "t", "max_record_bytes": 1073741825)"),
         {"/source/max_record_bytes value_out_of_range"}},
        {"WithoutTableAndQuery", with_sql_source(R"("limit": 1)"), {"/source missing_key"}},
        {"TableAndQuery",
         with_sql_source(R"("table": "t", "query": "SELECT 1")"),
         {"/source invalid_value"}},
        {"WhereOfAQuery",
         with_sql_source(R"("query": "SELECT 1", "where": "a = 1")"),
         {"/source/where invalid_value"}},
        {"ParamsOfATable",
         with_sql_source(R"("table": "t", "params": [1])"),
         {"/source/params invalid_value"}},
        {"ParamsNotAnArray",
         with_sql_source(R"("query": "SELECT ?1", "params": {"a": 1})"),
         {"/source/params wrong_type"}},
        {"ParamsNotScalars",
         with_sql_source(R"("query": "SELECT ?1", "params": [[], 1, {}])"),
         {"/source/params/0 wrong_type", "/source/params/2 wrong_type"}},
        {"TableInQuotes", with_sql_source(R"("table": "\"t\"")"), {"/source/table invalid_value"}},
        {"QueryEmpty", with_sql_source(R"("query": "")"), {"/source/query value_out_of_range"}},
        {"KeyTwice",
         with_sql_source(R"("table": "t", "key": ["a", "a"])"),
         {"/source/key invalid_value"}},
        {"KeysOfAFile",
         with_sql_source(R"("table": "t", "path": "a", "encoding": "utf-8", "quer": "b")"),
         {"/source/encoding unknown_key", "/source/path unknown_key", "/source/quer unknown_key"}},
        {"UrlOfAnotherScheme",
         with_source(R"({"type": "sql", "url": "mysql://h/d", "table": "t"})"),
         {"/source/url invalid_value"}},
    }),
    testing_spec::name_of_case);

SqlSourceSpec good_source(std::string_view members) {
  const JobSpec spec = parse_good(with_sql_source(members));
  const auto* const sql = std::get_if<SqlSourceSpec>(&spec.source);
  return sql == nullptr ? SqlSourceSpec{} : *sql;
}

TEST(SpecSqlSource, TakesATableWithACondition) {
  const SqlSourceSpec source = good_source(
      R"("table": "s.t", "where": "a > ?1", "params": [5], "key": ["a", "b"], "limit": 9)");
  EXPECT_EQ(source.url, "sqlite:/base/in.db");
  EXPECT_EQ(source.table, "s.t");
  EXPECT_EQ(source.where, "a > ?1");
  EXPECT_EQ(source.query, "");
  EXPECT_EQ(source.key, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(source.limit, 9U);
}

TEST(SpecSqlSource, RowsMayBeMadeLonger) {
  EXPECT_EQ(good_source(R"("table": "t")").max_record_bytes, 8'388'608U);
  EXPECT_EQ(good_source(R"("table": "t", "max_record_bytes": 1073741824)").max_record_bytes,
            1'073'741'824U);
}

TEST(SpecSqlSource, ParametersKeepTheirTypesAndDigits) {
  const SqlSourceSpec source =
      good_source(R"("query": "SELECT 1", "params": ["a", 5, 1.50, 1e3, true, null])");
  EXPECT_EQ(source.query, "SELECT 1");
  const std::vector<std::pair<std::optional<std::string>, ValueType>> expected{
      {"a", ValueType::string},   {"5", ValueType::integer},    {"1.50", ValueType::decimal},
      {"1e3", ValueType::number}, {"true", ValueType::boolean}, {std::nullopt, ValueType::string}};
  ASSERT_EQ(source.params.size(), expected.size());
  for (std::size_t index = 0; index < expected.size(); ++index) {
    EXPECT_EQ(source.params[index].text, expected[index].first) << index;
    EXPECT_EQ(source.params[index].type, expected[index].second) << index;
  }
}

TEST(SpecSqlSource, PasswordIsLeftOutOfWhatIsStored) {
  const JobSpec spec =
      parse_good(with_source(R"({"type": "sql", "url": "postgresql://u:word@h/d", "table": "t"})"));
  EXPECT_EQ(std::get<SqlSourceSpec>(spec.source).url, "postgresql://u:word@h/d");
  EXPECT_EQ(spec.stored_json.find("word"), std::string::npos);
  EXPECT_TRUE(spec.needs_secrets);
}

SqlDestinationSpec good_destination(std::string_view members) {
  const JobSpec spec = parse_good(with_sql_destination(members));
  const auto* const sql = std::get_if<SqlDestinationSpec>(&spec.destination);
  return sql == nullptr ? SqlDestinationSpec{} : *sql;
}

TEST(SpecSqlDestination, EachDispositionHasItsOwnConflicts) {
  EXPECT_EQ(good_destination(R"("write_disposition": "append")").on_conflict, Conflict::reject);
  EXPECT_EQ(good_destination(R"("on_conflict": "skip")").on_conflict, Conflict::skip);
  EXPECT_EQ(good_destination(R"("write_disposition": "merge")").on_conflict, Conflict::update);
  EXPECT_EQ(good_destination(R"("write_disposition": "merge", "on_conflict": "skip")").on_conflict,
            Conflict::skip);
  EXPECT_EQ(good_destination(R"("write_disposition": "replace")").on_conflict, Conflict::reject);
}

TEST(SpecSqlDestination, ConflictThatDoesNotFitSaysWhatDoes) {
  const auto detail_of = [](std::string_view members) {
    return testing_spec::all_details(testing_spec::parse(with_sql_destination(members)));
  };
  EXPECT_NE(detail_of(R"("on_conflict": "update")").find("write_disposition \"merge\""),
            std::string::npos);
  EXPECT_NE(detail_of(R"("write_disposition": "replace", "on_conflict": "skip")")
                .find("replace takes \"reject\" only"),
            std::string::npos);
}

TEST(SpecSqlDestination, MergeTakesAKeyAndImpliesTheOrderOfTheSource) {
  const JobSpec spec =
      parse_good(with_sql_destination(R"("write_disposition": "merge", "key": ["id", "part"])"));
  const auto& sql = std::get<SqlDestinationSpec>(spec.destination);
  EXPECT_EQ(sql.write_disposition, WriteDisposition::merge);
  EXPECT_EQ(sql.key, (std::vector<std::string>{"id", "part"}));
  EXPECT_EQ(spec.write_order, WriteOrder::source);
  EXPECT_NE(spec.stored_json.find(R"("write_order":"source")"), std::string::npos);
}

TEST(SpecSqlDestination, MergeTakesTheDefaultOrderAsItsOwn) {
  const std::string any = with_destination(
      R"({"type": "sql", "url": "sqlite:a", "table": "t", "write_disposition": "merge"},
         "write_order": "any")");
  EXPECT_EQ(parse_good(any).write_order, WriteOrder::source);
  EXPECT_NE(parse_good(any).stored_json.find(R"("write_order":"source")"), std::string::npos);
}

TEST(SpecSqlDestination, ReplaceMayEmptyTheTable) {
  const SqlDestinationSpec sql =
      good_destination(R"("write_disposition": "replace", "allow_empty": true)");
  EXPECT_EQ(sql.write_disposition, WriteDisposition::replace);
  EXPECT_TRUE(sql.allow_empty);
}

}  // namespace
}  // namespace freight
