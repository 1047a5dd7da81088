// What the sql destination promises on PostgreSQL alone.
#include "connectors/sql/postgresql/postgresql_destination.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "freight/error.hpp"
#include "support/output_rows.hpp"
#include "support/tcp_proxy.hpp"
#include "support/test_database.hpp"

namespace freight::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class PostgresqlDestinationTest : public ::testing::Test {
 protected:
  JobSpec spec(const std::string& table, std::string url = {}) const {
    SqlDestinationSpec destination;
    destination.url = url.empty() ? database_.url() : std::move(url);
    destination.table = table;
    JobSpec spec;
    spec.destination = destination;
    return spec;
  }

  std::unique_ptr<Destination> prepared(const JobSpec& spec, const PrepareRequest& request = {}) {
    auto destination = sql::make_postgresql_destination(spec, job_id_);
    prepared_ = destination->prepare(request, context_);
    return destination;
  }

  WriteResult write(Destination& destination, const OutputRows& rows, std::string unit = "r:0") {
    return write(destination, rows, context_, std::move(unit));
  }

  static WriteResult write(Destination& destination, const OutputRows& rows,
                           ConnectorContext& context, std::string unit = "r:0") {
    return destination.write({.unit = std::move(unit),
                              .first_ordinal = rows.batch().ordinals.front(),
                              .records = rows.batch().rows(),
                              .content_hash = "c0ffee",
                              .input_hash = "1234",
                              .rows = rows.batch()},
                             context);
  }

  template <typename Work>
  static Error error_of(Work work) {
    try {
      work();
    } catch (const Error& error) {
      return error;
    }
    return {Code::not_found, "nothing was thrown"};
  }

  std::string count(const std::string& table) {
    return database_.value("SELECT count(*) FROM " + table);
  }

  // A role that may do nothing but what the test grants it; gone with the test.
  class Role {
   public:
    explicit Role(TestDatabase& database, const std::string& options = "LOGIN")
        : database_(database), name_(database.name() + "_role") {
      database_.run("CREATE ROLE " + name_ + " " + options);
    }
    ~Role() { database_.run("DROP OWNED BY " + name_ + "; DROP ROLE " + name_); }
    Role(const Role&) = delete;
    Role& operator=(const Role&) = delete;
    const std::string& name() const { return name_; }

   private:
    TestDatabase& database_;
    std::string name_;
  };

  // The database behind a proxy on another port.
  std::string url_through(const TcpProxy& proxy) const {
    std::string url = database_.url();
    const auto at = url.rfind(':');
    return url.substr(0, at + 1) + std::to_string(proxy.port()) + url.substr(url.find('/', at));
  }
  std::uint16_t server_port() const {
    const std::string url = database_.url();
    return static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1)));
  }

  static OutputRows& fill(OutputRows& rows, int count) {
    for (int id = 0; id < count; ++id) rows.add({std::to_string(id)});
    return rows;
  }

  TestDatabase database_;
  JobId job_id_ = JobId::generate();
  ConnectorContext context_;
  PrepareResult prepared_;
};

const std::vector<OutputColumn> id_column{typed("id", ValueType::integer)};

TEST_F(PostgresqlDestinationTest, GivesEachBadValueItsCodeColumnAndExpectation) {
  database_.run(
      "CREATE TABLE t (id bigint, small smallint, born date, code varchar(3), amount numeric(5,2), "
      "who uuid, mood text)");
  auto destination = prepared(spec("t"));
  OutputRows rows({untyped("id"), untyped("small"), untyped("born"), untyped("code"),
                   untyped("amount"), untyped("who")});
  const std::string uuid = "00000000-0000-0000-0000-000000000001";
  rows.add({"1", "1", "2024-02-29", "abc", "1.5", uuid});
  rows.add({"x", "1", "2024-02-29", "abc", "1.5", uuid});
  rows.add({"2", "40000", "2024-02-29", "abc", "1.5", uuid});
  rows.add({"3", "1", "2024-02-30", "abc", "1.5", uuid});
  rows.add({"4", "1", "never", "abc", "1.5", uuid});
  rows.add({"5", "1", "2024-02-29", "abcd", "1.5", uuid});
  rows.add({"6", "1", "2024-02-29", "abc", "12345.6", uuid});
  rows.add({"7", "1", "2024-02-29", "abc", "1.5", "nobody"});
  rows.add({"8", "1", "2024-02-29", "abc", "1.5", uuid});

  const WriteResult result = write(*destination, rows);

  EXPECT_EQ(result.inserted, 2u);
  ASSERT_EQ(result.exceptions.size(), 7u);
  const auto expect = [&](std::size_t index, Code code, const std::string& column,
                          const std::string& value, const std::string& sqlstate) {
    const WriteException& refused = result.exceptions[index];
    EXPECT_EQ(refused.ordinal, index + 1);
    EXPECT_EQ(refused.error.code, code) << index;
    EXPECT_EQ(refused.error.column, column) << index;
    EXPECT_EQ(refused.error.value, value) << index;
    EXPECT_EQ(refused.error.sqlstate, sqlstate) << index;
    EXPECT_FALSE(refused.error.message.empty());
  };
  expect(0, Code::type_mismatch, "id", "x", "22P02");
  expect(1, Code::out_of_range, "small", "40000", "22003");
  expect(2, Code::out_of_range, "born", "2024-02-30", "22008");
  expect(3, Code::type_mismatch, "born", "never", "22007");
  expect(4, Code::too_long, "code", "abcd", "22001");
  expect(5, Code::out_of_range, "amount", "12345.6", "22003");
  expect(6, Code::type_mismatch, "who", "nobody", "22P02");
  EXPECT_EQ(result.exceptions[0].error.expected, "bigint");
  EXPECT_EQ(result.exceptions[4].error.expected, "character varying(3)");
}

