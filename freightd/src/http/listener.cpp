#include "http/listener.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <thread>
#include <utility>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>

#include "freight/error.hpp"
#include "http/connection.hpp"

namespace freight::daemon::http {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr int backlog = 1024;

/// A connection takes a descriptor; the usual limit of 1024 would be met long before ours.
void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

std::optional<asio::ssl::context> tls_context(const std::optional<TlsFiles>& files) {
  if (!files) return std::nullopt;
  try {
    asio::ssl::context context(asio::ssl::context::tls_server);
    context.set_options(asio::ssl::context::default_workarounds | asio::ssl::context::no_tlsv1 |
                        asio::ssl::context::no_tlsv1_1 | asio::ssl::context::no_compression);
    context.use_certificate_chain_file(files->certificate.string());
    context.use_private_key_file(files->key.string(), asio::ssl::context::pem);
    return context;
  } catch (const boost::system::system_error& error) {
    throw Error(Code::usage, "cannot use the TLS certificate '" + files->certificate.string() +
                                 "' with the key '" + files->key.string() +
                                 "': " + error.code().message());
  }
}

}  // namespace

class Listener::Impl {
 public:
  Impl(const ListenerOptions& options, Application& application)
      : exchanges_(options, application),
        tls_(tls_context(options.tls)),
        acceptor_(asio::make_strand(exchanges_.io)),
        pause_(acceptor_.get_executor()) {
    raise_descriptor_limit();
    bind(options);
  }

  ~Impl() {
    stop(std::chrono::milliseconds::zero());
    exchanges_.asides.join();
    exchanges_.streams.join();
  }

  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
  const Exchanges& exchanges() const { return exchanges_; }

  void start() {
    asio::post(acceptor_.get_executor(), [this] { accept(); });
    for (unsigned number = 0; number < exchanges_.options.workers; ++number)
      threads_.emplace_back([this] { exchanges_.io.run(); });
  }

  void stop(std::chrono::milliseconds patience) {
    if (exchanges_.stopping.exchange(true) || threads_.empty()) return;
    asio::post(acceptor_.get_executor(), [this] {
      boost::system::error_code ignored;
      acceptor_.close(ignored);
      pause_.cancel();
    });
    for (const auto& connection : exchanges_.open()) connection->stop_soon();
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (exchanges_.connections > 0 && std::chrono::steady_clock::now() < deadline)
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    for (const auto& connection : exchanges_.open()) connection->abort();
    // Their threads may still wait for what the threads of `io` do for them.
    exchanges_.asides.join();
    exchanges_.streams.join();
    work_.reset();
    for (std::thread& thread : threads_) thread.join();
  }

 private:
  void bind(const ListenerOptions& options) {
    try {
      const tcp::endpoint endpoint(asio::ip::make_address(options.address), options.port);
      acceptor_.open(endpoint.protocol());
      // So that a restart need not wait; unlike SO_REUSEPORT it lets no second server in.
      acceptor_.set_option(tcp::acceptor::reuse_address(true));
      acceptor_.bind(endpoint);
      acceptor_.listen(backlog);
    } catch (const boost::system::system_error& error) {
      throw Error(Code::usage,
                  "cannot listen on " + options.address + " port " + std::to_string(options.port) +
                      ": " + error.code().message(),
                  {.hint = "--listen takes ADDRESS:PORT, such as 127.0.0.1:8080"});
    }
  }

  void accept() {
    // Each connection has a strand of its own.
    acceptor_.async_accept(
        asio::make_strand(exchanges_.io),
        [this](const boost::system::error_code& error, auto socket) {
          if (exchanges_.stopping || error == asio::error::operation_aborted) return;
          if (error) {
            // Out of descriptors, most likely: some will be free again.
            pause_.expires_after(std::chrono::milliseconds(100));
            return pause_.async_wait([this](const boost::system::error_code& ended) {
              if (!ended) accept();
            });
          }
          const bool room = exchanges_.connections < exchanges_.options.connections;
          const auto connection = std::make_shared<Connection>(
              exchanges_, tcp::socket(std::move(socket)), tls_ ? &*tls_ : nullptr);
          exchanges_.add(connection);
          if (room) {
            connection->start();
          } else {
            connection->turn_away();
          }
          accept();
        });
  }

  Exchanges exchanges_;
  std::optional<asio::ssl::context> tls_;
  tcp::acceptor acceptor_;
  asio::steady_timer pause_;
  asio::executor_work_guard<asio::io_context::executor_type> work_ =
      asio::make_work_guard(exchanges_.io);
  std::vector<std::thread> threads_;
};

Listener::Listener(const ListenerOptions& options, Application& application)
    : impl_(std::make_unique<Impl>(options, application)) {}
Listener::~Listener() = default;

std::uint16_t Listener::port() const { return impl_->port(); }
std::size_t Listener::connections() const { return impl_->exchanges().connections; }
unsigned Listener::streams() const { return impl_->exchanges().streaming; }
void Listener::start() { impl_->start(); }
void Listener::stop(std::chrono::milliseconds patience) { impl_->stop(patience); }

}  // namespace freight::daemon::http
