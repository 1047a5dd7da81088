#include "http/codec.hpp"

#include <httplib.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <string>
#include <utility>

namespace freight::daemon::http {
namespace {

/// Gives cpp-httplib the start line of a framed request and nothing behind it, so that it cannot
/// read into the next one, whatever it makes of this one.
class FramedStream final : public httplib::Stream {
 public:
  FramedStream(std::string head, Output& output) : head_(std::move(head)), output_(output) {}

  bool is_readable() const override { return at_ < head_.size(); }
  // What has begun is sent to its end, also by a server that stops; write() says when nobody reads.
  bool is_writable() const override { return true; }

  ssize_t read(char* data, std::size_t size) override {
    const std::size_t part = std::min(size, head_.size() - at_);
    std::memcpy(data, head_.data() + at_, part);
    at_ += part;
    return static_cast<ssize_t>(part);
  }
  ssize_t write(const char* data, std::size_t size) override {
    return output_.write({data, size}) ? static_cast<ssize_t>(size) : -1;
  }

  void get_remote_ip_and_port(std::string&, int&) const override {}
  void get_local_ip_and_port(std::string&, int&) const override {}
  socket_t socket() const override { return 0; }

 private:
  std::string head_;
  std::size_t at_ = 0;
  Output& output_;
};

class SinkStream final : public AnswerStream {
 public:
  SinkStream(httplib::DataSink& sink, const Output& output) : sink_(sink), output_(output) {}
  void write(std::string_view text) override {
    // An empty piece would be the end of the answer.
    if (!text.empty() && !sink_.write(text.data(), text.size())) throw Gone{};
  }
  bool ending() const override { return output_.ending(); }

 private:
  httplib::DataSink& sink_;
  const Output& output_;
};

/// What the handler of cpp-httplib, which knows only its own request, works for.
struct Exchange {
  Request* request = nullptr;
  std::optional<Answer> answer;
  Output& output;
  int status = 0;
  bool keep_alive = true;
};

thread_local Exchange* current = nullptr;

httplib::ContentProviderWithoutLength provider_of(std::function<void(AnswerStream&)> stream,
                                                  const Output& output) {
  return [stream = std::move(stream), &output](std::size_t, httplib::DataSink& sink) {
    SinkStream out(sink, output);
    try {
      stream(out);
      sink.done();
      return true;
    } catch (const AnswerStream::Gone&) {
      return false;
    } catch (const std::exception&) {
      return false;
    }
  };
}

void put(Answer answer, const Exchange& exchange, httplib::Response& response) {
  response.status = answer.status;
  for (const auto& [name, value] : answer.headers) response.set_header(name, value);
  if (answer.stream) {
    auto provider = provider_of(std::move(answer.stream), exchange.output);
    const bool old = exchange.request != nullptr && exchange.request->head.http_1_0;
    if (old) {
      response.set_content_provider(answer.content_type, std::move(provider));
    } else {
      response.set_chunked_content_provider(answer.content_type, std::move(provider));
    }
  } else if (!answer.body.empty()) {
    response.set_content(std::move(answer.body), answer.content_type);
  }
}

}  // namespace

/// cpp-httplib without its sockets and its routing.
class Codec::Server final : public httplib::Server {
 public:
  explicit Server(Application& application) : application_(application) {
    // It never listens, and takes that for shutting down unless it is told otherwise.
    svr_sock_ = 0;
    set_pre_routing_handler([this](const httplib::Request& request, httplib::Response& response) {
      answer(request, response);
      return HandlerResponse::Handled;
    });
    set_exception_handler([](const httplib::Request&, httplib::Response& response,
                             const std::exception_ptr&) { response.status = 500; });
    set_post_routing_handler([](const httplib::Request&, httplib::Response& response) {
      // A 204 has no length (RFC 9110 section 8.6).
      if (response.status == 204) response.headers.erase("Content-Length");
      response.headers.erase("Keep-Alive");
      response.headers.erase("Accept-Ranges");
      // Set before, by cpp-httplib, for what it refused by itself.
      if (current != nullptr) current->status = response.status;
    });
  }

  Application& application() { return application_; }

  Exchanged respond(Exchange& exchange) {
    std::string head = "GET / HTTP/1.1\r\n\r\n";
    if (exchange.request != nullptr) {
      const RequestHead& framed = exchange.request->head;
      head = (framed.method == "HEAD" ? "HEAD " : "GET ") + framed.target + " HTTP/1.1\r\n\r\n";
    }
    FramedStream stream(std::move(head), exchange.output);
    current = &exchange;
    bool closed = false;
    const bool written =
        process_request(stream, {}, 0, {}, 0, !exchange.keep_alive, closed, nullptr);
    current = nullptr;
    return {exchange.status, written};
  }

 private:
  void answer(const httplib::Request& from, httplib::Response& response) {
    if (exchange_is_answered()) return put(std::move(*current->answer), *current, response);
    Request& request = *current->request;
    request.path = from.path;
    request.parameters = {from.params.begin(), from.params.end()};
    put(application_.handle(request), *current, response);
  }
  static bool exchange_is_answered() { return current->answer.has_value(); }

  Application& application_;
};

Codec::Codec(Application& application) : server_(std::make_unique<Server>(application)) {}
Codec::~Codec() = default;

Exchanged Codec::respond(Request& request, bool keep_alive, Output& output) {
  Exchange exchange{.request = &request, .answer = {}, .output = output, .keep_alive = keep_alive};
  return server_->respond(exchange);
}

Exchanged Codec::refuse(int status, std::string_view detail, Output& output) {
  Exchange exchange{.request = nullptr,
                    .answer = server_->application().refuse(status, detail),
                    .output = output,
                    .keep_alive = false};
  return server_->respond(exchange);
}

}  // namespace freight::daemon::http
