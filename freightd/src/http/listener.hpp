#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "http/framing.hpp"
#include "http/message.hpp"

namespace freight::daemon::http {

/// Certificate chain and private key, both PEM.
struct TlsFiles {
  std::filesystem::path certificate;
  std::filesystem::path key;
};

/// Where to listen, and how much of everything there may be at most.
struct ListenerOptions {
  std::string address = "127.0.0.1";
  /// 0: any that is free.
  std::uint16_t port = 0;
  std::optional<TlsFiles> tls = {};

  /// Requests that are worked for at a time: short ones, and streams (uploads, downloads, events).
  unsigned workers = 4;
  unsigned streams = 64;
  /// Of the short ones those that wait for others than the storage; the next ones queue.
  unsigned asides = 8;
  std::size_t connections = 4096;
  HeadLimits head = {};
  /// In bytes, of a body that is read before it is looked at, and of one that is streamed.
  std::uint64_t body = 1'048'576;
  std::uint64_t streamed_body = 10'737'418'240;
  /// Of all bodies that are being read at a time.
  std::uint64_t bodies_in_memory = 268'435'456;

  /// How long a connection may idle, take for its headers, for its (unstreamed) body, and stand
  /// still in the middle of a stream.
  std::chrono::milliseconds idle{60'000};
  std::chrono::milliseconds head_time{10'000};
  std::chrono::milliseconds body_time{30'000};
  std::chrono::milliseconds stall{30'000};
};

/// Accepts connections, frames their requests and has the application answer them.
///
/// A few threads wait for all connections together, and work for requests once they are there as a
/// whole, so that neither idle connections nor slow senders and readers hold one. Only streams hold
/// a thread of their own, and they are counted.
class Listener {
 public:
  /// Binds. `application` must outlive it. Throws Error(usage) for an address or certificate that
  /// cannot be used.
  Listener(const ListenerOptions& options, Application& application);
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  /// Stops at once.
  ~Listener();

  std::uint16_t port() const;
  /// Of connections that are open, and of streams that run.
  std::size_t connections() const;
  unsigned streams() const;

  void start();
  /// Accepts no more, lets requests end that are being worked for, but no longer than `patience`,
  /// and closes every connection.
  void stop(std::chrono::milliseconds patience);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace freight::daemon::http
