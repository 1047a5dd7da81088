#pragma once

#include <memory>
#include <string_view>

#include "http/message.hpp"

namespace freight::daemon::http {

/// Where the bytes of an answer go.
class Output {
 public:
  virtual ~Output() = default;
  /// False when the client is gone.
  virtual bool write(std::string_view bytes) = 0;
  virtual bool ending() const = 0;
};

/// What an exchange came to.
struct Exchanged {
  int status = 0;
  /// The answer was written to its end.
  bool complete = false;
};

/// Turns one framed request into its answer: cpp-httplib decodes the target and writes the answer,
/// the application is asked in between. Thread-safe.
class Codec {
 public:
  explicit Codec(Application& application);
  Codec(const Codec&) = delete;
  Codec& operator=(const Codec&) = delete;
  ~Codec();

  /// Fills `path` and `parameters` of the request.
  Exchanged respond(Request& request, bool keep_alive, Output& output);
  /// Answers what is no request.
  Exchanged refuse(int status, std::string_view detail, Output& output);

 private:
  class Server;
  std::unique_ptr<Server> server_;
};

}  // namespace freight::daemon::http
