// What the sql destination promises on SQLite alone.
#include "connectors/sql/sqlite/sqlite_destination.hpp"

#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "freight/error.hpp"
#include "support/destination_database.hpp"
#include "support/output_rows.hpp"
#include "support/temporary_folder.hpp"

namespace freight::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class SqliteDestinationTest : public ::testing::Test {
 protected:
  static JobSpec spec(const std::string& table, const std::string& url, bool create_table = false) {
    SqlDestinationSpec destination;
    destination.url = url;
    destination.table = table;
    destination.create_table = create_table;
    JobSpec spec;
    spec.destination = destination;
    return spec;
  }
  JobSpec spec(const std::string& table) const { return spec(table, database_->url()); }

  std::unique_ptr<Destination> prepared(const JobSpec& spec, const PrepareRequest& request = {}) {
    auto destination = sql::make_sqlite_destination({.spec = spec, .job_id = job_id_});
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

  static OutputRows& fill(OutputRows& rows, int count) {
    for (int id = 0; id < count; ++id) rows.add({std::to_string(id)});
    return rows;
  }

  std::string count(const std::string& table) {
    return database_->value("SELECT count(*) FROM " + table);
  }

  std::unique_ptr<DestinationDatabase> database_ = make_sqlite_test_database();
  JobId job_id_ = JobId::generate();
  ConnectorContext context_;
  PrepareResult prepared_;
};

const std::vector<OutputColumn> id_column{typed("id", ValueType::integer)};

TEST_F(SqliteDestinationTest, ReadsTheCatalog) {
  database_->run(
      "CREATE TABLE t (id INTEGER PRIMARY KEY, big BIGINT, amount DECIMAL(10,2), ratio REAL, "
      "name VARCHAR(7) NOT NULL DEFAULT 'x', anything, twice AS (big * 2), kept AS (big) STORED)");
  prepared(spec("T"));
  const auto& columns = prepared_.catalog.columns;
  ASSERT_EQ(columns.size(), 8u);
  EXPECT_THAT(prepared_.catalog.primary_key, ElementsAre("id"));
  EXPECT_EQ(columns[0].type, ValueType::integer);
  EXPECT_EQ(columns[0].integer_bits, 64u);
  EXPECT_TRUE(columns[0].has_default);
  EXPECT_FALSE(columns[0].not_null);
  EXPECT_EQ(columns[1].type, std::nullopt);
  EXPECT_TRUE(columns[1].lossy_decimal);
  EXPECT_TRUE(columns[2].lossy_decimal);
  EXPECT_TRUE(columns[3].lossy_decimal);
  EXPECT_EQ(columns[4].native_type, "VARCHAR(7)");
  EXPECT_TRUE(columns[4].not_null);
  EXPECT_TRUE(columns[4].has_default);
  EXPECT_FALSE(columns[4].lossy_decimal);
  EXPECT_EQ(columns[4].max_length, std::nullopt);
  EXPECT_FALSE(columns[5].lossy_decimal);
  EXPECT_TRUE(columns[6].generated);
  EXPECT_TRUE(columns[7].generated);
  EXPECT_EQ(error_of([&] {
              prepared(spec("t"), {.columns = {typed("twice", ValueType::integer)}});
            }).category(),
            Category::configuration);
}

TEST_F(SqliteDestinationTest, TypesTheColumnsOfAStrictTable) {
  database_->run(
      "CREATE TABLE t (a INT, b INTEGER, c REAL, d TEXT, e BLOB, f ANY, PRIMARY KEY (b, a)) "
      "STRICT, "
      "WITHOUT ROWID");
  auto destination = prepared(spec("t"));
  const auto& columns = prepared_.catalog.columns;
  EXPECT_THAT(prepared_.catalog.primary_key, ElementsAre("b", "a"));
  EXPECT_EQ(columns[0].type, ValueType::integer);
  EXPECT_TRUE(columns[0].not_null);
  EXPECT_EQ(columns[2].type, ValueType::number);
  EXPECT_EQ(columns[3].type, ValueType::string);
  EXPECT_EQ(columns[4].type, ValueType::binary);
  EXPECT_TRUE(columns[4].binary_only);
  EXPECT_EQ(columns[5].type, std::nullopt);
  EXPECT_FALSE(columns[5].lossy_decimal);

  OutputRows rows({untyped("a"), untyped("b"), untyped("d"), typed("f", ValueType::decimal)});
  rows.add({"1", "1", "x", "0.10"}).add({"one", "2", "x", "1"}).add({"3", "3", "x", "2"});
  const WriteResult result = write(*destination, rows);
  EXPECT_EQ(result.inserted, 2u);
  ASSERT_EQ(result.exceptions.size(), 1u);
  EXPECT_EQ(result.exceptions[0].ordinal, 1u);
  EXPECT_EQ(result.exceptions[0].error.code, Code::type_mismatch);
  EXPECT_EQ(result.exceptions[0].error.column, "a");
  EXPECT_EQ(result.exceptions[0].error.value, "one");
  EXPECT_EQ(result.exceptions[0].error.expected, "INT");
  EXPECT_EQ(database_->value("SELECT typeof(f) || f FROM t WHERE a = 1"), "text0.10");
}

TEST_F(SqliteDestinationTest, RefusesATextAsTheRowid) {
  database_->run("CREATE TABLE t (id INTEGER PRIMARY KEY)");
  auto destination = prepared(spec("t"));
  OutputRows rows({untyped("id")});
  rows.add({"1"}).add({"one"}).add({std::nullopt}).add({"7"});

  const WriteResult result = write(*destination, rows);

  EXPECT_EQ(result.inserted, 3u);
  ASSERT_EQ(result.exceptions.size(), 1u);
  EXPECT_EQ(result.exceptions[0].error.code, Code::type_mismatch);
  EXPECT_EQ(result.exceptions[0].error.column, "id");
  EXPECT_EQ(result.exceptions[0].error.value, "one");
}

TEST_F(SqliteDestinationTest, StoresEachValueInTheClassOfItsType) {
  database_->run("CREATE TABLE t (anything, text TEXT, number NUMERIC)");
  auto destination = prepared(spec("t"));
  const auto stored = [&](ValueType type, const std::string& value) {
    OutputRows rows({typed("anything", type), typed("text", type), typed("number", type)});
    rows.add({value, value, value});
    write(*destination, rows, "r:" + value);
    std::string found =
        database_->value("SELECT typeof(anything) || ' ' || text || ' ' || typeof(number) FROM t");
    database_->run("DELETE FROM t");
    return found;
  };
  EXPECT_EQ(stored(ValueType::integer, "42"), "integer 42 integer");
  EXPECT_EQ(stored(ValueType::boolean, "true"), "integer true integer");
  EXPECT_EQ(stored(ValueType::number, "0.1"), "real 0.1 real");
  EXPECT_EQ(stored(ValueType::decimal, "0.10"), "text 0.10 real");
  EXPECT_EQ(stored(ValueType::string, "007"), "text 007 integer");
  EXPECT_EQ(stored(ValueType::number, "1e999"), "text 1e999 real");
}

TEST_F(SqliteDestinationTest, RejectsConflictsWhateverTheTableWouldDoAboutThem) {
  for (const std::string clause : {"REPLACE", "IGNORE", "FAIL", "ROLLBACK"}) {
    database_->run("DROP TABLE IF EXISTS t; CREATE TABLE t (id INTEGER UNIQUE ON CONFLICT " +
                   clause + ", name TEXT); INSERT INTO t VALUES (5, 'old');");
    auto destination = prepared(spec("t"));
    OutputRows rows({typed("id", ValueType::integer), typed("name", ValueType::string)});
    for (int id = 0; id < 100; ++id) rows.add({std::to_string(id), "new"});

    const WriteResult result = write(*destination, rows, "r:" + clause);

    EXPECT_EQ(result.inserted, 99u) << clause;
    ASSERT_EQ(result.exceptions.size(), 1u) << clause;
    EXPECT_EQ(database_->value("SELECT name FROM t WHERE id = 5"), "old");
  }
}

TEST_F(SqliteDestinationTest, AccountsForRowsThatATriggerIgnoresAbortsOrRollsBack) {
  database_->run(
      "CREATE TABLE t (id INTEGER); CREATE TABLE seen (id INTEGER);"
      "CREATE TRIGGER ignores BEFORE INSERT ON t WHEN NEW.id % 10 = 3 BEGIN "
      "INSERT INTO seen VALUES (NEW.id); SELECT RAISE(IGNORE); END;"
      "CREATE TRIGGER aborts BEFORE INSERT ON t WHEN NEW.id = 55 BEGIN "
      "SELECT RAISE(ABORT, 'not 55'); END;"
      "CREATE TRIGGER ends AFTER INSERT ON t WHEN NEW.id IN (20, 77) BEGIN "
      "SELECT RAISE(ROLLBACK, 'the end'); END;");
  auto destination = prepared(spec("t"));
  OutputRows rows(id_column);
  fill(rows, 100);

  const WriteResult result = write(*destination, rows);

  EXPECT_EQ(result.inserted, 87u);
  EXPECT_EQ(count("t"), "87");
  EXPECT_EQ(count("seen"), "0");
  ASSERT_EQ(result.exceptions.size(), 13u);
  EXPECT_EQ(result.exceptions[0].ordinal, 3u);
  EXPECT_THAT(result.exceptions[0].error.message, HasSubstr("trigger"));
  EXPECT_EQ(result.exceptions[2].ordinal, 20u);
  EXPECT_EQ(result.exceptions[2].error.message, "the end");
  EXPECT_EQ(result.exceptions[6].ordinal, 53u);
  EXPECT_EQ(result.exceptions[7].ordinal, 55u);
  EXPECT_EQ(result.exceptions[7].error.message, "not 55");
  EXPECT_EQ(result.exceptions[10].ordinal, 77u);
  for (const auto& refused : result.exceptions) {
    EXPECT_EQ(refused.error.code, Code::destination_rejected);
  }
  EXPECT_TRUE(write(*destination, rows).from_ledger);
}

TEST_F(SqliteDestinationTest, IsolatesAnExpressionThatFails) {
  database_->run("CREATE TABLE t (id INTEGER, doc TEXT CHECK (json_extract(doc, '$.a') > 0))");
  auto destination = prepared(spec("t"));
  OutputRows rows({typed("id", ValueType::integer), typed("doc", ValueType::string)});
  rows.add({"1", R"({"a":1})"}).add({"2", "no json"}).add({"3", R"({"a":0})"});

  const WriteResult result = write(*destination, rows);

  EXPECT_EQ(result.inserted, 1u);
  ASSERT_EQ(result.exceptions.size(), 2u);
  EXPECT_EQ(result.exceptions[0].error.code, Code::destination_rejected);
  EXPECT_EQ(result.exceptions[1].error.code, Code::check_violation);
}

TEST_F(SqliteDestinationTest, TakesATableWithMoreColumnsThanGroupsHaveRoomFor) {
  std::string ddl = "CREATE TABLE wide (c0 TEXT";
  std::vector<OutputColumn> columns{typed("c0", ValueType::string)};
  for (int column = 1; column < 1500; ++column) {
    const std::string name = "c" + std::to_string(column);
    ddl += ", " + name + " TEXT";
    columns.push_back(typed(name, ValueType::string));
  }
  database_->run(ddl + ")");
  auto destination = prepared(spec("wide"));
  OutputRows rows(columns);
  for (int row = 0; row < 300; ++row) rows.add(std::vector<Cell>(1500, "v"));
  EXPECT_EQ(write(*destination, rows).inserted, 300u);
}

TEST_F(SqliteDestinationTest, LeavesTheJournalModeAsItIs) {
  for (const std::string mode : {"wal", "delete"}) {
    database_->run("PRAGMA journal_mode=" + mode + "; CREATE TABLE IF NOT EXISTS t (id INTEGER)");
    auto destination = prepared(spec("t"));
    OutputRows rows(id_column);
    write(*destination, fill(rows, 10), "r:" + mode);
    destination.reset();
    EXPECT_EQ(database_->value("PRAGMA journal_mode"), mode);
  }
}

TEST_F(SqliteDestinationTest, WaitsForAnotherWriterOfTheFile) {
  database_->run("CREATE TABLE t (id INTEGER)");
  auto destination = prepared(spec("t"));
  OutputRows rows(id_column);
  fill(rows, 10);
  database_->run("BEGIN IMMEDIATE");
  std::jthread releasing([this] {
    std::this_thread::sleep_for(200ms);
    database_->run("COMMIT");
  });
  EXPECT_EQ(write(*destination, rows).inserted, 10u);
}

TEST_F(SqliteDestinationTest, StopsWaitingForTheFileWhenItIsAskedToOrTheLeaseRunsOut) {
  database_->run("CREATE TABLE t (id INTEGER)");
  auto destination = prepared(spec("t"));
  OutputRows rows(id_column);
  fill(rows, 10);
  database_->run("BEGIN IMMEDIATE");
  std::stop_source stop;
  ConnectorContext stopped;
  stopped.stop = stop.get_token();
  std::jthread stopping([&stop] {
    std::this_thread::sleep_for(200ms);
    stop.request_stop();
  });
  EXPECT_EQ(error_of([&] { write(*destination, rows, stopped); }).code(), Code::cancelled);
  const Deadline soon(std::chrono::steady_clock::now() + 200ms);
  ConnectorContext leased;
  leased.lease = &soon;
  EXPECT_EQ(error_of([&] { write(*destination, rows, leased); }).code(), Code::lease_lost);
  database_->run("COMMIT");
  EXPECT_EQ(write(*destination, rows).inserted, 10u);
}

TEST_F(SqliteDestinationTest, SaysWhatIsWrongWithTheFile) {
  const TemporaryFolder folder;
  const auto error_at = [&](const std::string& path, bool create_table) {
    return error_of([&] {
      prepared(spec("t", "sqlite:" + (folder / path).string(), create_table),
               {.columns = id_column});
    });
  };
  const Error missing = error_at("missing.db", false);
  EXPECT_EQ(missing.category(), Category::configuration);
  EXPECT_THAT(missing.what(), HasSubstr("does not exist"));
  EXPECT_FALSE(std::filesystem::exists(folder / "missing.db"));

  const Error no_folder = error_at("no/folder/out.db", true);
  EXPECT_EQ(no_folder.category(), Category::configuration);
  EXPECT_THAT(no_folder.what(), HasSubstr("folder"));

  std::filesystem::create_directory(folder / "directory");
  EXPECT_THAT(error_at("directory", true).what(), HasSubstr("directory"));

  std::ofstream(folder / "letter.db") << std::string(5000, 'x');
  const Error letter = error_at("letter.db", true);
  EXPECT_EQ(letter.category(), Category::configuration);
  EXPECT_THAT(letter.what(), HasSubstr("not a database"));
}

TEST_F(SqliteDestinationTest, MakesTheFileWithTheTable) {
  const TemporaryFolder folder;
  const std::string path = (folder / "new.db").string();
  const JobSpec job = spec("t", "sqlite:" + path, true);
  prepared(job, {.columns = id_column, .read_only = true});
  EXPECT_EQ(prepared_.catalog.columns.size(), 1u);
  EXPECT_FALSE(std::filesystem::exists(path));
  auto destination = prepared(job, {.columns = id_column});
  OutputRows rows(id_column);
  EXPECT_EQ(write(*destination, fill(rows, 10)).inserted, 10u);
}

// Runs `work` in a process of its own; its exit code, or the negative signal that ended it.
template <typename Work>
int in_child(Work work) {
  const pid_t child = ::fork();
  if (child == 0) {
    int code = 99;
    try {
      code = work();
    } catch (const std::exception&) {
    }
    ::_exit(code);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

TEST_F(SqliteDestinationTest, SaysThatTheDiskIsFullAndLeavesTheFileWhole) {
  database_->run("CREATE TABLE t (id INTEGER, text TEXT)");
  prepared(spec("t"));
  OutputRows rows({typed("id", ValueType::integer), typed("text", ValueType::string)});
  const std::string text(1000, 'x');
  for (int id = 0; id < 2000; ++id) rows.add({std::to_string(id), text});

  const int exit = in_child([&] {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{.rlim_cur = 600'000, .rlim_max = 600'000};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    auto destination = prepared(spec("t"));
    const Error error = error_of([&] { write(*destination, rows); });
    return error.code() == Code::destination_full ? 0 : 1;
  });

  EXPECT_EQ(exit, 0);
  EXPECT_EQ(database_->value("PRAGMA integrity_check"), "ok");
  EXPECT_EQ(count("t"), "0");
  auto destination = prepared(spec("t"));
  EXPECT_EQ(write(*destination, rows).inserted, 2000u);
}

// Of the user nobody when the tests run as root, who may write everywhere.
TEST_F(SqliteDestinationTest, RefusesAFileThatItMayNotWrite) {
  database_->run("CREATE TABLE t (id INTEGER)");
  const std::filesystem::path path = database_->url().substr(7);
  ASSERT_EQ(::chmod(path.c_str(), 0444), 0);
  ASSERT_EQ(::chmod(path.parent_path().c_str(), 0755), 0);
  const int exit = in_child([&] {
    if (::geteuid() == 0 && ::setuid(65'534) != 0) return 1;
    return error_of([&] { prepared(spec("t")); }).code() == Code::destination_denied ? 0 : 2;
  });
  EXPECT_EQ(exit, 0);
}

// Not a test but the process that the next one kills: what it is to do comes in the environment.
TEST_F(SqliteDestinationTest, DISABLED_WritesAUnitUntilItIsKilled) {
  job_id_ = JobId::parse(std::getenv("TEST_JOB")).value();
  auto destination = prepared(spec("t", std::getenv("TEST_URL")));
  OutputRows rows(id_column);
  write(*destination, fill(rows, 5000), std::getenv("TEST_UNIT"));
}

TEST_F(SqliteDestinationTest, WritesEachRecordOnceWhateverTheMomentItIsKilled) {
  ::setenv("TEST_JOB", job_id_.to_string().c_str(), 1);
  ::setenv("TEST_URL", database_->url().c_str(), 1);
  const TemporaryFolder leftovers;
  for (const std::string mode : {"delete", "wal"}) {
    database_->run("PRAGMA journal_mode=" + mode);
    database_->run("DROP TABLE IF EXISTS t; CREATE TABLE t (id INTEGER CHECK (id <> 7))");
    prepared(spec("t"));
    for (const std::string fault : {"destination.after_ledger_insert", "destination.mid_rows",
                                    "destination.before_commit", "destination.after_commit"}) {
      const std::string unit = std::string("r:").append(mode).append(fault);
      const int killed = in_child([&] {
        ::setenv("FREIGHT_FAULT", fault.c_str(), 1);
        ::setenv("TEST_UNIT", unit.c_str(), 1);
        // It is killed before it removes its own folder.
        ::setenv("TMPDIR", leftovers.path().c_str(), 1);
        ::unsetenv("GTEST_TOTAL_SHARDS");
        ::unsetenv("GTEST_SHARD_INDEX");
        ::execl("/proc/self/exe", "child", "--gtest_also_run_disabled_tests", "--gtest_brief=1",
                "--gtest_filter=*WritesAUnitUntilItIsKilled", nullptr);
        return 98;
      });
      ASSERT_EQ(killed, -SIGKILL) << fault;

      auto destination = prepared(spec("t"));
      OutputRows rows(id_column);
      const WriteResult result = write(*destination, fill(rows, 5000), unit);
      EXPECT_EQ(result.from_ledger, fault == "destination.after_commit") << fault;
      EXPECT_EQ(result.inserted, 4999u) << fault;
      EXPECT_EQ(result.exceptions.size(), 1u) << fault;
    }
    EXPECT_EQ(count("t"), std::to_string(4 * 4999));
    EXPECT_EQ(count("(SELECT id FROM t GROUP BY id HAVING count(*) <> 4)"), "0");
  }
}

TEST_F(SqliteDestinationTest, DoesNotCountATableThatMayBeLarge) {
  database_->run("CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (20000000)");
  auto destination = prepared(spec("t"));
  EXPECT_EQ(destination->count(false, context_), std::nullopt);
  EXPECT_EQ(destination->count(true, context_), 1u);
}

TEST_F(SqliteDestinationTest, RefusesASchemaThatAFileDoesNotHave) {
  database_->run("CREATE TABLE t (id INTEGER)");
  EXPECT_EQ(error_of([&] { prepared(spec("other.t")); }).code(), Code::table_not_found);
  EXPECT_NO_THROW(prepared(spec("main.t")));
  JobSpec job = spec("t");
  std::get<SqlDestinationSpec>(job.destination).ledger = "other.ledger";
  EXPECT_EQ(error_of([&] { prepared(job); }).code(), Code::ledger_denied);
}

TEST_F(SqliteDestinationTest, ExplainsAForeignKeyOfSeveralColumnsAndOneWithoutNamedColumns) {
  database_->run(
      "CREATE TABLE parents (a INTEGER, b TEXT, PRIMARY KEY (a, b)); INSERT INTO parents VALUES "
      "(1, 'x');"
      "CREATE TABLE t (id INTEGER, a INTEGER, b TEXT, FOREIGN KEY (a, b) REFERENCES parents);");
  auto destination = prepared(spec("t"));
  OutputRows rows({typed("id", ValueType::integer), typed("a", ValueType::integer),
                   typed("b", ValueType::string)});
  rows.add({"1", "1", "x"}).add({"2", "1", "y"}).add({"3", std::nullopt, "y"});

  const WriteResult result = write(*destination, rows);

  EXPECT_EQ(result.inserted, 2u);
  ASSERT_EQ(result.exceptions.size(), 1u);
  EXPECT_EQ(result.exceptions[0].error.message,
            "The table parents has no row for a = '1', b = 'y'.");
}

}  // namespace
}  // namespace freight::testing
