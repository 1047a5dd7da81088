// Freight inside a Boost.Asio service: the engine's work runs on the service's own threads, its log
// lines go where the service's go, and a signal ends everything in order.
//
//   asio_service STORAGE_URL JOB.json

#include <chrono>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <freight/freight.hpp>

namespace {

namespace asio = boost::asio;

/// Runs the engine's tasks on whoever runs the io_context: at least `workers + 2` threads.
class AsioExecutor final : public freight::Executor {
 public:
  explicit AsioExecutor(asio::io_context& context) : context_(context) {}

  void post(Task task) override { asio::post(context_, std::move(task)); }

  void post_at(std::chrono::steady_clock::time_point due, Task task) override {
    const auto timer = std::make_shared<asio::steady_timer>(context_, due);
    timer->async_wait([timer, task = std::move(task)](boost::system::error_code failed) {
      if (!failed) task();
    });
  }

 private:
  asio::io_context& context_;
};

/// One line a message, as the rest of the service logs.
class StderrLog final : public freight::LogSink {
 public:
  void log(freight::LogLevel level, std::string_view message,
           std::span<const freight::LogField> fields) noexcept override {
    if (level == freight::LogLevel::debug) return;
    std::string line = "service: " + std::string(message);
    for (const auto& [key, value] : fields) {
      line += ' ' + std::string(key) + '=' + std::string(value);
    }
    std::fprintf(stderr, "%s\n", line.c_str());
  }
};

/// Watches a job from the service's own loop, without blocking one of its threads.
class JobWatch {
 public:
  JobWatch(asio::io_context& context, freight::JobEngine& engine, freight::TenantId tenant,
           freight::JobId job)
      : timer_(context), context_(context), engine_(engine), tenant_(tenant), job_(job) {}

  void begin() {
    timer_.expires_after(std::chrono::milliseconds(20));
    timer_.async_wait([this](boost::system::error_code failed) {
      if (failed) return;
      const auto job = engine_.find(tenant_, job_);
      if (!job || !freight::is_final(job->status)) return begin();
      status = job->status;
      std::printf("%s: read %llu, succeeded %llu, rejected %llu\n",
                  std::string(to_string(job->status)).c_str(),
                  static_cast<unsigned long long>(job->records.read),
                  static_cast<unsigned long long>(job->records.succeeded),
                  static_cast<unsigned long long>(job->records.rejected));
      context_.stop();
    });
  }

  freight::JobStatus status = freight::JobStatus::running;

 private:
  asio::steady_timer timer_;
  asio::io_context& context_;
  freight::JobEngine& engine_;
  freight::TenantId tenant_;
  freight::JobId job_;
};

int serve(const std::string& storage_url, const std::filesystem::path& job_file) {
  constexpr unsigned workers = 2;
  std::ifstream file(job_file);
  const std::string json{std::istreambuf_iterator<char>(file), {}};
  const auto spec = freight::parse_job_spec(json, {.base_folder = job_file.parent_path()});

  asio::io_context context;
  StderrLog log;
  const auto storage = freight::open_storage(storage_url);
  freight::EngineOptions options;
  options.workers = workers;
  options.executor = std::make_shared<AsioExecutor>(context);
  options.log = &log;
  const auto engine =
      freight::make_job_engine(*storage, freight::default_connectors(), std::move(options));
  const auto tenant = storage->tenants().find_or_create("default");

  engine->start();
  const auto job = engine->submit(tenant.id, spec.value());
  JobWatch watch(context, *engine, tenant.id, job);
  watch.begin();
  asio::signal_set signals(context, SIGINT, SIGTERM);
  signals.async_wait([&](boost::system::error_code failed, int) {
    if (!failed) context.stop();
  });

  std::vector<std::thread> threads;
  for (unsigned index = 0; index < workers + 2; ++index) {
    threads.emplace_back([&context] { context.run(); });
  }
  for (std::thread& thread : threads) thread.join();
  // The tasks that were running have ended with their threads; what is left is handed back.
  engine->stop();
  return watch.status == freight::JobStatus::completed ? 0 : 1;
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 3) {
    std::fprintf(stderr, "usage: asio_service STORAGE_URL JOB.json\n");
    return 2;
  }
  try {
    return serve(arguments[1], std::filesystem::absolute(arguments[2]));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
