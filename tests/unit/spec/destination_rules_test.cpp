#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/spec/spec_testing.hpp"

namespace freight {
namespace {

using testing_spec::parse_good;
using testing_spec::with_destination;

std::string with_sql(std::string_view members) {
  return with_destination(R"({"type": "sql", "url": "sqlite:out.db", "table": "t", )" +
                          std::string(members) + "}");
}

std::string with_url(std::string_view url) {
  return with_destination(R"({"type": "sql", "table": "t", "url": ")" + std::string(url) + "\"}");
}

std::string with_table(std::string_view table, std::string_view url = "sqlite:out.db") {
  return with_destination(R"({"type": "sql", "url": ")" + std::string(url) + R"(", "table": ")" +
                          std::string(table) + "\"}");
}

testing_spec::WrongSpec wrong_url(std::string name, std::string_view url) {
  return {std::move(name), with_url(url), {"/destination/url invalid_value"}};
}

testing_spec::WrongSpec wrong_table(std::string name, std::string_view table) {
  return {std::move(name), with_table(table), {"/destination/table invalid_value"}};
}

using DestinationRule = testing_spec::RefusedSpec;
TEST_P(DestinationRule, RefusesIt) { expect_refused(); }

INSTANTIATE_TEST_SUITE_P(
    Destination, DestinationRule,
    testing::ValuesIn(std::vector<testing_spec::WrongSpec>{
        {"NotAnObject", with_destination("[]"), {"/destination wrong_type"}},
        {"WithoutType", with_destination("{}"), {"/destination/type missing_key"}},
        {"TypeUnknown",
         with_destination(R"({"type": "slq"})"),
         {"/destination/type unsupported_connector"}},
        {"NullWithAKey",
         with_destination(R"({"type": "null", "table": "t"})"),
         {"/destination/table unknown_key"}},
        {"SqlWithoutAnything",
         with_destination(R"({"type": "sql"})"),
         {"/destination/table missing_key", "/destination/url missing_key"}},
        {"UnknownKey",
         with_sql(R"("create_tables": true)"),
         {"/destination/create_tables unknown_key"}},
        {"FlagsOfAWrongType",
         with_sql(R"("create_table": "yes", "sync_sequences": 0)"),
         {"/destination/create_table wrong_type", "/destination/sync_sequences wrong_type"}},
        {"DispositionUnknown",
         with_sql(R"("write_disposition": "upsert")"),
         {"/destination/write_disposition invalid_value"}},
        {"UpdateOfAppend",
         with_sql(R"("on_conflict": "update")"),
         {"/destination/on_conflict invalid_value"}},
        {"RejectOfMerge",
         with_sql(R"("write_disposition": "merge", "on_conflict": "reject")"),
         {"/destination/on_conflict invalid_value"}},
        {"SkipOfReplace",
         with_sql(R"("write_disposition": "replace", "on_conflict": "skip")"),
         {"/destination/on_conflict invalid_value"}},
        {"KeyOfAppend", with_sql(R"("key": ["id"])"), {"/destination/key invalid_value"}},
        {"KeyOfReplace",
         with_sql(R"("write_disposition": "replace", "key": ["id"])"),
         {"/destination/key invalid_value"}},
        {"KeyOfAWrongType", with_sql(R"("key": "id")"), {"/destination/key wrong_type"}},
        {"KeyTwice",
         with_sql(R"("write_disposition": "merge", "key": ["id", "id"])"),
         {"/destination/key invalid_value"}},
        {"KeyWithAnEmptyName",
         with_sql(R"("write_disposition": "merge", "key": ["", 5])"),
         {"/destination/key/0 value_out_of_range", "/destination/key/1 wrong_type"}},
        {"AllowEmptyOfAppend",
         with_sql(R"("allow_empty": true)"),
         {"/destination/allow_empty invalid_value"}},
        {"OnConflictUnknown",
         with_sql(R"("on_conflict": "ignore")"),
         {"/destination/on_conflict invalid_value"}},
        {"LedgerOfAWrongType", with_sql(R"("ledger": true)"), {"/destination/ledger wrong_type"}},
        {"LedgerNull", with_sql(R"("ledger": null)"), {"/destination/ledger wrong_type"}},
        {"LedgerEmpty", with_sql(R"("ledger": "")"), {"/destination/ledger value_out_of_range"}},
        {"LedgerObjectWithoutTable",
         with_sql(R"("ledger": {"tabel": "x"})"),
         {"/destination/ledger/tabel unknown_key", "/destination/ledger/table missing_key"}},
        {"LedgerTableOfThreeParts",
         with_sql(R"("ledger": {"table": "a.b.c"})"),
         {"/destination/ledger/table invalid_value"}},
        {"LedgerIsTheTable", with_sql(R"("ledger": "t")"), {"/destination/ledger invalid_value"}},
        {"UrlNotAString",
         with_destination(R"({"type": "sql", "url": {}, "table": "t"})"),
         {"/destination/url wrong_type"}},
        wrong_url("UrlOfAnotherScheme", "mysql://h/db"),
        wrong_url("UrlWithoutScheme", "out.db"),
        wrong_url("SqliteWithoutFile", "sqlite:"),
        wrong_url("SqliteInMemory", "sqlite::memory:"),
        wrong_url("SqliteWithAHost", "sqlite://out.db"),
        wrong_url("PostgresqlPortNotANumber", "postgresql://h:port/db"),
        wrong_url("PostgresqlPortTooHigh", "postgresql://h:65536/db"),
        wrong_url("PostgresqlAtSignInThePassword", "postgresql://u:p@ss@h/db"),
        wrong_url("PostgresqlSlashInThePassword", "postgresql://u:p/ss@h/db"),
        wrong_url("PostgresqlSlashInANumericPassword", "postgresql://u:12/34@h/db"),
        wrong_url("PostgresqlParameterWithoutValue", "postgresql://h/db?sslmode"),
        wrong_url("PostgresqlParameterWithoutName", "postgresql://h/db?=x"),
        wrong_url("PostgresqlParameterEmpty", "postgresql://h/db?a=b&&c=d"),
        wrong_url("PostgresqlAddressNotClosed", "postgresql://[::1/db"),
        {"TableNotAString",
         with_destination(R"({"type": "sql", "url": "sqlite:a", "table": 5})"),
         {"/destination/table wrong_type"}},
        {"TableEmpty", with_table(""), {"/destination/table value_out_of_range"}},
        wrong_table("TableOfThreeParts", "a.b.c"),
        wrong_table("TableBeginsWithADot", ".t"),
        wrong_table("TableEndsWithADot", "t."),
        wrong_table("TableInQuotes", R"(\"t\")"),
        wrong_table("TableWithALineEnd", R"(a\nb)"),
        {"TableTooLongForPostgresql",
         with_table("s." + std::string(64, 'x'), "postgresql://h/db"),
         {"/destination/table invalid_value"}},
    }),
    testing_spec::name_of_case);