TEST_F(PostgresqlDestinationTest, FindsTheRowWhateverTheTableIsCalled) {
  database_.run(R"(CREATE TABLE "COPY x, line 7" ("a: b" int))");
  auto destination = prepared(spec(R"("COPY x, line 7")"));
  OutputRows rows({untyped("a: b")});
  rows.add({"1"}).add({"2"}).add({"not\nCOPY x, line 7, line 1"}).add({"4"});

  const WriteResult result = write(*destination, rows);

  EXPECT_EQ(result.inserted, 3u);
  ASSERT_EQ(result.exceptions.size(), 1u);
  EXPECT_EQ(result.exceptions[0].ordinal, 2u);
}

TEST_F(PostgresqlDestinationTest, FoldsAnUnquotedTableNameAsSqlDoes) {
  database_.run("CREATE TABLE customers (id int)");
  auto destination = prepared(spec("Customers"));
  OutputRows rows(id_column);
  rows.add({"1"});
  write(*destination, rows);
  EXPECT_EQ(count("customers"), "1");
  EXPECT_EQ(error_of([&] { prepared(spec("\"Customers\"")); }).code(), Code::table_not_found);
}

TEST_F(PostgresqlDestinationTest, ReadsTheCatalog) {
  database_.run(
      "CREATE DOMAIN positive AS int NOT NULL DEFAULT 1 CHECK (value > 0);"
      "CREATE TYPE mood AS ENUM ('good', 'bad');"
      "CREATE TABLE \"Mixed\" (\"Id\" int GENERATED BY DEFAULT AS IDENTITY, always bigint "
      "GENERATED "
      "ALWAYS AS IDENTITY, twice int GENERATED ALWAYS AS (\"small\" * 2) STORED, \"small\" "
      "smallint, "
      "gone text, amount numeric(10,2), exact numeric, odd numeric(3,-2), name varchar(7) NOT "
      "NULL, "
      "fixed char(4), free text DEFAULT 'x', one positive, how mood, ok boolean, at timestamptz, "
      "plain timestamp, day date, clock time, who uuid, doc jsonb, blob bytea, many int[], "
      "ratio double precision, PRIMARY KEY (name, \"Id\"));"
      "ALTER TABLE \"Mixed\" DROP COLUMN gone;");
  prepared(spec("Mixed"));
  const DestinationCatalog& catalog = prepared_.catalog;
  EXPECT_THAT(catalog.primary_key, ElementsAre("name", "Id"));
  const auto column = [&](const std::string& name) {
    for (const DestinationColumn& one : catalog.columns) {
      if (one.name == name) return one;
    }
    ADD_FAILURE() << name;
    return DestinationColumn();
  };
  EXPECT_EQ(catalog.columns.size(), 22u);
  EXPECT_EQ(column("Id").integer_bits, 32u);
  EXPECT_TRUE(column("Id").has_default);
  EXPECT_FALSE(column("Id").generated);
  EXPECT_TRUE(column("Id").not_null);
  EXPECT_FALSE(column("always").generated);
  EXPECT_TRUE(column("always").has_default);
  EXPECT_TRUE(column("twice").generated);
  EXPECT_EQ(column("small").integer_bits, 16u);
  EXPECT_EQ(column("small").type, ValueType::integer);
  EXPECT_FALSE(column("small").has_default);
  EXPECT_EQ(column("amount").precision, 10u);
  EXPECT_EQ(column("amount").scale, 2);
  EXPECT_EQ(column("amount").type, ValueType::decimal);
  EXPECT_EQ(column("amount").native_type, "numeric(10,2)");
  EXPECT_EQ(column("exact").precision, std::nullopt);
  EXPECT_EQ(column("odd").precision, 3u);
  EXPECT_EQ(column("odd").scale, -2);
  EXPECT_EQ(column("name").max_length, 7u);
  EXPECT_EQ(column("name").type, ValueType::string);
  EXPECT_EQ(column("fixed").max_length, 4u);
  EXPECT_EQ(column("free").max_length, std::nullopt);
  EXPECT_TRUE(column("free").has_default);
  EXPECT_EQ(column("one").type, ValueType::integer);
  EXPECT_EQ(column("one").integer_bits, 32u);
  EXPECT_TRUE(column("one").not_null);
  EXPECT_TRUE(column("one").has_default);
  EXPECT_EQ(column("one").native_type, "positive");
  EXPECT_EQ(column("how").type, std::nullopt);
  EXPECT_EQ(column("ok").type, ValueType::boolean);
  EXPECT_EQ(column("at").type, ValueType::datetime);
  EXPECT_EQ(column("plain").type, ValueType::datetime);
  EXPECT_EQ(column("day").type, ValueType::date);
  EXPECT_EQ(column("clock").type, ValueType::time);
  EXPECT_EQ(column("who").type, ValueType::uuid);
  EXPECT_EQ(column("doc").type, ValueType::json);
  EXPECT_EQ(column("blob").type, std::nullopt);
  EXPECT_EQ(column("many").type, std::nullopt);
  EXPECT_EQ(column("ratio").type, ValueType::number);
}

