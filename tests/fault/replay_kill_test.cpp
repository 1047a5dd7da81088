// kill -9 at each fault point on the way of a replay and of a foreign-key pass, then to the end by
// another process: each record exactly once, and all adds up.

#include <spawn.h>
#include <sys/wait.h>

#include <csignal>
#include <cstdlib>
#include <fstream>

#include <gtest/gtest.h>

#include "freight/freight.hpp"
#include "support/destination_database.hpp"
#include "support/temporary_folder.hpp"

namespace freight::testing {
namespace {

constexpr const char* storage_variable = "FREIGHT_KILLED_STORAGE";
constexpr const char* job_variable = "FREIGHT_KILLED_JOB";

struct Storages {
  std::unique_ptr<Storage> storage;
  TenantId tenant;

  explicit Storages(const std::string& url) : storage(open_storage(url)) {
    tenant = storage->tenants().find_or_create("default").id;
  }
  std::unique_ptr<JobEngine> start() const {
    auto engine = make_job_engine(*storage, default_connectors(), {.workers = 2});
    engine->start();
    return engine;
  }
};

/// What the killed process does: the test program runs itself with this one test.
TEST(ReplayChild, DISABLED_RunsTheJob) {
  const char* const url = std::getenv(storage_variable);
  const char* const job = std::getenv(job_variable);
  ASSERT_TRUE(url != nullptr && job != nullptr);
  const Storages with(url);
  auto engine = with.start();
  engine->wait(with.tenant, JobId::parse(job).value(), std::chrono::seconds(60));
}

/// How the process ended that did it with this fault.
int run_child(const std::string& storage, JobId job, const std::string& fault) {
  std::vector<std::string> arguments = {"/proc/self/exe",
                                        "--gtest_filter=ReplayChild.DISABLED_RunsTheJob",
                                        "--gtest_also_run_disabled_tests"};
  std::vector<std::string> environment = {std::string(storage_variable) + "=" + storage,
                                          std::string(job_variable) + "=" + job.to_string(),
                                          "FREIGHT_FAULT=" + fault};
  std::vector<char*> argv;
  std::vector<char*> envp;
  for (auto& text : arguments) argv.push_back(text.data());
  for (auto& text : environment) envp.push_back(text.data());
  argv.push_back(nullptr);
  envp.push_back(nullptr);
  pid_t child = 0;
  if (::posix_spawn(&child, "/proc/self/exe", nullptr, nullptr, argv.data(), envp.data()) != 0) {
    return -1;
  }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

class ReplayKillTest : public ::testing::TestWithParam<const char*> {
 protected:
  JobSpec spec_for(const std::string& csv, const std::string& url) const {
    const auto path = folder_ / "source.csv";
    std::ofstream(path, std::ios::binary) << csv;
    return parse_job_spec(R"({"source":{"type":"csv","path":")" + path.string() +
                          R"("},"destination":{"type":"sql","url":")" + url +
                          R"(","table":"people"},"batch":{"max_records":20})" + schema_ + "}")
        .value();
  }
  std::string storage_url() const { return "sqlite:" + (folder_ / "freight.db").string(); }

  static void expect_verified(const Job& job) {
    EXPECT_NE(job.reconciliation.find(R"("status":"verified")"), std::string::npos)
        << job.reconciliation;
  }

  TemporaryFolder folder_;
  /// A member of the spec, with a comma before it.
  std::string schema_;
};

TEST_P(ReplayKillTest, AReplayLandsExactlyOnce) {
  const auto target = make_sqlite_test_database();
  target->run("CREATE TABLE people (id bigint PRIMARY KEY, amount bigint)");
  // SQLite itself takes any text for a number.
  schema_ = R"(,"schema":{"fields":[{"name":"id"},{"name":"amount","type":"integer"}]})";
  std::string csv = "id,amount\n";
  for (int id = 0; id < 100; ++id) csv += std::to_string(id) + (id % 2 == 0 ? ",x\n" : ",1\n");
  JobId id;
  {
    const Storages with(storage_url());
    auto engine = with.start();
    id = engine->submit(with.tenant, spec_for(csv, target->url()));
    const auto job = engine->wait(with.tenant, id, std::chrono::seconds(60));
    ASSERT_EQ(job.records.rejected, 50U);
    engine->stop();
    int next = 0;
    const auto corrections = [&next](Correction& correction) {
      if (next == 100) return false;
      correction = {.ordinal = static_cast<std::uint64_t>(next),
                    .record = {},
                    .texts = {std::to_string(next), "2"}};
      next += 2;
      return true;
    };
    ASSERT_EQ(engine->replay(with.tenant, id, CorrectionReader(corrections)).batches, 3U);
  }
  const int status = run_child(storage_url(), id, GetParam());
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << status;
  const Storages with(storage_url());
  const auto job = with.start()->wait(with.tenant, id, std::chrono::seconds(60));
  EXPECT_EQ(job.status, JobStatus::completed);
  EXPECT_EQ(job.records.succeeded, 100U);
  EXPECT_EQ(job.records.rejected, 0U);
  EXPECT_EQ(job.written.inserted, 100U);
  expect_verified(job);
  EXPECT_EQ(target->value("SELECT count(*) || ' ' || sum(amount) FROM people"), "100 150");
}

TEST_P(ReplayKillTest, AForeignKeyPassLandsExactlyOnce) {
  const auto target = make_sqlite_test_database();
  target->run("CREATE TABLE people (id bigint PRIMARY KEY, parent bigint REFERENCES people (id))");
  std::string csv = "id,parent\n";
  for (int id = 100; id >= 1; --id) {
    csv += std::to_string(id) + ',' + (id == 1 ? "" : std::to_string(id / 2)) + '\n';
  }
  JobId id;
  {
    const Storages with(storage_url());
    auto engine = make_job_engine(*with.storage, default_connectors(), {.workers = 2});
    id = engine->submit(with.tenant, spec_for(csv, target->url()));
  }
  const int status = run_child(storage_url(), id, GetParam());
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << status;
  const Storages with(storage_url());
  const auto job = with.start()->wait(with.tenant, id, std::chrono::seconds(60));
  EXPECT_EQ(job.status, JobStatus::completed);
  EXPECT_EQ(job.records.succeeded, 100U);
  EXPECT_EQ(job.written.inserted, 100U);
  expect_verified(job);
  EXPECT_TRUE(with.storage->jobs().list_dead_letters(with.tenant, id, {}).empty());
  EXPECT_EQ(target->value("SELECT count(*) FROM people"), "100");
}

INSTANTIATE_TEST_SUITE_P(Points, ReplayKillTest,
                         ::testing::Values("destination.after_ledger_insert:1",
                                           "destination.before_commit:2",
                                           "destination.after_commit:1",
                                           "destination.after_commit:3",
                                           "engine.before_acknowledge:1",
                                           "engine.after_acknowledge:1", "finish.before:1"),
                         [](const auto& point) {
                           std::string name = point.param;
                           for (auto& c : name) c = std::isalnum(c) != 0 ? c : '_';
                           return name;
                         });

}  // namespace
}  // namespace freight::testing
