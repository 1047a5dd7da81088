#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "http/framing.hpp"
#include "http/message.hpp"

namespace freight::daemon::http {

class Connection;

/// The body of a streamed request, read by the request's own thread as it is wanted.
class StreamedBody {
 public:
  /// `ahead`: what of the connection was received with the head; what is left of it at the end
  /// belongs to the next request.
  StreamedBody(Connection& connection, const RequestHead& head, std::string& ahead,
               std::uint64_t limit);

  /// As BodyReader.
  std::size_t read(char* data, std::size_t size);
  /// The client sent all of it, and all was read.
  bool complete() const { return complete_; }

 private:
  std::size_t receive(char* data, std::size_t size);
  std::size_t read_chunked(char* data, std::size_t size);
  void look_at_pace() const;

  Connection& connection_;
  std::string& ahead_;
  std::uint64_t limit_;
  std::uint64_t taken_ = 0;
  std::uint64_t left_ = 0;
  bool chunked_;
  bool expects_continue_;
  bool begun_ = false;
  bool complete_ = false;
  ChunkedBody chunks_;
  std::string decoded_;
  std::chrono::steady_clock::time_point since_ = std::chrono::steady_clock::now();
};

}  // namespace freight::daemon::http
