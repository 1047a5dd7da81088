#include "server.hpp"

#include <chrono>
#include <future>
#include <span>
#include <thread>

#include "blobs.hpp"
#include "connections.hpp"
#include "console.hpp"
#include "event_signal.hpp"
#include "exit_status.hpp"
#include "first_keys.hpp"
#include "freight/job_engine.hpp"
#include "freight/migration_engine.hpp"
#include "freight/storage.hpp"
#include "http/listener.hpp"
#include "interruption.hpp"
#include "log_output.hpp"
#include "metrics.hpp"
#include "reach.hpp"
#include "rest/application.hpp"
#include "rest/authenticator.hpp"
#include "rest/openapi.hpp"
#include "rest/rate_limiter.hpp"
#include "rest/services.hpp"
#include "retention.hpp"
#include "server_state.hpp"
#include "tenant_connectors.hpp"

namespace freight::daemon {
namespace {

http::ListenerOptions listener_options(Server::Role role, const ServerOptions& server) {
  http::ListenerOptions options;
  options.address = server.address;
  options.port = server.port;
  options.streamed_body = server.upload_limit;
  if (server.tls_certificate)
    options.tls = http::TlsFiles{*server.tls_certificate, *server.tls_key};
  if (role == Server::Role::worker && server.health)
    std::tie(options.address, options.port) = *server.health;
  return options;
}

std::string url_of(const http::ListenerOptions& options, std::uint16_t port) {
  const bool six = options.address.find(':') != std::string::npos;
  return std::string(options.tls ? "https://" : "http://") +
         (six ? "[" + options.address + "]" : options.address) + ":" + std::to_string(port);
}

}  // namespace

class Server::Impl {
 public:
  Impl(Role role, const Options& options)
      : role_(role),
        options_(options),
        log_(options.server.json_log ? LogLineFormat::json : LogLineFormat::text,
             options.server.log_level, options.server.log_file),
        reach_(options.server.allowed_folders, options.server.allowed_hosts),
        storage_(open_storage(options.storage)),
        blobs_(open_blobs(*storage_, options)),
        connections_(storage_->connections(),
                     MasterKey::find(options.server.master_key_file,
                                     folder_of(options.storage) / "master.key"),
                     reach_),
        connectors_(tenant_connectors(*storage_, *blobs_, connections_, reach_,
                                      connector_options(options_))),
        engine_(make_job_engine(*storage_, connectors_, make_engine_options())),
        migrations_(make_migration_engine(*storage_, *engine_, connectors_,
                                          {.log = &log_, .lease = options.lease})),
        authenticator_(storage_->tenants()),
        services_{.storage = *storage_,
                  .engine = *engine_,
                  .migrations = *migrations_,
                  .connectors = connectors_,
                  .authenticator = authenticator_,
                  .rates = rates_,
                  .blobs = *blobs_,
                  .connections = connections_,
                  .reach = reach_,
                  .events = events_,
                  .metrics = metrics_,
                  .log = log_,
                  .state = state_,
                  .openapi = rest::make_openapi(rest::all_routes().routes()),
                  .cors_origins = options.server.cors_origins},
        application_(services_, role == Role::worker ? rest::probe_routes() : rest::all_routes()) {}

  int run() {
    watch_hangups();
    const http::ListenerOptions listen = listener_options(role_, options_.server);
    const bool listens = role_ == Role::serve || options_.server.health;
    std::optional<http::Listener> listener;
    // The port first: a second server must not find out after it has made keys.
    if (listens) listener.emplace(listen, application_);
    if (role_ == Role::serve) make_first_keys(*storage_, options_);
    engine_->start();
    migrations_->start();
    if (listener) {
      state_.set_listener([&] { return std::pair(listener->connections(), listener->streams()); });
      listener->start();
      say("listening on " + url_of(listen, listener->port()));
    } else {
      say("working for " + storage_->display_url());
    }
    wait();
    stop(listener);
    return exit_completed;
  }

 private:
  EngineOptions make_engine_options() {
    EngineOptions engine = engine_options(options_);
    engine.log = &log_;
    engine.events = &events_;
    engine.metrics = &metrics_;
    return engine;
  }

  void wait() {
    constexpr std::chrono::milliseconds look{50};
    constexpr std::chrono::minutes prune_interval{10};
    auto prune_at = std::chrono::steady_clock::now();
    while (!interrupted()) {
      if (take_hangup()) reload();
      if (std::chrono::steady_clock::now() >= prune_at) {
        prune_at = std::chrono::steady_clock::now() + prune_interval;
        prune();
      }
      std::this_thread::sleep_for(look);
    }
  }

  void prune() {
    if (role_ != Role::serve) return;
    try {
      prune_storage(*storage_, *blobs_, options_.server);
    } catch (const std::exception& error) {
      log_.log(LogLevel::error, "could not prune: " + std::string(error.what()), {});
    }
  }

  /// The log file under its name, the level of the configuration, and keys from the storage.
  void reload() {
    log_.reopen();
    authenticator_.forget();
    try {
      log_.set_level(reread(options_).server.log_level);
      log_.log(LogLevel::info, "reloaded", {});
    } catch (const Error& error) {
      log_.log(LogLevel::error, error.what(), {});
    }
  }

  void stop(std::optional<http::Listener>& listener) {
    say("stopping: finishing requests and batches; a second signal ends it at once");
    state_.begin_stop();
    auto migrations = std::async(std::launch::async, [&] { migrations_->stop(); });
    auto engine = std::async(std::launch::async, [&] {
      engine_->stop();
      migrations.wait();
    });
    if (listener) listener->stop(options_.server.drain);
    // What does not end in time is handed back by the storage: its lease runs out.
    if (engine.wait_for(options_.server.drain) == std::future_status::timeout) {
      say("batches did not end in time; their leases run out, and others take them over");
      std::_Exit(exit_completed);
    }
    say("stopped");
  }

  const Role role_;
  const Options& options_;
  LogOutput log_;
  EventSignal events_;
  Metrics metrics_;
  ServerState state_;
  Reach reach_;
  std::unique_ptr<Storage> storage_;
  std::unique_ptr<Blobs> blobs_;
  Connections connections_;
  ConnectorRegistry connectors_;
  std::unique_ptr<JobEngine> engine_;
  std::unique_ptr<MigrationEngine> migrations_;
  rest::Authenticator authenticator_;
  rest::RateLimiter rates_;
  rest::Services services_;
  rest::Application application_;
};

std::unique_ptr<Blobs> open_blobs(Storage& storage, const Options& options) {
  const auto folder = folder_of(options.storage) / "freight-uploads";
  auto shared = options.server.blob_folder;
  if (!shared && options.storage.starts_with("sqlite:")) shared = folder;
  return std::make_unique<Blobs>(storage.uploads(), shared, folder);
}

Server::Server(Role role, const Options& options) : impl_(std::make_unique<Impl>(role, options)) {}
Server::~Server() = default;
int Server::run() { return impl_->run(); }

}  // namespace freight::daemon