using LaterDestinationRule = testing_spec::RefusedSpec;
TEST_P(LaterDestinationRule, IsRefusedAsUnsupported) { expect_refused(); }

INSTANTIATE_TEST_SUITE_P(
    Destination, LaterDestinationRule,
    testing::ValuesIn(std::vector<testing_spec::WrongSpec>{
        {"Http",
         with_destination(R"({"type": "http"})"),
         {"/destination/type unsupported_connector"}},
        {"Connection",
         with_destination(R"({"type": "sql", "connection": "crm", "table": "t"})"),
         {"/destination/connection unsupported_key"}},
    }),
    testing_spec::name_of_case);

SqlDestinationSpec good_sql(const std::string& json) {
  const JobSpec spec = parse_good(json);
  const auto* const sql = std::get_if<SqlDestinationSpec>(&spec.destination);
  return sql == nullptr ? SqlDestinationSpec{} : *sql;
}

TEST(SpecDestination, TakesEveryKeyOfSql) {
  const SqlDestinationSpec sql = good_sql(with_sql(
      R"("create_table": true, "ledger": {"table": "s.l"}, "sync_sequences": false, "lossy": "allow")"));
  EXPECT_EQ(sql.url, "sqlite:/base/out.db");
  EXPECT_EQ(sql.table, "t");
  EXPECT_TRUE(sql.create_table);
  EXPECT_EQ(sql.ledger, "s.l");
  EXPECT_FALSE(sql.sync_sequences);
  EXPECT_TRUE(sql.allow_lossy);
}

TEST(SpecDestination, LedgerIsANameOrNone) {
  EXPECT_EQ(good_sql(with_sql(R"("create_table": false)")).ledger, "freight_ledger");
  EXPECT_EQ(good_sql(with_sql(R"("ledger": "l")")).ledger, "l");
  EXPECT_EQ(good_sql(with_sql(R"("ledger": "none")")).ledger, std::nullopt);
  EXPECT_EQ(good_sql(with_sql(R"("ledger": {"table": "none"})")).ledger, "none");
}

