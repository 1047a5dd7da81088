#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>
#include <variant>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>

#include "http/codec.hpp"
#include "http/framing.hpp"
#include "http/listener.hpp"
#include "http/message.hpp"

namespace freight::daemon::http {

class Connection;

/// What all connections of a listener share.
struct Exchanges {
  Exchanges(const ListenerOptions& listener_options, Application& served)
      : options(listener_options),
        application(served),
        codec(served),
        streams(listener_options.streams),
        asides(listener_options.asides) {}

  ListenerOptions options;
  Application& application;
  Codec codec;
  std::atomic<std::size_t> connections = 0;
  std::atomic<unsigned> streaming = 0;
  std::atomic<std::uint64_t> body_bytes = 0;
  std::atomic<bool> stopping = false;
  // After what connections still look at when they go with it.
  boost::asio::io_context io;
  boost::asio::thread_pool streams;
  boost::asio::thread_pool asides;

  void add(std::shared_ptr<Connection> connection);
  void remove(const std::shared_ptr<Connection>& connection);
  /// Those that are open at this moment.
  std::vector<std::shared_ptr<Connection>> open();

 private:
  std::mutex mutex_;
  std::unordered_set<std::shared_ptr<Connection>> open_;
};

/// One connection, from its first byte to its last. Its steps run one after the other, on whichever
/// thread of `io` is free (its strand); a short request is worked for as one of them. A streamed
/// one has a thread of its own, which calls write_now() and read_now().
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  using Socket = boost::asio::ip::tcp::socket;
  using Tls = boost::asio::ssl::stream<Socket>;

  Connection(Exchanges& exchanges, Socket socket, boost::asio::ssl::context* tls);
  ~Connection();

  /// These may be called from any thread.
  void start();
  /// There is no room for it: answers that and closes.
  void turn_away();
  /// Closes it as soon as no request of it is being worked for.
  void stop_soon();
  /// Ends it whatever it is doing.
  void abort();

  /// For the thread of a streamed request. False when the client is gone.
  bool write_now(std::string_view bytes);
  /// 0 at the end of the connection. Throws BodyError when the client stands still.
  std::size_t read_now(char* data, std::size_t size);
  bool abandoned() const;
  bool stopping() const { return exchanges_.stopping; }

 private:
  using Clock = std::chrono::steady_clock;
  enum class State { handshake, idle, head, body, working, writing, lingering, closed };

  template <typename Call>
  void in_turn(Call&& call) {
    boost::asio::post(socket().get_executor(), std::forward<Call>(call));
  }
  template <typename Call>
  void with_stream(Call&& call) {
    std::visit([&](auto& stream) { call(stream); }, stream_);
  }
  Socket& socket();
  const Socket& socket() const;

  void begin();
  void enter(State state, std::chrono::milliseconds limit);
  void tick();
  void time_is_up();
  void read_more();
  void took(const boost::system::error_code& error, std::size_t bytes);
  void read_head();
  void take(FramedHead framed);
  void read_body();
  bool read_plain_body();
  bool count_body(std::size_t bytes);
  void work();
  void work_aside();
  void stream();
  void finish_streamed(bool reusable);
  void send_continue();
  void refuse(int status, std::string_view detail);
  void send(std::string bytes, bool keep);
  void sent();
  void linger();
  void close();
  void free_body();

  Exchanges& exchanges_;
  std::variant<Socket, Tls> stream_;
  boost::asio::steady_timer timer_;
  State state_ = State::idle;
  Clock::time_point deadline_ = Clock::time_point::max();
  std::array<char, 16'384> chunk_;
  /// What was received and not used yet.
  std::string buffer_;
  std::string output_;
  std::string address_;
  bool keep_ = false;
  bool reading_ = false;
  std::size_t discarded_ = 0;
  std::uint64_t counted_body_ = 0;
  Request request_;
  std::optional<ChunkedBody> chunks_;
  std::atomic<bool> aborted_ = false;
};

}  // namespace freight::daemon::http