TEST_F(PostgresqlDestinationTest, RefusesAColumnThatTheDatabaseComputes) {
  database_.run("CREATE TABLE t (a int, b int GENERATED ALWAYS AS (a) STORED)");
  const Error computed =
      error_of([&] { prepared(spec("t"), {.columns = {typed("b", ValueType::integer)}}); });
  EXPECT_EQ(computed.category(), Category::configuration);
  EXPECT_THAT(computed.what(), HasSubstr("column b"));
}

TEST_F(PostgresqlDestinationTest, FillsAnIdentityThatIsAlwaysGeneratedAndMovesItsSequence) {
  for (const auto disposition :
       {WriteDisposition::append, WriteDisposition::merge, WriteDisposition::replace}) {
    database_.run(
        "DROP TABLE IF EXISTS t; CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "
        "name text)");
    job_id_ = JobId::generate();
    JobSpec job = spec("t");
    std::get<SqlDestinationSpec>(job.destination).write_disposition = disposition;
    const std::vector<OutputColumn> columns{typed("id", ValueType::integer), untyped("name")};
    auto destination = prepared(job, {.columns = columns});
    OutputRows rows(columns);
    rows.add({"41", "Ann"}).add({"7", "Bob"});

    EXPECT_EQ(write(*destination, rows).inserted, 2u);
    destination->finish(context_);

    EXPECT_EQ(count("t"), "2");
    EXPECT_EQ(database_.value("INSERT INTO t (name) VALUES ('Cid') RETURNING id"), "42");
  }
}

TEST_F(PostgresqlDestinationTest, RefusesWhatCopyCannotFillExactlyOnce) {
  database_.run(
      "CREATE TABLE t (id int); CREATE MATERIALIZED VIEW m AS SELECT * FROM t;"
      "CREATE SEQUENCE s;");
  EXPECT_THAT(error_of([&] { prepared(spec("m")); }).what(), HasSubstr("materialized view"));
  EXPECT_THAT(error_of([&] { prepared(spec("s")); }).what(), HasSubstr("not a table"));
  const Role role(database_);
  database_.run("GRANT ALL ON t TO " + role.name() + "; GRANT ALL ON SCHEMA public TO " +
                role.name() + "; ALTER TABLE t ENABLE ROW LEVEL SECURITY");
  EXPECT_THAT(error_of([&] { prepared(spec("t", database_.url_for(role.name()))); }).what(),
              HasSubstr("row-level security"));
}

TEST_F(PostgresqlDestinationTest, WarnsOfAnUnloggedTable) {
  database_.run("CREATE UNLOGGED TABLE t (id int)");
  prepared(spec("t"));
  ASSERT_EQ(prepared_.warnings.size(), 1u);
  EXPECT_THAT(prepared_.warnings[0], HasSubstr("unlogged"));
}

