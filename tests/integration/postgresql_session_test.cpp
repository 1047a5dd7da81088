#include "database/postgresql/postgresql_session.hpp"

#include <cstdint>
#include <functional>
#include <limits>

#include <gtest/gtest.h>
#include <libpq-fe.h>

#include "database/postgresql/liveness_probe.hpp"
#include "database/postgresql/postgresql_error.hpp"
#include "database/query.hpp"
#include "database/session_pool.hpp"
#include "database/transaction.hpp"
#include "support/tcp_proxy.hpp"
#include "support/test_database.hpp"

namespace freight::database {
namespace {

using std::chrono::milliseconds;

Condition condition_of(const std::function<void()>& work, DatabaseFailure* failure = nullptr) {
  try {
    work();
  } catch (const DatabaseError& error) {
    if (failure != nullptr) *failure = error.failure();
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

Url url_of(const std::string& text) { return parse_url(text, Code::invalid_value); }

class PostgresqlSessionTest : public ::testing::Test {
 protected:
  std::unique_ptr<Session> open(const PostgresqlOptions& options = {}) {
    return open_postgresql_session(url_of(database_.url()), options);
  }

  static void fall_silent_at_first_statement(testing::TcpProxy& proxy) {
    proxy.keep_after([](std::string_view sent) {
      return sent.find("extra_float_digits") != std::string_view::npos;
    });
  }

  testing::TestDatabase database_;
};

TEST(PostgresqlConnectionString, ProbesAServerThatSaysNothingUnlessTheUrlSaysOtherwise) {
  const auto text = [](const char* url) { return postgresql_connection_string(url_of(url), {}); };
  EXPECT_NE(text("postgresql://host/db").find("keepalives_idle='5'"), std::string::npos);
  EXPECT_NE(text("postgresql://host/db").find("tcp_user_timeout='15000'"), std::string::npos);
  EXPECT_NE(text("postgresql://host/db?keepalives_idle=60").find("keepalives_idle='60'"),
            std::string::npos);
}

TEST_F(PostgresqlSessionTest, SetsWhatASessionNeeds) {
  auto session = open();
  EXPECT_EQ(single(*session, "SHOW TimeZone"), "UTC");
  EXPECT_EQ(single(*session, "SHOW DateStyle"), "ISO, YMD");
  EXPECT_EQ(single(*session, "SHOW client_encoding"), "UTF8");
  EXPECT_EQ(single(*session, "SHOW standard_conforming_strings"), "on");
  EXPECT_EQ(single(*session, "SHOW application_name"), "freight");
  EXPECT_EQ(single(*session, "SHOW statement_timeout"), "1min");
  EXPECT_EQ(single(*session, "SHOW lock_timeout"), "10s");
  EXPECT_EQ(single(*session, "SHOW idle_in_transaction_session_timeout"), "5s");
}

TEST_F(PostgresqlSessionTest, LeavesNothingBehindAPooler) {
  auto session =
      open({.statement_timeout = milliseconds(7000), .scope = SettingsScope::transaction});
  const auto before = single(*session, "SHOW statement_timeout");
  {
    Transaction transaction(*session);
    EXPECT_EQ(single(*session, "SHOW statement_timeout"), "7s");
    EXPECT_EQ(single(*session, "SHOW TimeZone"), "UTC");
    transaction.commit();
  }
  EXPECT_EQ(single(*session, "SHOW statement_timeout"), before);
  EXPECT_EQ(single(*session, "SELECT count(*) FROM pg_prepared_statements"), "0");
}

TEST_F(PostgresqlSessionTest, WhatTheUrlSaysWins) {
  auto session = open_postgresql_session(
      url_of(database_.url() + "?application_name=mine&connect_timeout=3"), {});
  EXPECT_EQ(single(*session, "SHOW application_name"), "mine");
}

TEST_F(PostgresqlSessionTest, PrintsNoNotices) {
  auto session = open();
  ::testing::internal::CaptureStderr();
  session->run("DROP TABLE IF EXISTS no_table");
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
}

TEST_F(PostgresqlSessionTest, CarriesEveryIntegerTextAndNull) {
  auto session = open();
  session->run("CREATE TABLE t (i BIGINT, s TEXT, r DOUBLE PRECISION)");
  for (const std::int64_t number : {std::numeric_limits<std::int64_t>::min(), std::int64_t{1} << 40,
                                    std::numeric_limits<std::int64_t>::max()}) {
    Query(*session, "INSERT INTO t VALUES (:i, :s, :r), (NULL, NULL, :r)")
        .with("i", number)
        .with("s", std::string("ü 'x' \\ :name"))
        .with("r", 0.1)
        .execute();
    std::optional<std::int64_t> i;
    std::optional<std::string> s;
    double r = 0;
    Query query(*session, "SELECT i, s, r FROM t ORDER BY i NULLS LAST");
    query.into(i).into(s).into(r);
    ASSERT_TRUE(query.next());
    EXPECT_EQ(i, number);
    EXPECT_EQ(s, "ü 'x' \\ :name");
    EXPECT_EQ(r, 0.1);
    ASSERT_TRUE(query.next());
    EXPECT_EQ(i, std::nullopt);
    EXPECT_EQ(s, std::nullopt);
    EXPECT_FALSE(query.next());
    EXPECT_EQ(Query(*session, "DELETE FROM t").execute(), 2U);
  }
}

TEST_F(PostgresqlSessionTest, TellsConditionsApart) {
  auto session = open();
  session->run(
      "CREATE TABLE p (id BIGINT PRIMARY KEY);"
      "CREATE TABLE t (k BIGINT UNIQUE, n BIGINT NOT NULL, c BIGINT CHECK (c > 0),"
      " f BIGINT REFERENCES p (id)); INSERT INTO t VALUES (1, 1, 1, NULL)");
  const auto run = [&](const std::string& sql) {
    return condition_of([&] { Query(*session, sql).execute(); });
  };
  EXPECT_EQ(run("INSERT INTO t VALUES (1, 1, 1, NULL)"), Condition::unique);
  EXPECT_EQ(run("INSERT INTO t VALUES (2, NULL, 1, NULL)"), Condition::not_null);
  EXPECT_EQ(run("INSERT INTO t VALUES (2, 1, 0, NULL)"), Condition::check);
  EXPECT_EQ(run("INSERT INTO t VALUES (2, 1, 1, 5)"), Condition::foreign_key);
  EXPECT_EQ(run("SELECT * FROM no_table"), Condition::missing);
  EXPECT_EQ(run("SELECT 'x'::int"), Condition::data);
  session->run("SET statement_timeout = 10");
  EXPECT_EQ(run("SELECT pg_sleep(5)"), Condition::timeout);
}

TEST_F(PostgresqlSessionTest, SaysWhyItCannotConnect) {
  DatabaseFailure failure;
  EXPECT_EQ(condition_of(
                [] { open_postgresql_session(url_of("postgresql://u:secret@127.0.0.1:1/d"), {}); },
                &failure),
            Condition::unavailable);
  EXPECT_TRUE(failure.outage());
  EXPECT_EQ(failure.text.find("secret"), std::string::npos) << failure.text;
  EXPECT_EQ(condition_of([&] { open_postgresql_session(url_of(database_.url() + "_no"), {}); }),
            Condition::missing);
  EXPECT_EQ(
      condition_of([&] { open_postgresql_session(url_of(database_.url_for("nobody_x")), {}); }),
      Condition::denied);
  EXPECT_EQ(
      condition_of([] { open_postgresql_session(url_of("postgresql://u:secret@h:port/%zz"), {}); },
                   &failure),
      Condition::other);
  EXPECT_EQ(failure.text.find("secret"), std::string::npos) << failure.text;
}

TEST_F(PostgresqlSessionTest, AServerThatFallsSilentAtTheFirstStatementIsUnavailable) {
  testing::TcpProxy proxy(database_.url());
  fall_silent_at_first_statement(proxy);
  const Url url = url_of(proxy.url() + "?connect_timeout=1");
  DatabaseFailure failure;
  EXPECT_EQ(condition_of([&] { open_postgresql_session(url); }, &failure), Condition::unavailable);
  EXPECT_TRUE(failure.outage());
  EXPECT_NE(failure.text.find("said nothing more for 12 s"), std::string::npos) << failure.text;
}

TEST_F(PostgresqlSessionTest, WhoWaitsForASessionToOpenCanGiveUp) {
  testing::TcpProxy proxy(database_.url());
  fall_silent_at_first_statement(proxy);
  const Url url = url_of(proxy.url());
  struct Enough {};
  EXPECT_THROW(open_postgresql_session(url, {}, [] { throw Enough(); }), Enough);
}

TEST_F(PostgresqlSessionTest, ACopyThatIsSentNothingIsEndedByWhoWaitsForItsLock) {
  database_.run("CREATE TABLE t (a BIGINT PRIMARY KEY)");
  auto frozen = open();
  frozen->run("BEGIN; INSERT INTO t VALUES (1)");
  auto* const copying = postgresql_handle(*frozen);
  PQclear(PQexec(copying, "COPY t FROM STDIN"));
  auto waiting = open();
  auto* const blocked = postgresql_handle(*waiting);
  ASSERT_EQ(PQsendQuery(blocked, "INSERT INTO t VALUES (1)"), 1);
  const auto wait_for = [&](const std::string& what, const std::string& expected) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    std::string seen;
    while ((seen = database_.value("SELECT " + what)) != expected) {
      if (std::chrono::steady_clock::now() > end) FAIL() << what << " is " << seen;
    }
  };
  const auto event_of = [](PGconn* connection) {
    return "wait_event FROM pg_stat_activity WHERE pid = " +
           std::to_string(PQbackendPID(connection));
  };
  wait_for(event_of(copying), "ClientRead");
  wait_for(event_of(blocked), "transactionid");

  const LivenessProbe probe(blocked);
  std::string blockers;
  EXPECT_TRUE(probe.still_works({}, &blockers));
  EXPECT_TRUE(blockers.starts_with(std::to_string(PQbackendPID(copying)) + "@")) << blockers;
  // What was sent something meanwhile is alive.
  ASSERT_EQ(PQputCopyData(copying, "2\n", 2), 1);
  ASSERT_EQ(PQflush(copying), 0);
  wait_for("bytes_processed FROM pg_stat_progress_copy WHERE datname = current_database()", "2");
  wait_for(event_of(copying), "ClientRead");
  EXPECT_TRUE(probe.still_works({}, &blockers));
  EXPECT_EQ(PQconsumeInput(blocked), 1);
  EXPECT_EQ(PQisBusy(blocked), 1);

  EXPECT_TRUE(probe.still_works({}, &blockers));
  const std::unique_ptr<PGresult, decltype(&PQclear)> inserted(PQgetResult(blocked), &PQclear);
  EXPECT_EQ(PQresultStatus(inserted.get()), PGRES_COMMAND_OK) << PQerrorMessage(blocked);
}

TEST_F(PostgresqlSessionTest, ABrokenConnectionIsAnOutageAndThePoolReconnects) {
  SessionPool pool([&] { return open(); }, {.size = 1});
  const auto process = single(*pool.acquire(), "SELECT pg_backend_pid()");
  testing::TestDatabase::run_on_server("SELECT pg_terminate_backend(" + process + ", 5000)");
  {
    auto lease = pool.acquire();
    DatabaseFailure failure;
    EXPECT_EQ(condition_of([&] { Query(*lease, "SELECT 1").execute(); }, &failure),
              Condition::unavailable);
    EXPECT_TRUE(failure.session_lost);
    EXPECT_FALSE(lease->alive());
  }
  EXPECT_NE(single(*pool.acquire(), "SELECT pg_backend_pid()"), process);
}

TEST_F(PostgresqlSessionTest, AConnectionThatBreaksInCommitIsAmbiguous) {
  auto session = open();
  session->run("CREATE TABLE t (a BIGINT)");
  Transaction transaction(*session);
  session->run("INSERT INTO t VALUES (1)");
  testing::TestDatabase::run_on_server("SELECT pg_terminate_backend(" +
                                       single(*session, "SELECT pg_backend_pid()") + ", 5000)");
  EXPECT_EQ(condition_of([&] { transaction.commit(); }), Condition::ambiguous);
}

TEST(PostgresqlError, MapsStatesToConditions) {
  const std::pair<const char*, Condition> states[] = {
      {"40001", Condition::serialization}, {"40P01", Condition::serialization},
      {"55P03", Condition::busy},          {"57014", Condition::timeout},
      {"57P01", Condition::unavailable},   {"08006", Condition::unavailable},
      {"53100", Condition::full},          {"42501", Condition::denied},
      {"22003", Condition::data},          {"23505", Condition::unique},
      {"25006", Condition::read_only},     {"42601", Condition::other}};
  for (const auto& [state, condition] : states) {
    const auto failure = describe_postgresql(state, "text\nmore\n", true);
    EXPECT_EQ(failure.condition, condition) << state;
    EXPECT_EQ(failure.sqlstate, state);
    EXPECT_EQ(failure.text, "text more");
  }
  EXPECT_EQ(describe_postgresql("     ", "gone", false).condition, Condition::unavailable);
  EXPECT_EQ(describe_postgresql("", "odd", true).condition, Condition::other);
}

}  // namespace
}  // namespace freight::database
