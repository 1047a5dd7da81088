// What the library promises the program that it runs in: its threads, its output and its signals
// stay the host's own.

#include <atomic>
#include <chrono>
#include <clocale>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "support/engine_fixture.hpp"

namespace freight::testing {
namespace {

std::ptrdiff_t threads_of_this_process() {
  return std::distance(std::filesystem::directory_iterator("/proc/self/task"), {});
}

/// The same once threads that were joined have left the kernel's list, which may be a moment later.
std::ptrdiff_t threads_left_of(std::ptrdiff_t expected) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (threads_of_this_process() != expected && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return threads_of_this_process();
}

/// Hands everything on to another executor and remembers how many threads it saw at most.
class CountingExecutor final : public Executor {
 public:
  explicit CountingExecutor(std::unique_ptr<Executor> executor) : executor_(std::move(executor)) {}

  void post(Task task) override { executor_->post(counted(std::move(task))); }
  void post_at(std::chrono::steady_clock::time_point due, Task task) override {
    executor_->post_at(due, counted(std::move(task)));
  }

  std::ptrdiff_t most_threads() const { return most_threads_; }

 private:
  Task counted(Task task) {
    return [this, task = std::move(task)] {
      task();
      const auto now = threads_of_this_process();
      auto most = most_threads_.load();
      while (now > most && !most_threads_.compare_exchange_weak(most, now)) continue;
    };
  }

  std::unique_ptr<Executor> executor_;
  std::atomic<std::ptrdiff_t> most_threads_ = 0;
};

class EngineHosting : public EngineTest {
 protected:
  /// 2 000 good records and one that is rejected.
  JobSpec csv_to_sqlite() {
    std::ofstream file(folder_ / "people.csv");
    file << "id,name\n";
    for (int id = 0; id < 2000; ++id) file << id << ",Ada\n";
    file << "x,Bruno\n";
    file.close();
    const std::string folder = folder_.path().string();
    return parse_job_spec(R"({"source": {"type": "csv", "path": ")" + folder + R"(/people.csv"},
        "schema": {"fields": [{"name": "id", "type": "integer"}, {"name": "name", "type": "string"}]},
        "destination": {"type": "sql", "url": "sqlite:)" +
                          folder + R"(/out.db", "table": "people", "create_table": true},
        "batch": {"max_records": 100}})")
        .value();
  }
};

TEST_P(EngineHosting, AnOwnExecutorShowsNoOtherThread) {
  const auto before = threads_of_this_process();
  const auto executor = std::make_shared<CountingExecutor>(make_thread_pool(4));
  const auto with_executor = threads_of_this_process();
  EXPECT_GT(with_executor, before);

  auto engine = make_engine({.workers = 2, .executor = executor});
  EXPECT_EQ(threads_of_this_process(), with_executor) << "before start()";
  engine->start();
  const auto job = wait(*engine, engine->submit(tenant_, csv_to_sqlite()));
  EXPECT_EQ(job.records.succeeded, 2000U) << describe(job);
  EXPECT_EQ(job.records.rejected, 1U);
  engine->stop();
  // A connection to PostgreSQL is opened on a thread that ends with it, while one of the executor's
  // waits for it.
  const std::ptrdiff_t opening = GetParam() == StorageBackend::postgresql ? 4 : 0;
  EXPECT_LE(executor->most_threads(), with_executor + opening);
  EXPECT_EQ(threads_left_of(with_executor), with_executor) << "after stop()";
}

TEST_P(EngineHosting, ItsOwnThreadsBeginWithStartAndEndWithStop) {
  // A sanitizer begins a thread of its own with the first of the process's, and keeps it.
  std::thread([] {}).join();
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  const auto before = threads_of_this_process();
  auto engine = make_engine();
  EXPECT_EQ(threads_of_this_process(), before);
  engine->start();
  EXPECT_GT(threads_of_this_process(), before);
  engine->stop();
  EXPECT_EQ(threads_left_of(before), before);
}

TEST_P(EngineHosting, NothingIsWrittenToStandardOutputAndError) {
  ::testing::internal::CaptureStdout();
  ::testing::internal::CaptureStderr();
  const auto job = run(csv_to_sqlite());
  const std::string output = ::testing::internal::GetCapturedStdout();
  const std::string errors = ::testing::internal::GetCapturedStderr();
  EXPECT_EQ(job.records.rejected, 1U) << describe(job);
  EXPECT_EQ(output, "");
  EXPECT_EQ(errors, "");
}

TEST_P(EngineHosting, SignalHandlersAndLocaleStayTheHosts) {
  const auto handlers = [] {
    std::vector<void (*)(int)> found;
    for (const int signal : {SIGPIPE, SIGINT, SIGTERM, SIGHUP, SIGCHLD}) {
      struct sigaction action {};
      EXPECT_EQ(::sigaction(signal, nullptr, &action), 0);
      found.push_back(action.sa_handler);
    }
    return found;
  };
  const auto before = handlers();
  const std::string locale = std::setlocale(LC_ALL, nullptr);
  const auto job = run(csv_to_sqlite());
  EXPECT_EQ(job.records.succeeded, 2000U) << describe(job);
  EXPECT_EQ(handlers(), before);
  EXPECT_EQ(std::setlocale(LC_ALL, nullptr), locale);
}

INSTANTIATE_TEST_SUITE_P(Storages, EngineHosting,
                         ::testing::Values(StorageBackend::sqlite, StorageBackend::postgresql),
                         name_of);

}  // namespace
}  // namespace freight::testing