TEST_F(PostgresqlDestinationTest, FillsAPartitionedTableAndIsolatesWhatFitsNoPartition) {
  database_.run(
      "CREATE TABLE t (id int PRIMARY KEY) PARTITION BY RANGE (id);"
      "CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10);"
      "CREATE TABLE t2 PARTITION OF t FOR VALUES FROM (10) TO (20);"
      "INSERT INTO t VALUES (15);");
  auto destination = prepared(spec("t"));
  OutputRows rows(id_column);
  rows.add({"1"}).add({"12"}).add({"25"}).add({"15"}).add({"19"});

  const WriteResult result = write(*destination, rows);

  EXPECT_EQ(result.inserted, 3u);
  ASSERT_EQ(result.exceptions.size(), 2u);
  EXPECT_EQ(result.exceptions[0].ordinal, 2u);
  EXPECT_EQ(result.exceptions[0].error.code, Code::check_violation);
  EXPECT_EQ(result.exceptions[1].error.code, Code::unique_violation);
  EXPECT_EQ(result.exceptions[1].error.column, "id");
  EXPECT_EQ(destination->count(false, context_), 4u);
}

TEST_F(PostgresqlDestinationTest, MergesIntoAPartitionedTable) {
  database_.run(
      "CREATE TABLE t (id int PRIMARY KEY, name text) PARTITION BY RANGE (id);"
      "CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10);"
      "CREATE TABLE t2 (name text, id int NOT NULL);"
      "ALTER TABLE t ATTACH PARTITION t2 FOR VALUES FROM (10) TO (20);"
      "INSERT INTO t VALUES (1, 'a'), (11, 'b');");
  JobSpec job = spec("t");
  std::get<SqlDestinationSpec>(job.destination).write_disposition = WriteDisposition::merge;
  auto destination = prepared(job);
  OutputRows rows({typed("id", ValueType::integer), untyped("name")});
  rows.add({"1", "x"}).add({"2", "y"}).add({"11", "b"}).add({"12", "w"});

  const WriteResult result = write(*destination, rows);

  EXPECT_EQ(result.inserted, 2u);
  EXPECT_EQ(result.updated, 1u);
  EXPECT_EQ(result.unchanged, 1u);
}

TEST_F(PostgresqlDestinationTest, NamesTheColumnsOfAUniqueIndexAndKeepsTheServersDetail) {
  database_.run(
      "CREATE TABLE t (id int, email text); CREATE UNIQUE INDEX one_email ON t (email);"
      "CREATE UNIQUE INDEX one_folded ON t (lower(email)); INSERT INTO t VALUES (1, 'a@x');");
  auto destination = prepared(spec("t"));
  OutputRows rows({typed("id", ValueType::integer), typed("email", ValueType::string)});
  rows.add({"2", "a@x"}).add({"3", "A@x"}).add({"4", "b@x"});

  const WriteResult result = write(*destination, rows);

  ASSERT_EQ(result.exceptions.size(), 2u);
  EXPECT_EQ(result.exceptions[0].error.column, "email");
  EXPECT_EQ(result.exceptions[0].error.value, "a@x");
  EXPECT_THAT(result.exceptions[0].error.message, HasSubstr("(email)=(a@x)"));
  EXPECT_EQ(result.exceptions[1].error.column, "");
  EXPECT_THAT(result.exceptions[1].error.message, HasSubstr("one_folded"));
}

TEST_F(PostgresqlDestinationTest, AccountsForRowsThatATriggerPassesOver) {
  database_.run(
      "CREATE TABLE t (id int); CREATE TABLE diverted (id int);"
      "CREATE FUNCTION pass_over() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
      "IF NEW.id % 3 = 0 THEN INSERT INTO diverted VALUES (NEW.id); RETURN NULL; END IF; "
      "RETURN NEW; END $$;"
      "CREATE TRIGGER pass_over BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION pass_over();");
  auto destination = prepared(spec("t"));
  OutputRows rows(id_column);
  fill(rows, 100);

  const WriteResult result = write(*destination, rows);

  EXPECT_EQ(result.inserted, 66u);
  ASSERT_EQ(result.exceptions.size(), 34u);
  for (const WriteException& refused : result.exceptions) {
    EXPECT_EQ(refused.ordinal % 3, 0u);
    EXPECT_EQ(refused.error.code, Code::destination_rejected);
    EXPECT_THAT(refused.error.message, HasSubstr("trigger"));
  }
  EXPECT_EQ(count("t"), "66");
  EXPECT_EQ(count("diverted"), "0");
  EXPECT_EQ(destination->ledger_rows(context_), 66u);
}

