// Any bytes as what a client sends on one connection: in whatever pieces they arrive, the requests
// in them are the same, and each gets one answer that is HTTP. The first four bytes say how they
// are cut and what the limits are, the rest is sent.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "fuzz/memory_file.hpp"
#include "http/codec.hpp"
#include "http/framing.hpp"

namespace {

using freight::daemon::http::Answer;
using freight::daemon::http::ChunkedBody;
using freight::daemon::http::Codec;
using freight::daemon::http::FramedHead;
using freight::daemon::http::FramingError;
using freight::daemon::http::Headers;
using freight::daemon::http::HeadLimits;
using freight::daemon::http::Request;
using freight::daemon::http::RequestHead;
using freight::daemon::http::RequestKind;
using freight::fuzz::require;

constexpr std::size_t control_size = 4;
constexpr std::uint64_t most_body = 4096;

struct Settings {
  explicit Settings(const std::uint8_t* control)
      : piece(1U + control[0]),
        room(1U + control[1]),
        limits{.target = 8U + control[2],
               .line = 8U + control[2],
               .all = 32U + 4U * control[3],
               .headers = 1U + control[3] / 16U} {}

  std::size_t piece;
  std::size_t room;
  HeadLimits limits;
};

struct Message {
  RequestHead head;
  std::string body;
};

/// What a connection came to: its requests, and that it was refused or waits for more.
struct Heard {
  std::vector<Message> messages;
  bool refused = false;
};

bool same(const Message& left, const Message& right) {
  const RequestHead& a = left.head;
  const RequestHead& b = right.head;
  return left.body == right.body && a.method == b.method && a.target == b.target &&
         a.headers == b.headers && a.http_1_0 == b.http_1_0 && a.keep_alive == b.keep_alive &&
         a.content_length == b.content_length && a.chunked == b.chunked;
}

/// Reads requests one behind the other, as Connection does.
class Listening {
 public:
  Listening(const Settings& settings, std::size_t room) : settings_(settings), room_(room) {}

  void take(std::string_view bytes) {
    buffer_ += bytes;
    try {
      while (!heard.refused && (is_in_body_ ? read_body() : read_head())) {
      }
    } catch (const FramingError& error) {
      require(error.status >= 400 && error.status < 600, "an error has its status");
      heard.refused = true;
    }
  }

  Heard heard;

 private:
  bool read_head() {
    auto framed = freight::daemon::http::frame_head(buffer_, settings_.limits);
    if (!framed) return false;
    if (auto* const error = std::get_if<FramingError>(&*framed)) throw FramingError(*error);
    auto& head = std::get<FramedHead>(*framed);
    require(head.bytes <= buffer_.size() && head.bytes <= settings_.limits.all + 4 + 8,
            "a head is not longer than it may be");
    require(!(head.head.content_length && head.head.chunked), "a body has one length");
    require(head.head.headers.size() <= settings_.limits.headers, "there are not too many headers");
    buffer_.erase(0, head.bytes);
    message_ = {std::move(head.head), {}};
    chunks_ = {};
    is_in_body_ = true;
    return true;
  }

  bool read_body() {
    if (message_.head.content_length.value_or(0) > most_body) throw FramingError{413, "too large"};
    if (message_.head.chunked) {
      while (!chunks_.done()) {
        const std::size_t before = message_.body.size();
        const std::size_t taken = chunks_.take(buffer_, message_.body, room_);
        require(taken <= buffer_.size(), "no more is taken than there is");
        require(message_.body.size() - before <= room_, "there is room for what is taken");
        buffer_.erase(0, taken);
        if (message_.body.size() > most_body) throw FramingError{413, "too large"};
        if (taken == 0) return false;
      }
    } else {
      const std::uint64_t length = message_.head.content_length.value_or(0);
      if (buffer_.size() < length) return false;
      message_.body = buffer_.substr(0, static_cast<std::size_t>(length));
      buffer_.erase(0, static_cast<std::size_t>(length));
    }
    heard.messages.push_back(std::move(message_));
    is_in_body_ = false;
    return !buffer_.empty();
  }

  const Settings& settings_;
  const std::size_t room_;
  std::string buffer_;
  Message message_;
  ChunkedBody chunks_;
  bool is_in_body_ = false;
};

Heard hear(std::string_view sent, const Settings& settings, std::size_t piece, std::size_t room) {
  Listening listening(settings, room);
  for (std::size_t at = 0; at < sent.size(); at += piece) listening.take(sent.substr(at, piece));
  return std::move(listening.heard);
}

/// Answers with the path that it was asked for.
class Echo final : public freight::daemon::http::Application {
 public:
  RequestKind kind(const RequestHead&) const override { return RequestKind::plain; }
  Answer handle(Request& request) noexcept override {
    return {.headers = {{"X-Parameters", std::to_string(request.parameters.size())}},
            .content_type = "application/octet-stream",
            .body = request.path};
  }
  Answer refuse(int status, std::string_view detail) noexcept override {
    return {.status = status, .content_type = "text/plain", .body = std::string(detail)};
  }
};

class Collected final : public freight::daemon::http::Output {
 public:
  bool write(std::string_view bytes) override {
    text += bytes;
    return true;
  }
  bool ending() const override { return false; }
  std::string text;
};

/// The answer is one message: a start line, headers, and as many bytes as they say.
void check_answer(const std::string& text, bool has_body) {
  require(text.starts_with("HTTP/1.1 "), "the answer is HTTP");
  const auto end = text.find("\r\n\r\n");
  require(end != std::string::npos, "the answer has a head");
  const std::string_view name = "\r\nContent-Length: ";
  const auto at = text.substr(0, end).find(name);
  if (!has_body || at == std::string::npos) return;
  const auto length = std::stoull(text.substr(at + name.size()));
  require(text.size() == end + 4 + length, "the answer is as long as it says");
}

void answer(const Message& message) {
  static Echo echo;
  static Codec codec(echo);
  Request request;
  request.head = message.head;
  request.body = message.body;
  Collected output;
  codec.respond(request, message.head.keep_alive, output);
  check_answer(output.text, message.head.method != "HEAD");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < control_size) return 0;
  const Settings settings(data);
  const std::string_view sent(reinterpret_cast<const char*>(data) + control_size,
                              size - control_size);
  const Heard whole = hear(sent, settings, std::max<std::size_t>(sent.size(), 1), most_body + 1);
  for (const std::size_t piece : {settings.piece, std::size_t{1}}) {
    const Heard cut = hear(sent, settings, piece, settings.room);
    require(cut.refused == whole.refused, "it is refused or not, however it arrives");
    require(std::equal(cut.messages.begin(), cut.messages.end(), whole.messages.begin(),
                       whole.messages.end(), same),
            "the requests are the same however they arrive");
  }
  for (const Message& message : whole.messages) answer(message);
  return 0;
}
