#include "database/sqlite/sqlite_session.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <fstream>
#include <future>
#include <limits>

#include <gtest/gtest.h>

#include "database/query.hpp"
#include "database/session_pool.hpp"
#include "database/transaction.hpp"
#include "support/temporary_folder.hpp"

namespace freight::database::sqlite_session_test {
namespace {

using std::chrono::milliseconds;

Url sqlite_url(const std::filesystem::path& path) {
  return {.backend = Backend::sqlite, .path = path.string(), .text = {}};
}

Condition condition_of(const std::function<void()>& work, std::string* text = nullptr) {
  try {
    work();
  } catch (const DatabaseError& error) {
    if (text != nullptr) *text = error.failure().text;
    return error.condition();
  }
  ADD_FAILURE() << "nothing was thrown";
  return Condition::other;
}

std::string single(Session& session, const std::string& sql) {
  std::string value;
  Query query(session, sql);
  query.into(value);
  query.next();
  return value;
}

class SqliteSessionTest : public ::testing::Test {
 protected:
  std::unique_ptr<Session> open(SqliteOptions options = {.create = true}) {
    return open_sqlite_session(sqlite_url(folder_ / "a.db"), options);
  }

  testing::TemporaryFolder folder_;
};

TEST_F(SqliteSessionTest, SetsWhatASessionNeeds) {
  auto session = open();
  EXPECT_EQ(single(*session, "PRAGMA synchronous"), "2");
  EXPECT_EQ(single(*session, "PRAGMA foreign_keys"), "1");
  EXPECT_EQ(single(*session, "PRAGMA busy_timeout"), "5000");
  EXPECT_EQ(single(*session, "PRAGMA journal_mode"), "delete");
}

TEST_F(SqliteSessionTest, KeepsTheJournalModeUnlessItIsOurOwn) {
  open({.write_ahead_log = true, .create = true});
  EXPECT_EQ(single(*open({}), "PRAGMA journal_mode"), "wal");
}

TEST_F(SqliteSessionTest, OpensPathsWithSpacesAndEqualSigns) {
  for (const auto* name : {"a b.db", "a=b.db", "a = b.db", "ü.db"}) {
    auto session = open_sqlite_session(sqlite_url(folder_ / name), {.create = true});
    session->run("CREATE TABLE t (a)");
    EXPECT_TRUE(std::filesystem::exists(folder_ / name)) << name;
  }
}

TEST_F(SqliteSessionTest, SaysWhatIsWrongWithThePath) {
  std::string text;
  EXPECT_EQ(condition_of([&] { open({}); }, &text), Condition::missing);
  EXPECT_NE(text.find("does not exist"), std::string::npos) << text;
  EXPECT_EQ(
      condition_of([&] { open_sqlite_session(sqlite_url(folder_ / "no/a.db"), {.create = true}); },
                   &text),
      Condition::missing);
  EXPECT_NE(text.find("folder"), std::string::npos) << text;
  EXPECT_EQ(condition_of([&] { open_sqlite_session(sqlite_url(folder_.path()), {.create = true}); },
                         &text),
            Condition::missing);
  EXPECT_NE(text.find("directory"), std::string::npos) << text;
  std::ofstream(folder_ / "text.db") << std::string(4096, 'x');
  EXPECT_EQ(condition_of([&] { open_sqlite_session(sqlite_url(folder_ / "text.db")); }, &text),
            Condition::damaged);
  EXPECT_NE(text.find("text.db"), std::string::npos) << text;
}

TEST_F(SqliteSessionTest, CarriesEveryIntegerAndText) {
  auto session = open();
  session->run("CREATE TABLE t (i BIGINT, s TEXT, r REAL)");
  for (const std::int64_t number :
       {std::numeric_limits<std::int64_t>::min(), std::int64_t{-1}, std::int64_t{1} << 40,
        std::numeric_limits<std::int64_t>::max()}) {
    Query(*session, "INSERT INTO t VALUES (:i, :s, :r)")
        .with("i", number)
        .with("s", std::string("a\0b ü", 6))
        .with("r", 0.1)
        .execute();
    std::int64_t i = 0;
    std::string s;
    double r = 0;
    Query query(*session, "SELECT i, s, r FROM t");
    query.into(i).into(s).into(r);
    ASSERT_TRUE(query.next());
    EXPECT_EQ(i, number);
    EXPECT_EQ(s, std::string("a\0b ü", 6));
    EXPECT_EQ(r, 0.1);
    EXPECT_FALSE(query.next());
    session->run("DELETE FROM t");
  }
}

TEST_F(SqliteSessionTest, ReadsAndWritesNull) {
  auto session = open();
  session->run("CREATE TABLE t (i BIGINT, s TEXT)");
  EXPECT_EQ(Query(*session, "INSERT INTO t VALUES (:i, :s), (1, :s)")
                .with("i", std::optional<std::int64_t>())
                .with("s", std::optional<std::string>())
                .execute(),
            2U);
  std::optional<std::uint64_t> i = 7;
  std::optional<std::string> s = "x";
  Query query(*session, "SELECT i, s FROM t ORDER BY i NULLS FIRST");
  query.into(i).into(s);
  ASSERT_TRUE(query.next());
  EXPECT_EQ(i, std::nullopt);
  EXPECT_EQ(s, std::nullopt);
  ASSERT_TRUE(query.next());
  EXPECT_EQ(i, 1U);
}

TEST_F(SqliteSessionTest, TellsConstraintsApart) {
  auto session = open();
  session->run(
      "CREATE TABLE p (id BIGINT PRIMARY KEY);"
      "CREATE TABLE t (k BIGINT UNIQUE, n BIGINT NOT NULL, c BIGINT CHECK (c > 0),"
      " f BIGINT REFERENCES p (id)); INSERT INTO t VALUES (1, 1, 1, NULL)");
  const auto insert = [&](const char* values) {
    return condition_of(
        [&] { Query(*session, std::string("INSERT INTO t VALUES ") + values).execute(); });
  };
  EXPECT_EQ(insert("(1, 1, 1, NULL)"), Condition::unique);
  EXPECT_EQ(insert("(2, NULL, 1, NULL)"), Condition::not_null);
  EXPECT_EQ(insert("(2, 1, 0, NULL)"), Condition::check);
  EXPECT_EQ(insert("(2, 1, 1, 5)"), Condition::foreign_key);
  std::string text;
  EXPECT_EQ(condition_of([&] { Query(*session, "SELECT * FROM no_table").execute(); }, &text),
            Condition::missing)
      << text;
}

TEST_F(SqliteSessionTest, ErrorsDoNotHoldBoundValues) {
  auto session = open();
  session->run("CREATE TABLE t (k TEXT UNIQUE); INSERT INTO t VALUES ('top secret')");
  std::string text;
  condition_of(
      [&] {
        Query(*session, "INSERT INTO t VALUES (:k)").with("k", std::string("top secret")).execute();
      },
      &text);
  EXPECT_EQ(text.find("top secret"), std::string::npos) << text;
}

TEST_F(SqliteSessionTest, AWriterIsBusyWhileAnotherWrites) {
  auto first = open();
  auto second = open({.busy_timeout = milliseconds(20)});
  Transaction transaction(*first);
  EXPECT_EQ(condition_of([&] { Transaction other(*second); }), Condition::busy);
}

TEST_F(SqliteSessionTest, RollsBackWhatWasNotCommitted) {
  auto session = open();
  session->run("CREATE TABLE t (a)");
  {
    Transaction transaction(*session);
    session->run("INSERT INTO t VALUES (1)");
  }
  EXPECT_EQ(single(*session, "SELECT count(*) FROM t"), "0");
  {
    Transaction transaction(*session);
    session->run("INSERT INTO t VALUES (1)");
    transaction.commit();
  }
  EXPECT_EQ(single(*session, "SELECT count(*) FROM t"), "1");
}

TEST_F(SqliteSessionTest, ThePoolIsBoundedAndServesInOrder) {
  open();
  SessionPool pool([&] { return open(); }, {.size = 1, .acquire_timeout = milliseconds(30)});
  std::optional<SessionPool::Lease> lease(pool.acquire());
  EXPECT_EQ(condition_of([&] { pool.acquire(); }), Condition::busy);

  SessionPool patient([&] { return open(); },
                      {.size = 1, .acquire_timeout = milliseconds(120'000)});
  std::optional<SessionPool::Lease> held(patient.acquire());
  std::mutex mutex;
  std::vector<int> order;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      auto mine = patient.acquire();
      const std::lock_guard lock(mutex);
      order.push_back(i);
    });
    while (patient.waiting() <= static_cast<std::size_t>(i)) std::this_thread::yield();
  }
  held.reset();
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(order, (std::vector<int>{0, 1, 2, 3}));
  EXPECT_EQ(patient.open_sessions(), 1U);
}

TEST_F(SqliteSessionTest, ThePoolDropsASessionWithAnOpenTransaction) {
  open();
  SessionPool pool([&] { return open(); }, {.size = 1});
  pool.acquire()->run("BEGIN");
  EXPECT_FALSE(pool.acquire()->in_transaction());
}

TEST_F(SqliteSessionTest, ThePoolGoesOnAfterOpeningFailed) {
  SessionPool pool([&] { return open({}); }, {.size = 1, .acquire_timeout = milliseconds(100)});
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(condition_of([&] { pool.acquire(); }), Condition::missing);
  }
  open();
  EXPECT_EQ(pool.acquire()->backend(), Backend::sqlite);
}

}  // namespace
}  // namespace freight::database::sqlite_session_test
