#pragma once

#include <memory>

#include "freight/storage.hpp"
#include "options.hpp"

namespace freight::daemon {

class Blobs;

/// Where the options say that uploads are. `storage` must outlive it.
std::unique_ptr<Blobs> open_blobs(Storage& storage, const Options& options);

/// What `serve` and `worker` run: an engine, what its connectors need, and a listener.
class Server {
 public:
  enum class Role { serve, worker };

  /// Throws Error for a configuration that cannot be worked with.
  Server(Role role, const Options& options);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server();

  /// Works until the user wants an end; the exit status.
  int run();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace freight::daemon
