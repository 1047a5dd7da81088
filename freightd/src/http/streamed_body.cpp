#include "http/streamed_body.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "http/connection.hpp"

namespace freight::daemon::http {
namespace {

/// A client that sends less than this for longer than that would hold its thread for nothing.
constexpr std::uint64_t least_bytes_a_second = 1024;
constexpr std::chrono::seconds patience{60};

}  // namespace

StreamedBody::StreamedBody(Connection& connection, const RequestHead& head, std::string& ahead,
                           std::uint64_t limit)
    : connection_(connection),
      ahead_(ahead),
      limit_(limit),
      left_(head.content_length.value_or(0)),
      chunked_(head.chunked),
      expects_continue_(head.expects_continue),
      complete_(!head.has_body()) {}

void StreamedBody::look_at_pace() const {
  const auto elapsed = std::chrono::steady_clock::now() - since_;
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(elapsed).count();
  if (elapsed > patience && taken_ < least_bytes_a_second * static_cast<std::uint64_t>(seconds))
    throw BodyError{408, "the body comes too slowly"};
}

std::size_t StreamedBody::receive(char* data, std::size_t size) {
  if (!ahead_.empty()) {
    const std::size_t part = std::min(size, ahead_.size());
    std::memcpy(data, ahead_.data(), part);
    ahead_.erase(0, part);
    return part;
  }
  const std::size_t part = connection_.read_now(data, size);
  if (part == 0) throw BodyError{400, "the body ended before its end"};
  return part;
}

std::size_t StreamedBody::read_chunked(char* data, std::size_t size) {
  std::array<char, 65'536> received;
  try {
    while (decoded_.empty() && !chunks_.done()) {
      const std::size_t used = chunks_.take(ahead_, decoded_, received.size());
      ahead_.erase(0, used);
      if (!decoded_.empty() || chunks_.done()) break;
      const std::size_t part = connection_.read_now(received.data(), received.size());
      if (part == 0) throw BodyError{400, "the body ended before its end"};
      ahead_.append(received.data(), part);
    }
  } catch (const FramingError& error) {
    throw BodyError{error.status, error.detail};
  }
  const std::size_t part = std::min(size, decoded_.size());
  std::memcpy(data, decoded_.data(), part);
  decoded_.erase(0, part);
  complete_ = decoded_.empty() && chunks_.done();
  return part;
}

std::size_t StreamedBody::read(char* data, std::size_t size) {
  if (complete_ || size == 0) return 0;
  if (!begun_ && expects_continue_ && ahead_.empty())
    connection_.write_now("HTTP/1.1 100 Continue\r\n\r\n");
  begun_ = true;
  if (left_ > limit_) throw BodyError{413, "the body is too large"};
  std::size_t part = 0;
  if (chunked_) {
    part = read_chunked(data, size);
  } else {
    part = receive(data, static_cast<std::size_t>(std::min<std::uint64_t>(size, left_)));
    left_ -= part;
    complete_ = left_ == 0;
  }
  taken_ += part;
  if (taken_ > limit_) throw BodyError{413, "the body is too large"};
  look_at_pace();
  return part;
}

}  // namespace freight::daemon::http