TEST_F(PostgresqlDestinationTest, IsolatesWhatTriggersRefuseBeforeAndAfterARow) {
  database_.run(
      "CREATE TABLE t (id int);"
      "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
      "RAISE NOTICE 'looking at %', NEW.id;"
      "IF NEW.id = TG_ARGV[0]::int THEN RAISE EXCEPTION 'no % here', NEW.id USING HINT = 'go'; "
      "END IF; RETURN NEW; END $$;"
      "CREATE TRIGGER before BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION refuse(20);"
      "CREATE CONSTRAINT TRIGGER later AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED FOR EACH "
      "ROW "
      "EXECUTE FUNCTION refuse(70);");
  auto destination = prepared(spec("t"));
  OutputRows rows(id_column);
  fill(rows, 100);

  const WriteResult result = write(*destination, rows);

  EXPECT_EQ(result.inserted, 98u);
  ASSERT_EQ(result.exceptions.size(), 2u);
  EXPECT_EQ(result.exceptions[0].ordinal, 20u);
  EXPECT_EQ(result.exceptions[0].error.message, "no 20 here");
  EXPECT_EQ(result.exceptions[0].error.hint, "go");
  EXPECT_EQ(result.exceptions[0].error.sqlstate, "P0001");
  EXPECT_EQ(result.exceptions[1].ordinal, 70u);
  EXPECT_EQ(result.exceptions[1].error.message, "no 70 here");
}

TEST_F(PostgresqlDestinationTest, IsolatesADeferredUniqueConstraint) {
  database_.run("CREATE TABLE t (id int UNIQUE DEFERRABLE INITIALLY DEFERRED)");
  auto destination = prepared(spec("t"));
  OutputRows rows(id_column);
  fill(rows, 500).add({"250"});

  const WriteResult result = write(*destination, rows);

  EXPECT_EQ(result.inserted, 500u);
  ASSERT_EQ(result.exceptions.size(), 1u);
  EXPECT_EQ(result.exceptions[0].error.code, Code::unique_violation);
}

TEST_F(PostgresqlDestinationTest, FindsThousandsOfOrphansAtOnce) {
  database_.run(
      "CREATE TABLE parents (a int, b text, PRIMARY KEY (a, b));"
      "INSERT INTO parents SELECT n, 'x' FROM generate_series(0, 4999) n;"
      "CREATE TABLE t (id int, a int, b text, FOREIGN KEY (a, b) REFERENCES parents);");
  auto destination = prepared(spec("t"));
  OutputRows rows({typed("id", ValueType::integer), typed("a", ValueType::integer),
                   typed("b", ValueType::string)});
  for (int id = 0; id < 10'000; ++id) {
    rows.add({std::to_string(id), std::to_string(id), id % 1000 == 999 ? Cell() : Cell("x")});
  }

  const WriteResult result = write(*destination, rows);

  // NULL in part of a key refers to nothing, and so is refused by nobody.
  EXPECT_EQ(result.inserted, 5005u);
  ASSERT_EQ(result.exceptions.size(), 4995u);
  EXPECT_EQ(result.exceptions[0].ordinal, 5000u);
  EXPECT_EQ(result.exceptions[0].error.code, Code::foreign_key_violation);
  EXPECT_EQ(result.exceptions[0].error.message,
            "The table parents has no row for a = '5000', b = 'x'.");
  EXPECT_EQ(result.exceptions[0].error.sqlstate, "23503");
}

