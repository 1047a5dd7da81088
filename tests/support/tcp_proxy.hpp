#pragma once

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace freight::testing {

/// A network between a client and a server on this machine that a test can take away and bring
/// back.
class TcpProxy {
 public:
  /// Forwards to the server of this URL, which names a port of 127.0.0.1.
  explicit TcpProxy(std::string server_url)
      : server_url_(std::move(server_url)),
        server_port_(static_cast<std::uint16_t>(std::stoi(server_url_.substr(port_begin())))) {
    listen_on(0);
  }
  TcpProxy(const TcpProxy&) = delete;
  TcpProxy& operator=(const TcpProxy&) = delete;
  ~TcpProxy() { take_away(); }

  /// What reaches the server through the proxy.
  std::string url() const {
    const auto begin = port_begin();
    return server_url_.substr(0, begin) + std::to_string(port_) +
           server_url_.substr(server_url_.find('/', begin));
  }

  /// `cut` looks at what a client sends. When it answers true this is still handed on, and then the
  /// connection is cut, so that the client never hears what became of it.
  void cut_after(std::function<bool(std::string_view)> cut) {
    const std::lock_guard lock(mutex_);
    cut_ = std::move(cut);
  }

  /// The same, but only the client's side is cut, and only once it goes: the server hears of
  /// nothing until the proxy goes.
  void keep_after(std::function<bool(std::string_view)> keep) {
    const std::lock_guard lock(mutex_);
    keep_ = std::move(keep);
  }

  /// Cuts every connection and refuses new ones.
  void take_away() {
    stopping_ = true;
    accepting_ = {};
    connections_.clear();
    if (listener_ >= 0) ::close(listener_);
    listener_ = -1;
  }

  /// Listens again, where it did before.
  void bring_back() { listen_on(port_); }

 private:
  std::size_t port_begin() const { return server_url_.rfind(':') + 1; }

  static int check(int result) {
    if (result < 0) throw std::runtime_error("the test's proxy failed");
    return result;
  }

  static sockaddr_in local(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    return address;
  }

  void listen_on(std::uint16_t port) {
    listener_ = check(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const int yes = 1;
    ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    auto address = local(port);
    check(::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address));
    check(::listen(listener_, 16));
    socklen_t size = sizeof address;
    check(::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size));
    port_ = ntohs(address.sin_port);
    stopping_ = false;
    accepting_ = std::jthread([this] { accept_all(); });
  }

  bool is_readable(int socket) const {
    pollfd one{.fd = socket, .events = POLLIN, .revents = 0};
    return ::poll(&one, 1, 10) > 0;
  }

  void accept_all() {
    while (!stopping_) {
      if (!is_readable(listener_)) continue;
      const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (client >= 0) connections_.emplace_back([this, client] { forward(client); });
    }
  }

  void forward(int client) {
    const int server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const auto address = local(server_port_);
    const int yes = 1;
    ::setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    ::setsockopt(server, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    if (::connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
      while (!stopping_ && pass_on(client, server)) {
      }
    }
    ::close(client);
    while (kept_ == server && !stopping_) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    ::close(server);
  }

  bool pass_on(int client, int server) {
    std::array<pollfd, 2> both{pollfd{.fd = client, .events = POLLIN, .revents = 0},
                               pollfd{.fd = server, .events = POLLIN, .revents = 0}};
    if (::poll(both.data(), both.size(), 10) <= 0) return true;
    if (kept_ == server) {
      std::array<char, 4096> lost{};
      return both[0].revents == 0 || ::recv(client, lost.data(), lost.size(), 0) > 0;
    }
    if (both[0].revents != 0 && !copy(client, server, true)) return false;
    return both[1].revents == 0 || copy(server, client, false);
  }

  bool copy(int from, int to, bool from_client) {
    std::array<char, 65'536> buffer{};
    const auto size = ::recv(from, buffer.data(), buffer.size(), 0);
    if (size <= 0) return false;
    const std::string_view bytes(buffer.data(), static_cast<std::size_t>(size));
    for (std::size_t sent = 0; sent < bytes.size();) {
      const auto now = ::send(to, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
      if (now <= 0) return false;
      sent += static_cast<std::size_t>(now);
    }
    if (!from_client) return true;
    const std::lock_guard lock(mutex_);
    if (keep_ && keep_(bytes)) {
      keep_ = nullptr;
      kept_ = to;
    }
    if (!cut_ || !cut_(bytes)) return true;
    cut_ = nullptr;
    return false;
  }

  const std::string server_url_;
  const std::uint16_t server_port_;
  std::uint16_t port_ = 0;
  int listener_ = -1;
  std::atomic<bool> stopping_{false};
  std::mutex mutex_;
  std::function<bool(std::string_view)> cut_;
  std::function<bool(std::string_view)> keep_;
  std::atomic<int> kept_{-1};
  std::jthread accepting_;
  std::vector<std::jthread> connections_;
};

}  // namespace freight::testing
