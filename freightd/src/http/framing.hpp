#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "http/message.hpp"

namespace freight::daemon::http {

// Where one message ends and the next begins (RFC 9112), read strictly: whatever two readers might
// take for different messages is refused. No two requests of a connection can be mixed up, because
// the next one begins where this file says that the last one ended, whoever read what of it.

/// Bounds of the start line and the headers, in bytes.
struct HeadLimits {
  std::size_t target = 8'000;
  std::size_t line = 8'000;
  std::size_t all = 32'768;
  std::size_t headers = 100;
};

/// Why bytes are not taken for a request.
struct FramingError {
  int status = 400;
  std::string detail;
};

/// A head that is complete, and how many bytes it took.
struct FramedHead {
  RequestHead head;
  std::size_t bytes = 0;
};

/// nullopt while more bytes are needed. Empty lines before a request are passed over.
std::optional<std::variant<FramedHead, FramingError>> frame_head(std::string_view bytes,
                                                                 const HeadLimits& limits = {});

/// Takes the chunks of a chunked body apart (RFC 9112 section 7.1), as they come.
class ChunkedBody {
 public:
  /// Appends what `bytes` holds of the body to `body`, at most `room` bytes, and returns how many
  /// bytes of `bytes` it took. Throws FramingError.
  std::size_t take(std::string_view bytes, std::string& body, std::size_t room);
  bool done() const { return state_ == State::done; }

 private:
  enum class State { size, data, data_end, trailer, done };

  bool take_line(std::string_view& bytes, std::string_view& line);

  State state_ = State::size;
  std::uint64_t left_ = 0;
  std::size_t trailer_bytes_ = 0;
};

}  // namespace freight::daemon::http