TEST_F(PostgresqlDestinationTest, FindsTheOrphansAmongRowsThatReferToEachOtherAtOnce) {
  database_.run(
      "CREATE TABLE t (id int, area text, parent int, \"of\" text, PRIMARY KEY (area, id), "
      "FOREIGN KEY (\"of\", parent) REFERENCES t (area, id));"
      "INSERT INTO t VALUES (-1, 'x', NULL, NULL)");
  auto destination = prepared(spec("t"));
  OutputRows rows({typed("id", ValueType::integer), typed("area", ValueType::string),
                   typed("parent", ValueType::integer), typed("of", ValueType::string)});
  // Tens: the first of ten has its parent in the table, or, of every second ten, nowhere; the
  // others have the one before them, which comes behind them.
  for (int id = 4999; id >= 0; --id) {
    const bool is_first = id % 10 == 0;
    const int parent = is_first ? (id % 20 == 0 ? -1 : -2) : id - 1;
    rows.add({std::to_string(id), "x", std::to_string(parent), "x"});
  }
  rows.add({"5000", "x", "5000", "x"});  // its own parent
  rows.add({"5001", "x", std::nullopt, "x"});

  const WriteResult result = write(*destination, rows);

  EXPECT_EQ(result.inserted, 2502u);
  ASSERT_EQ(result.exceptions.size(), 2500u);
  for (const auto& exception : result.exceptions) {
    ASSERT_EQ(exception.error.code, Code::foreign_key_violation);
    // In Freight's words: none of them was found by trying it alone.
    ASSERT_TRUE(
        exception.error.message.starts_with("The table t has no row for of = 'x', parent ="))
        << exception.error.message;
  }
}

