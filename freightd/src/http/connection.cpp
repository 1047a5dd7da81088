#include "http/connection.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <future>
#include <utility>

#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include "http/streamed_body.hpp"

namespace freight::daemon::http {
namespace {

namespace asio = boost::asio;
using std::chrono::milliseconds;

/// How much of what a refused client still sends is thrown away, so that it reads the answer before
/// it sees the connection end.
constexpr std::size_t most_discarded = 16'777'216;
constexpr milliseconds linger_time{2'000};
constexpr milliseconds tick_interval{1'000};
/// A client that reads an answer slower than this is given up.
constexpr std::size_t least_bytes_a_millisecond = 16;

/// Keeps the whole answer, for the connection to send.
class Collected final : public Output {
 public:
  bool write(std::string_view bytes) override {
    text.append(bytes);
    return true;
  }
  bool ending() const override { return false; }

  std::string text;
};

/// Sends piece by piece, on the thread of the streamed request.
class Sent final : public Output {
 public:
  explicit Sent(Connection& connection) : connection_(connection) {}
  bool write(std::string_view bytes) override { return connection_.write_now(bytes); }
  bool ending() const override { return connection_.stopping() || connection_.abandoned(); }

 private:
  Connection& connection_;
};

std::variant<Connection::Socket, Connection::Tls> stream_of(Connection::Socket socket,
                                                            asio::ssl::context* tls) {
  if (tls == nullptr) return std::variant<Connection::Socket, Connection::Tls>(std::move(socket));
  return std::variant<Connection::Socket, Connection::Tls>(std::in_place_type<Connection::Tls>,
                                                           std::move(socket), *tls);
}

}  // namespace

void Exchanges::add(std::shared_ptr<Connection> connection) {
  const std::lock_guard lock(mutex_);
  open_.insert(std::move(connection));
}

void Exchanges::remove(const std::shared_ptr<Connection>& connection) {
  const std::lock_guard lock(mutex_);
  open_.erase(connection);
}

std::vector<std::shared_ptr<Connection>> Exchanges::open() {
  const std::lock_guard lock(mutex_);
  return {open_.begin(), open_.end()};
}

Connection::Connection(Exchanges& exchanges, Socket socket, asio::ssl::context* tls)
    : exchanges_(exchanges),
      stream_(stream_of(std::move(socket), tls)),
      timer_(this->socket().get_executor()) {
  ++exchanges_.connections;
}

Connection::~Connection() {
  free_body();
  --exchanges_.connections;
}

Connection::Socket& Connection::socket() {
  if (auto* const tls = std::get_if<Tls>(&stream_)) return tls->next_layer();
  return std::get<Socket>(stream_);
}

const Connection::Socket& Connection::socket() const {
  if (const auto* const tls = std::get_if<Tls>(&stream_)) return tls->next_layer();
  return std::get<Socket>(stream_);
}

void Connection::start() {
  in_turn([self = shared_from_this()] { self->begin(); });
}

void Connection::begin() {
  boost::system::error_code ignored;
  socket().set_option(asio::ip::tcp::no_delay(true), ignored);
  const auto peer = socket().remote_endpoint(ignored);
  if (!ignored) address_ = peer.address().to_string();
  tick();
  auto* const tls = std::get_if<Tls>(&stream_);
  if (tls == nullptr) return read_head();
  enter(State::handshake, exchanges_.options.head_time);
  tls->async_handshake(asio::ssl::stream_base::server,
                       [self = shared_from_this()](const boost::system::error_code& error) {
                         if (error) return self->close();
                         self->read_head();
                       });
}

void Connection::turn_away() {
  in_turn([self = shared_from_this()] {
    if (std::holds_alternative<Tls>(self->stream_)) return self->close();
    self->tick();
    self->refuse(503, "too many connections");
  });
}

/// `limit` zero: for as long as it takes.
void Connection::enter(State state, milliseconds limit) {
  state_ = state;
  deadline_ = limit == milliseconds::zero() ? Clock::time_point::max() : Clock::now() + limit;
}

/// A timer that is set anew with each step would cost more than the step: this one looks every
/// second.
void Connection::tick() {
  timer_.expires_after(tick_interval);
  timer_.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
    if (error || self->state_ == State::closed) return;
    if (Clock::now() >= self->deadline_) self->time_is_up();
    if (self->state_ != State::closed) self->tick();
  });
}

void Connection::time_is_up() {
  if (state_ == State::head) return refuse(408, "the request took too long to arrive");
  if (state_ == State::body) return refuse(408, "the body took too long to arrive");
  if (state_ == State::working) return abort();
  close();
}

void Connection::read_more() {
  if (reading_) return;
  reading_ = true;
  with_stream([&](auto& stream) {
    stream.async_read_some(
        asio::buffer(chunk_),
        [self = shared_from_this()](const boost::system::error_code& error, std::size_t bytes) {
          self->reading_ = false;
          self->took(error, bytes);
        });
  });
}

void Connection::took(const boost::system::error_code& error, std::size_t bytes) {
  if (state_ == State::closed) return;
  if (state_ == State::lingering) {
    discarded_ += bytes;
    if (error || discarded_ > most_discarded) return close();
    return read_more();
  }
  if (error) {
    // Half a request cannot be answered any better than by the end of the connection.
    if (state_ == State::idle || state_ == State::head || state_ == State::body) close();
    return;
  }
  buffer_.append(chunk_.data(), bytes);
  if (state_ == State::idle || state_ == State::head) return read_head();
  if (state_ == State::body && count_body(bytes)) read_body();
}

/// What has arrived, not what was announced: announcing costs a client nothing. False when that is
/// too much of all bodies together, and the request was refused.
bool Connection::count_body(std::size_t bytes) {
  counted_body_ += bytes;
  if (exchanges_.body_bytes.fetch_add(bytes) + bytes <= exchanges_.options.bodies_in_memory)
    return true;
  refuse(503, "too many bodies are being received");
  return false;
}

void Connection::read_head() {
  if (exchanges_.stopping) return close();
  auto framed = frame_head(buffer_, exchanges_.options.head);
  if (!framed) {
    if (buffer_.empty()) {
      enter(State::idle, exchanges_.options.idle);
    } else if (state_ != State::head) {
      // Once for the whole head, however it trickles in.
      enter(State::head, exchanges_.options.head_time);
    }
    return read_more();
  }
  if (const auto* const error = std::get_if<FramingError>(&*framed))
    return refuse(error->status, error->detail);
  take(std::get<FramedHead>(std::move(*framed)));
}

void Connection::take(FramedHead framed) {
  buffer_.erase(0, framed.bytes);
  request_ = Request{};
  request_.head = std::move(framed.head);
  request_.client_address = address_;
  chunks_.reset();
  keep_ = request_.head.keep_alive;
  request_.kind = exchanges_.application.kind(request_.head);
  if (request_.kind == RequestKind::streamed) return stream();
  if (!request_.head.has_body()) return work();

  const std::uint64_t declared = request_.head.content_length.value_or(0);
  if (declared > exchanges_.options.body) {
    return refuse(413,
                  "the body is larger than " + std::to_string(exchanges_.options.body) + " bytes");
  }
  if (!count_body(buffer_.size())) return;
  if (request_.head.chunked) chunks_.emplace();
  if (request_.head.expects_continue && buffer_.empty()) send_continue();
  enter(State::body, exchanges_.options.body_time);
  read_body();
}

void Connection::send_continue() {
  static constexpr std::string_view text = "HTTP/1.1 100 Continue\r\n\r\n";
  with_stream([&](auto& stream) {
    asio::async_write(
        stream, asio::buffer(text.data(), text.size()),
        [self = shared_from_this()](const boost::system::error_code&, std::size_t) {});
  });
}

/// True once the body is there. Throws FramingError.
bool Connection::read_plain_body() {
  if (!chunks_) {
    const std::uint64_t length = *request_.head.content_length;
    if (buffer_.size() < length) return false;
    request_.body = buffer_.substr(0, length);
    buffer_.erase(0, length);
    return true;
  }
  const std::size_t room = exchanges_.options.body + 1 - request_.body.size();
  buffer_.erase(0, chunks_->take(buffer_, request_.body, room));
  if (request_.body.size() > exchanges_.options.body) {
    throw FramingError{
        413, "the body is larger than " + std::to_string(exchanges_.options.body) + " bytes"};
  }
  return chunks_->done();
}

void Connection::read_body() {
  try {
    if (!read_plain_body()) return read_more();
  } catch (const FramingError& error) {
    return refuse(error.status, error.detail);
  }
  work();
}

void Connection::work() {
  enter(State::working, milliseconds::zero());
  if (request_.kind == RequestKind::aside) return work_aside();
  Collected output;
  const bool keep = keep_ && !exchanges_.stopping;
  exchanges_.codec.respond(request_, keep, output);
  free_body();
  send(std::move(output.text), keep);
}

void Connection::work_aside() {
  asio::post(exchanges_.asides, [self = shared_from_this()] {
    Collected output;
    const bool keep = self->keep_ && !self->exchanges_.stopping;
    self->exchanges_.codec.respond(self->request_, keep, output);
    self->in_turn([self, keep, text = std::move(output.text)]() mutable {
      self->free_body();
      self->send(std::move(text), keep);
    });
  });
}

void Connection::stream() {
  if (exchanges_.streaming.fetch_add(1) >= exchanges_.options.streams) {
    --exchanges_.streaming;
    return refuse(503, "too many streams are open");
  }
  enter(State::working, milliseconds::zero());
  asio::post(exchanges_.streams, [self = shared_from_this()] {
    StreamedBody body(*self, self->request_.head, self->buffer_,
                      self->exchanges_.options.streamed_body);
    self->request_.read_body = [&](char* data, std::size_t size) { return body.read(data, size); };
    Sent output(*self);
    // With HTTP/1.0 the end of the connection is the end of the answer.
    const bool keep = self->keep_ && !self->request_.head.http_1_0 && !self->exchanges_.stopping;
    const Exchanged exchanged = self->exchanges_.codec.respond(self->request_, keep, output);
    self->request_.read_body = nullptr;
    --self->exchanges_.streaming;
    const bool reusable = keep && exchanged.complete && body.complete();
    self->in_turn([self, reusable] { self->finish_streamed(reusable); });
  });
}

void Connection::finish_streamed(bool reusable) {
  if (aborted_) return close();
  if (!reusable) return linger();
  state_ = State::idle;
  read_head();
}

void Connection::refuse(int status, std::string_view detail) {
  Collected output;
  exchanges_.codec.refuse(status, detail, output);
  free_body();
  send(std::move(output.text), false);
}

void Connection::send(std::string bytes, bool keep) {
  if (aborted_) return close();
  keep_ = keep;
  output_ = std::move(bytes);
  enter(State::writing,
        exchanges_.options.stall + milliseconds(output_.size() / least_bytes_a_millisecond));
  with_stream([&](auto& stream) {
    asio::async_write(
        stream, asio::buffer(output_),
        [self = shared_from_this()](const boost::system::error_code& error, std::size_t) {
          if (error) return self->close();
          self->sent();
        });
  });
}

void Connection::sent() {
  if (state_ == State::closed) return;
  output_.clear();
  if (!keep_) return linger();
  state_ = State::idle;
  read_head();
}

void Connection::linger() {
  enter(State::lingering, linger_time);
  buffer_.clear();
  boost::system::error_code ignored;
  if (auto* const tls = std::get_if<Tls>(&stream_)) {
    return tls->async_shutdown(
        [self = shared_from_this()](const boost::system::error_code&) { self->close(); });
  }
  socket().shutdown(Socket::shutdown_send, ignored);
  read_more();
}

void Connection::close() {
  if (state_ == State::closed) return;
  state_ = State::closed;
  timer_.cancel();
  boost::system::error_code ignored;
  socket().close(ignored);
  exchanges_.remove(shared_from_this());
}

void Connection::stop_soon() {
  in_turn([self = shared_from_this()] {
    const State state = self->state_;
    if (state == State::idle || state == State::head || state == State::handshake) self->close();
  });
}

void Connection::abort() {
  aborted_ = true;
  in_turn([self = shared_from_this()] {
    // The request's own thread may be looking at the socket: it closes when that is done with it.
    boost::system::error_code ignored;
    self->socket().shutdown(Socket::shutdown_both, ignored);
    self->socket().cancel(ignored);
    if (self->state_ != State::working) self->close();
  });
}

void Connection::free_body() { exchanges_.body_bytes -= std::exchange(counted_body_, 0); }

bool Connection::write_now(std::string_view bytes) {
  if (aborted_) return false;
  std::promise<bool> done;
  in_turn([&, self = shared_from_this()] {
    enter(State::working, exchanges_.options.stall);
    with_stream([&](auto& stream) {
      asio::async_write(stream, asio::buffer(bytes.data(), bytes.size()),
                        [&, self](const boost::system::error_code& error, std::size_t) {
                          enter(State::working, milliseconds::zero());
                          done.set_value(!error);
                        });
    });
  });
  return done.get_future().get();
}

std::size_t Connection::read_now(char* data, std::size_t size) {
  if (aborted_) return 0;
  std::promise<std::size_t> done;
  in_turn([&, self = shared_from_this()] {
    enter(State::working, exchanges_.options.stall);
    with_stream([&](auto& stream) {
      stream.async_read_some(asio::buffer(data, size),
                             [&, self](const boost::system::error_code& error, std::size_t bytes) {
                               enter(State::working, milliseconds::zero());
                               done.set_value(error ? 0 : bytes);
                             });
    });
  });
  return done.get_future().get();
}

bool Connection::abandoned() const {
  if (aborted_) return true;
  pollfd waiting{const_cast<Socket&>(socket()).native_handle(), POLLRDHUP, 0};
  return ::poll(&waiting, 1, 0) > 0 && (waiting.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0;
}

}  // namespace freight::daemon::http
