// From one SQL database to another, through source, mapping and destination: values unchanged.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "mapping/record_mapper.hpp"
#include "support/source_database.hpp"

namespace freight::testing {
namespace {

using Rows = std::vector<DestinationDatabase::Row>;

class SqlMigration : public ::testing::Test {
 protected:
  // Moves all rows of people, as a job without a schema does; returns the exceptions.
  std::vector<RecordException> migrate(DestinationDatabase& from, DestinationDatabase& to,
                                       bool create_table) {
    JobSpec spec;
    SqlDestinationSpec target;
    target.url = to.url();
    target.table = "people";
    target.create_table = create_table;
    spec.destination = target;
    auto source = source_of(from.url(), table_source("people"));
    const SourceDescription description = source->describe(context_);
    auto columns = mapping::target_columns(spec, description);
    auto destination = to.make(spec, JobId::generate());
    const PrepareResult prepared =
        destination->prepare({.columns = std::move(columns.columns),
                              .primary_key = std::move(columns.primary_key),
                              .required = std::move(columns.required)},
                             context_);
    const mapping::RecordMapper mapper(spec, description, prepared.catalog);
    std::vector<RecordException> exceptions;
    for (const BatchRange& range : plan_all(*source, {.max_records = 300})) {
      RecordBatch batch;
      mapping::MappedBatch mapped;
      source->read(range, batch, context_);
      mapper.map(batch, mapped);
      const WriteResult written =
          destination->write({.unit = "r:" + std::to_string(range.first_ordinal),
                              .first_ordinal = range.first_ordinal,
                              .records = range.records,
                              .rows = mapped.rows},
                             context_);
      for (auto& exception : mapped.exceptions) exceptions.push_back(std::move(exception));
      for (const auto& refused : written.exceptions) {
        exceptions.push_back(mapper.exception_of(batch, mapped, refused));
      }
    }
    destination->finish(context_);
    return exceptions;
  }

  ConnectorContext context_;
  std::unique_ptr<DestinationDatabase> sqlite_ = make_sqlite_test_database();
  std::unique_ptr<DestinationDatabase> postgresql_ = make_postgresql_test_database();
};

constexpr const char* great_table =
    "CREATE TABLE people (tenant int, id bigint, name text NOT NULL, paid numeric, ratio float8, "
    "active boolean, born date, at time, seen timestamptz, who uuid, doc jsonb, data bytea, "
    "tags text[], span interval, PRIMARY KEY (tenant, id))";
constexpr const char* great_rows =
    "INSERT INTO people SELECT i % 7, i, 'Zoë ' || i, i + 0.1230, i / 3.0::float8, i % 2 = 0, "
    "CASE i % 5 WHEN 0 THEN 'infinity'::date ELSE '2024-01-01'::date + i END, '23:59:59.5', "
    "'2024-01-01 12:00:00.000001+02'::timestamptz + i * '1 minute'::interval, "
    "md5(i::text)::uuid, jsonb_build_object('n', i, 'list', '[1.50, null, \"ü\\n\"]'::jsonb), "
    "decode(md5(i::text), 'hex'), ARRAY['a,b', i::text], i * '90 minutes'::interval "
    "FROM generate_series(1, 1000) i; "
    "INSERT INTO people (tenant, id, name, paid, ratio, doc) VALUES "
    "(9, -9223372036854775808, E'tab\\tline\\nend\\\\N', 'NaN', '-Infinity', '\"text\"'), "
    "(9, 9223372036854775807, '', 12345678901234567890123.456789012345678900, 1e-300, 'null'), "
    "(9, 0, '\\N', NULL, NULL, '12')";

TEST_F(SqlMigration, ToATableOfTheSameTypesChangesNoValue) {
  auto target = make_postgresql_test_database();
  postgresql_->run(std::string(great_table) + "; " + great_rows);
  target->run(great_table);
  const auto exceptions = migrate(*postgresql_, *target, false);
  EXPECT_TRUE(exceptions.empty()) << exceptions.at(0).errors.at(0).message;
  const char* const all = "SELECT * FROM people ORDER BY tenant, id";
  EXPECT_EQ(target->query(all), postgresql_->query(all));
}

TEST_F(SqlMigration, MakesAPostgresqlTableOfTheTypesOfAnSqliteTable) {
  sqlite_->run(
      "CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT NOT NULL, paid DECIMAL(12,2), "
      "ratio REAL, active BOOLEAN, born DATE, seen DATETIME, note TEXT, photo BLOB); "
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) "
      "INSERT INTO people SELECT i * 7, 'name ' || i, i + 0.5, i / 4.0, i % 2, '2024-02-29', "
      "'2024-01-02 03:04:05.123456', CASE WHEN i % 3 THEN 'Zoë \"' || i || '\" \\ x' END, "
      "x'00ff' FROM n");
  const auto exceptions = migrate(*sqlite_, *postgresql_, true);
  EXPECT_TRUE(exceptions.empty()) << exceptions.at(0).errors.at(0).message;
  EXPECT_EQ(postgresql_->value(
                "SELECT string_agg(column_name || ' ' || data_type || ' ' || is_nullable, ', ' "
                "ORDER BY ordinal_position) FROM information_schema.columns "
                "WHERE table_name = 'people'"),
            "id bigint NO, name text NO, paid numeric YES, ratio double precision YES, "
            "active boolean YES, born date YES, seen timestamp with time zone YES, "
            "note text YES, photo bytea YES");
  EXPECT_EQ(postgresql_->value("SELECT count(*) || ' ' || sum(id) || ' ' || sum(paid) || ' ' || "
                               "count(*) FILTER (WHERE active) FROM people"),
            "1000 3503500 501000.0 500");
  EXPECT_EQ(postgresql_->query("SELECT name, paid, ratio, active, born, note, photo, "
                               "seen AT TIME ZONE 'UTC' FROM people WHERE id = 7"),
            (Rows{{"name 1", "1.5", "0.25", "t", "2024-02-29", "Zoë \"1\" \\ x", "\\x00ff",
                   "2024-01-02 03:04:05.123456"}}));
}

TEST_F(SqlMigration, MakesAnSqliteTableOfTheTypesOfAPostgresqlTable) {
  postgresql_->run(std::string(great_table) + "; " + great_rows);
  const auto exceptions = migrate(*postgresql_, *sqlite_, true);
  EXPECT_TRUE(exceptions.empty()) << exceptions.at(0).errors.at(0).message;
  const std::string columns = "SELECT tenant, id, name, paid, born, at, who, tags, doc";
  const std::string rest = " FROM people ORDER BY tenant, id";
  EXPECT_EQ(
      sqlite_->query(columns + ", active, lower(hex(data))" + rest),
      postgresql_->query(columns + ", active::int, coalesce(encode(data, 'hex'), '')" + rest));
  EXPECT_EQ(sqlite_->value("SELECT count(*) FROM people WHERE typeof(data) = 'blob'"), "1000");
}

TEST_F(SqlMigration, KeepsARefusedRowAsJson) {
  postgresql_->run(
      "CREATE TABLE people (id int PRIMARY KEY, name text); "
      "INSERT INTO people VALUES (1, 'ann'), (2, NULL), (3, 'bob')");
  sqlite_->run("CREATE TABLE people (id BIGINT, name TEXT NOT NULL)");
  const auto exceptions = migrate(*postgresql_, *sqlite_, false);
  ASSERT_EQ(exceptions.size(), 1U);
  EXPECT_EQ(exceptions[0].raw, "{\"id\":2,\"name\":null}");
  EXPECT_EQ(exceptions[0].ordinal, 1U);
}

}  // namespace
}  // namespace freight::testing