TEST(SpecDestination, SqlitePathIsMadeAbsolute) {
  EXPECT_EQ(good_sql(with_url("sqlite:out.db")).url, "sqlite:/base/out.db");
  EXPECT_EQ(good_sql(with_url("sqlite:../x/./out.db")).url, "sqlite:/x/out.db");
  EXPECT_EQ(good_sql(with_url("sqlite:/data/out.db")).url, "sqlite:/data/out.db");
  EXPECT_EQ(good_sql(with_url("sqlite:///data/out.db")).url, "sqlite:/data/out.db");
}

TEST(SpecDestination, PostgresIsPostgresql) {
  EXPECT_EQ(good_sql(with_url("postgres://h/db")).url, "postgresql://h/db");
  EXPECT_EQ(good_sql(with_url("postgresql://")).url, "postgresql://");
  EXPECT_EQ(good_sql(with_url("postgresql://u@[::1]:5432,h2/db?a=b")).url,
            "postgresql://u@[::1]:5432,h2/db?a=b");
}

TEST(SpecDestination, PasswordsAreLeftOutOfWhatIsStoredAndShown) {
  struct Case {
    std::string given;
    std::string stored;
    bool needs_secrets;
  };
  for (const Case& expected : std::vector<Case>{
           {"postgresql://u:word@h:5432/db", "postgresql://u@h:5432/db", true},
           {"postgresql://u:wo%40rd?x@h/db", "postgresql://u@h/db", true},
           {"postgresql://u:@h/db", "postgresql://u:@h/db", false},
           {"postgresql://u@h/db", "postgresql://u@h/db", false},
           {"postgresql://h:5432/db", "postgresql://h:5432/db", false},
           {"postgresql://h/db?password=word", "postgresql://h/db", true},
           {"postgresql://h/db?a=b&password=word", "postgresql://h/db?a=b", true},
           {"postgresql://h/db?password=word&a=b", "postgresql://h/db?a=b", true},
           {"postgresql://h/db?a=b&password=word&sslpassword=word", "postgresql://h/db?a=b", true},
           {"postgresql://h/db?password=word&a=b&sslpassword=word&c=d", "postgresql://h/db?a=b&c=d",
            true},
           {"postgresql://h/db?p%61ssword=word", "postgresql://h/db", true},
           {"postgresql:///db?user=u&password=word&host=/run", "postgresql:///db?user=u&host=/run",
            true},
           {"postgresql://u:word@h/db?sslpassword=word", "postgresql://u@h/db", true},
       }) {
    const JobSpec spec = parse_good(with_url(expected.given));
    EXPECT_EQ(std::get<SqlDestinationSpec>(spec.destination).url, expected.given);
    EXPECT_THAT(spec.stored_json, testing::HasSubstr("\"url\":\"" + expected.stored + "\""));
    EXPECT_THAT(spec.display_json, testing::HasSubstr("\"url\":\"" + expected.stored + "\""));
    EXPECT_THAT(spec.stored_json, testing::Not(testing::HasSubstr("word")));
    EXPECT_EQ(spec.needs_secrets, expected.needs_secrets) << expected.given;
  }
}

TEST(SpecDestination, PasswordsAreNotInErrors) {
  for (const std::string url :
       {"postgresql://u:secret@x@h/db", "postgresql://u:secret/x@h/db", "mysql://u:secret@h/db",
        "postgresql://u:secret@h:x/db", "postgresql://h/db?password=secret&x"}) {
    const SpecResult result = testing_spec::parse(with_url(url));
    EXPECT_FALSE(result.errors.empty()) << url;
    EXPECT_THAT(testing_spec::all_details(result), testing::Not(testing::HasSubstr("secret")));
  }
}

TEST(SpecDestination, OfTheEmbeddingProgramPassesUntouched) {
  SpecOptions options = testing_spec::options_with();
  options.custom_destinations = {"crm"};
  const JobSpec spec = parse_good(
      with_destination(R"({"type": "crm", "url": "https://bob:word@h/x", "n": 1.0})"), options);
  const auto& custom = std::get<CustomConnectorSpec>(spec.destination);
  EXPECT_EQ(custom.type, "crm");
  EXPECT_EQ(custom.options, R"({"type":"crm","url":"https://bob:word@h/x","n":1.0})");
  EXPECT_THAT(spec.stored_json,
              testing::HasSubstr(R"({"type":"crm","url":"https://bob@h/x","n":1.0})"));
  EXPECT_TRUE(spec.needs_secrets);
}

}  // namespace
}  // namespace freight
