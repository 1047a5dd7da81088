#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace freight::daemon::http {

/// Names and values in the order in which they came, as they stand on the wire.
using Headers = std::vector<std::pair<std::string, std::string>>;

/// The value of the first header of that name, whatever its case; nullptr without one.
const std::string* find_header(const Headers& headers, std::string_view name);

/// The start line and the headers of a request.
struct RequestHead {
  std::string method;
  /// Path and query as they were sent; always begins with a slash, but for `*`.
  std::string target;
  Headers headers;
  bool http_1_0 = false;
  bool keep_alive = true;
  bool expects_continue = false;
  /// How the body is delimited; at most one of the two.
  std::optional<std::uint64_t> content_length;
  bool chunked = false;

  bool has_body() const { return chunked || content_length.value_or(0) > 0; }
};

/// Gives the next bytes of a body, at most `size`; 0 at its end. Throws BodyError.
using BodyReader = std::function<std::size_t(char* data, std::size_t size)>;

/// The client sent a body that is none, stopped sending, or sent too much.
struct BodyError {
  int status;
  std::string detail;
};

/// How a request is worked for.
enum class RequestKind {
  /// The body is read first, whole and within the limit; the answer is short.
  plain,
  /// The same, but the answer waits for others than the storage.
  aside,
  /// The handler may take its time: it reads the body or writes the answer as a stream.
  streamed,
};

/// One request that was framed, whole or (for streamed bodies) up to its body.
struct Request {
  RequestHead head;
  /// Percent-decoded, without the query.
  std::string path;
  std::multimap<std::string, std::string> parameters;
  /// The whole body, unless `read_body` is set.
  std::string body;
  BodyReader read_body;
  std::string client_address;
  /// What Application::kind() said of its head.
  RequestKind kind = RequestKind::plain;

  const std::string* header(std::string_view name) const { return find_header(head.headers, name); }
};

/// Where a streamed answer goes. Calls block while the client is slow.
class AnswerStream {
 public:
  virtual ~AnswerStream() = default;
  /// Throws Gone when the client is gone, does not read, or the server stops.
  virtual void write(std::string_view text) = 0;
  /// True once the server wants to stop, or the client has gone away.
  virtual bool ending() const = 0;

  /// Nobody listens any more; what writes ends.
  struct Gone {};
};

/// What is sent back.
struct Answer {
  int status = 200;
  Headers headers = {};
  std::string content_type = "application/json";
  std::string body = {};
  /// In place of `body`: writes the answer piece by piece. What it throws ends the connection
  /// without an end of the answer, so that no client takes a part for the whole.
  std::function<void(AnswerStream&)> stream = {};
};

/// What the listener serves. Called from several threads at once.
class Application {
 public:
  virtual ~Application() = default;
  virtual RequestKind kind(const RequestHead& head) const = 0;
  /// Does not throw.
  virtual Answer handle(Request& request) noexcept = 0;
  /// The answer to what never became a request, and to what there is no room for.
  virtual Answer refuse(int status, std::string_view detail) noexcept = 0;
};

}  // namespace freight::daemon::http