TEST_F(PostgresqlDestinationTest, FindsOrphansWithoutTheRightToReadTheirParents) {
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

TEST_F(PostgresqlDestinationTest, SaysHowTheLedgerCanBeMadeWhenTheRoleMayNot) {
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

TEST_F(PostgresqlDestinationTest, SaysWhatRightIsMissing) {
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

TEST_F(PostgresqlDestinationTest, PutsTheLedgerWhereTheSpecSays) {
  database_.run("CREATE SCHEMA audit; CREATE TABLE t (id int)");
  JobSpec job = spec("t");
  std::get<SqlDestinationSpec>(job.destination).ledger = "audit.loads";
  auto destination = prepared(job);
  OutputRows rows(id_column);
  rows.add({"1"});
  write(*destination, rows);
  EXPECT_EQ(count("audit.loads"), "1");
}

TEST_F(PostgresqlDestinationTest, RefusesARoleThatMayNotLogIn) {
  database_.run("CREATE TABLE t (id int)");
  const Role role(database_, "NOLOGIN");
  const Error error = error_of([&] { prepared(spec("t", database_.url_for(role.name()))); });
  EXPECT_EQ(error.code(), Code::destination_denied);
  EXPECT_FALSE(error.details().outage);
}

TEST_F(PostgresqlDestinationTest, RefusesADatabaseThatDoesNotExist) {
  std::string url = database_.url();
  const Error error = error_of([&] { prepared(spec("t", url + "_missing")); });
  EXPECT_EQ(error.category(), Category::configuration);
  EXPECT_THAT(error.what(), HasSubstr("does not exist"));
}

TEST_F(PostgresqlDestinationTest, WaitsOutAServerThatGoesAwayAndComesBack) {
  database_.run("CREATE TABLE t (id int)");
  TcpProxy proxy(server_port());
  auto destination = prepared(spec("t", url_through(proxy)));
  OutputRows rows(id_column);
  fill(rows, 10);
  write(*destination, rows, "r:0");

  proxy.take_away();
  const Error gone = error_of([&] { write(*destination, rows, "r:10"); });
  EXPECT_EQ(gone.code(), Code::destination_unavailable);
  EXPECT_EQ(gone.category(), Category::transient);
  EXPECT_TRUE(gone.details().outage);
  EXPECT_TRUE(error_of([&] { destination->count(true, context_); }).details().outage);

  proxy.bring_back();
  EXPECT_FALSE(write(*destination, rows, "r:10").from_ledger);
  EXPECT_EQ(count("t"), "20");
}

TEST_F(PostgresqlDestinationTest, CallsACommitWithoutAnAnswerUnknownAndAsksTheLedgerThen) {
  database_.run("CREATE TABLE t (id int)");
  TcpProxy proxy(server_port());
  auto destination = prepared(spec("t", url_through(proxy)));
  OutputRows rows(id_column);
  fill(rows, 10);
  proxy.cut_after([](std::string_view sent) {
    return sent.find(std::string_view("COMMIT\0", 7)) != std::string_view::npos;
  });

  const Error unknown = error_of([&] { write(*destination, rows); });
  EXPECT_EQ(unknown.code(), Code::commit_unknown);
  EXPECT_EQ(unknown.category(), Category::ambiguous);

  const WriteResult again = write(*destination, rows);
  EXPECT_EQ(again.inserted, 10u);
  EXPECT_EQ(count("t"), "10");
}

TEST_F(PostgresqlDestinationTest, WritesNothingWhenTheConnectionBreaksBeforeTheCommit) {
  database_.run("CREATE TABLE t (id int)");
  TcpProxy proxy(server_port());
  auto destination = prepared(spec("t", url_through(proxy)));
  OutputRows rows(id_column);
  fill(rows, 10);
  proxy.cut_after(
      [](std::string_view sent) { return sent.find("COPY") != std::string_view::npos; });

  const Error broken = error_of([&] { write(*destination, rows); });
  EXPECT_EQ(broken.code(), Code::destination_unavailable);
  EXPECT_TRUE(broken.details().outage);
  EXPECT_EQ(count("t"), "0");
  EXPECT_FALSE(write(*destination, rows).from_ledger);
  EXPECT_EQ(count("t"), "10");
}

TEST_F(PostgresqlDestinationTest, TakesASessionKilledInTheMiddleOfACopyForAnOutage) {
  database_.run(
      "CREATE TABLE t (id int); CREATE TABLE armed (); INSERT INTO armed DEFAULT VALUES;"
      "CREATE FUNCTION shoot() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
      "IF NEW.id = 5000 AND EXISTS (SELECT FROM armed) THEN "
      "PERFORM pg_terminate_backend(pg_backend_pid()); END IF; RETURN NEW; END $$;"
      "CREATE TRIGGER shoot BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION shoot();");
  auto destination = prepared(spec("t"));
  OutputRows rows(id_column);
  fill(rows, 10'000);

  const Error killed = error_of([&] { write(*destination, rows); });
  EXPECT_EQ(killed.code(), Code::destination_unavailable);
  EXPECT_TRUE(killed.details().outage);

  database_.run("DELETE FROM armed");
  EXPECT_EQ(write(*destination, rows).inserted, 10'000u);
  EXPECT_EQ(count("t"), "10000");
}

TEST_F(PostgresqlDestinationTest, SurvivesSessionsKilledBetweenWrites) {
  database_.run("CREATE TABLE t (id int)");
  auto destination = prepared(spec("t"));
  OutputRows rows(id_column);
  fill(rows, 10);
  for (int unit = 0; unit < 3; ++unit) {
    EXPECT_EQ(write(*destination, rows, "r:" + std::to_string(unit)).inserted, 10u);
    database_.run(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = "
        "current_database() AND application_name = 'freight'");
    std::this_thread::sleep_for(50ms);
  }
  EXPECT_EQ(count("t"), "30");
}

// Another session that holds the unit's row in the ledger and has not committed yet.
class OtherWriter {
 public:
  OtherWriter(const std::string& url, JobId job) : connection_(PQconnectdb(url.c_str())) {
    run("BEGIN");
    run("INSERT INTO freight_ledger VALUES ('" + job.to_string() +
        "', 'r:0', 1, 'public.t', 0, 10, 'c0ffee', '1234', 10, 0, '{\"exceptions\":[]}', NULL, "
        "now())");
  }
  ~OtherWriter() { PQfinish(connection_); }
  OtherWriter(const OtherWriter&) = delete;
  OtherWriter& operator=(const OtherWriter&) = delete;
  void run(const std::string& sql) { PQclear(PQexec(connection_, sql.c_str())); }

 private:
  PGconn* connection_;
};

TEST_F(PostgresqlDestinationTest, WaitsForAnotherWriterOfTheUnitAndTakesItsOutcome) {
  database_.run("CREATE TABLE t (id int)");
  auto destination = prepared(spec("t"));
  OutputRows rows(id_column);
  fill(rows, 10);
  OtherWriter other(database_.url(), job_id_);
  std::jthread committing([&other] {
    std::this_thread::sleep_for(200ms);
    other.run("COMMIT");
  });

  const WriteResult result = write(*destination, rows);

  EXPECT_TRUE(result.from_ledger);
  EXPECT_EQ(result.inserted, 10u);
  EXPECT_EQ(count("t"), "0");
}

TEST_F(PostgresqlDestinationTest, StopsWaitingForALockWhenItIsAskedTo) {
  database_.run("CREATE TABLE t (id int)");
  auto destination = prepared(spec("t"));
  OutputRows rows(id_column);
  fill(rows, 10);
  std::stop_source stop;
  ConnectorContext stopped;
  stopped.stop = stop.get_token();
  {
    const OtherWriter other(database_.url(), job_id_);
    std::jthread stopping([&stop] {
      std::this_thread::sleep_for(200ms);
      stop.request_stop();
    });
    const auto begin = std::chrono::steady_clock::now();

    EXPECT_EQ(error_of([&] { write(*destination, rows, stopped); }).code(), Code::cancelled);
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 5s);
  }
  EXPECT_EQ(write(*destination, rows).inserted, 10u);
}

TEST_F(PostgresqlDestinationTest, LosesTheLeaseWhileItWaits) {
  database_.run("CREATE TABLE t (id int)");
  auto destination = prepared(spec("t"));
  OutputRows rows(id_column);
  fill(rows, 10);
  const OtherWriter other(database_.url(), job_id_);
  const Deadline soon(std::chrono::steady_clock::now() + 300ms);
  ConnectorContext leased;
  leased.lease = &soon;

  EXPECT_EQ(error_of([&] { write(*destination, rows, leased); }).code(), Code::lease_lost);
}

TEST_F(PostgresqlDestinationTest, MovesOwnedSequencesUpAndNeverDown) {
  database_.run(
      "CREATE TABLE t (id serial, other int GENERATED BY DEFAULT AS IDENTITY, high serial, "
      "unfilled serial); SELECT setval('t_high_seq', 1000);");
  const std::vector<OutputColumn> columns{typed("id", ValueType::integer),
                                          typed("other", ValueType::integer),
                                          typed("high", ValueType::integer)};
  auto destination = prepared(spec("t"), {.columns = columns});
  OutputRows rows(columns);
  rows.add({"41", "7", "3"}).add({"5", "1", "2"});
  write(*destination, rows);

  EXPECT_TRUE(destination->finish(context_).warnings.empty());
  EXPECT_TRUE(destination->finish(context_).warnings.empty());

  EXPECT_EQ(database_.value("SELECT nextval('t_id_seq')"), "42");
  EXPECT_EQ(database_.value("SELECT nextval('t_other_seq')"), "8");
  EXPECT_EQ(database_.value("SELECT nextval('t_high_seq')"), "1001");
  EXPECT_EQ(database_.value("SELECT nextval('t_unfilled_seq')"), "3");
}

TEST_F(PostgresqlDestinationTest, LeavesSequencesAloneWhenToldTo) {
  database_.run("CREATE TABLE t (id serial)");
  JobSpec job = spec("t");
  std::get<SqlDestinationSpec>(job.destination).sync_sequences = false;
  auto destination = prepared(job, {.columns = id_column});
  OutputRows rows(id_column);
  rows.add({"41"});
  write(*destination, rows);
  destination->finish(context_);
  EXPECT_EQ(database_.value("SELECT nextval('t_id_seq')"), "1");
}

TEST_F(PostgresqlDestinationTest, DoesNotCountATableThatIsEstimatedLarge) {
  database_.run("CREATE TABLE t (id int)");
  auto destination = prepared(spec("t"));
  database_.run("UPDATE pg_class SET reltuples = 2e7 WHERE relname = 't'");
  EXPECT_EQ(destination->count(false, context_), std::nullopt);
  EXPECT_EQ(destination->count(true, context_), 0u);
}

TEST_F(PostgresqlDestinationTest, ReadsDatesAsTheyAreWrittenWhateverTheServersSettings) {
  database_.run("CREATE TABLE t (day date, at timestamptz)");
  database_.run("ALTER DATABASE " + database_.name() +
                " SET DateStyle = 'ISO, MDY'; ALTER DATABASE " + database_.name() +
                " SET TimeZone = 'America/New_York'; ALTER DATABASE " + database_.name() +
                " SET default_transaction_isolation = 'serializable'");
  auto destination = prepared(spec("t"));
  OutputRows rows({typed("day", ValueType::date), untyped("at")});
  rows.add({"2024-02-01", "2024-02-01 10:00:00"});
  write(*destination, rows);
  EXPECT_EQ(database_.value("SELECT day = DATE '2024-02-01' AND at = "
                            "TIMESTAMPTZ '2024-02-01 10:00:00+00' FROM t"),
            "t");
}

TEST_F(PostgresqlDestinationTest, KeepsThePasswordOutOfItsErrors) {
  std::string url = database_.url();
  url.replace(url.find("postgres@"), 9, "postgres:hunter2@");
  const Error missing = error_of([&] { prepared(spec("t", url)); });
  TcpProxy nobody(server_port());
  nobody.take_away();
  std::string away = url_through(nobody);
  away.replace(away.find("postgres@"), 9, "postgres:hunter2@");
  const Error refused = error_of([&] { prepared(spec("t", away)); });
  EXPECT_TRUE(refused.details().outage);
  EXPECT_THAT(missing.what(), Not(HasSubstr("hunter2")));
  EXPECT_THAT(refused.what(), Not(HasSubstr("hunter2")));
}

}  // namespace
}  // namespace freight::testing
