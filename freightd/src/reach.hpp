#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace freight::daemon {

/// Why something may not be reached; for the tenant that asked.
struct NotAllowed {
  std::string detail;
};

/// What the operator lets tenants reach: folders and hosts by name, and beyond that the public
/// internet by named connections. Thread-safe.
class Reach {
 public:
  /// Throws Error(usage) for a folder that does not exist.
  Reach(const std::vector<std::filesystem::path>& folders, std::vector<std::string> hosts);

  /// A file of this machine, after all its links. Throws NotAllowed.
  void check_path(const std::filesystem::path& path) const;
  /// Throws NotAllowed unless the operator has named the host.
  void check_named_host(std::string_view host) const;
  /// An address of the host to connect to, and to no other: one that the operator has named, or
  /// that is public in every answer of the name service. Throws NotAllowed, and
  /// Error(destination_unavailable) when the name is not known.
  std::string checked_address(const std::string& host) const;
  /// As far as it can be said without asking the name service. Throws NotAllowed.
  void check_literal(const std::string& host) const;

 private:
  bool is_named(std::string_view host) const;

  std::vector<std::filesystem::path> folders_;
  std::vector<std::string> hosts_;
};

/// True when the text can be one name or address, and neither a list nor the path of a socket.
bool is_plain_host(std::string_view host);

/// True for addresses that the whole internet can reach; false for loopback, private, link-local,
/// metadata, multicast and reserved ones, whether IPv4, IPv6 or the one within the other.
bool is_public_address(const std::string& address);

}  // namespace freight::daemon
