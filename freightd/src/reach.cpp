#include "reach.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <system_error>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "freight/error.hpp"
#include "rest/text.hpp"

namespace freight::daemon {
namespace {

namespace ip = boost::asio::ip;
using rest::lower_case;

template <typename Network, typename Address>
bool within(const Network& network, const Address& address) {
  const auto range = network.hosts();
  return address == network.address() || range.find(address) != range.end() ||
         address == network.broadcast();
}

bool is_public(const ip::address_v4& address) {
  // IANA's special-purpose registry, as far as it is not globally reachable, and multicast.
  static const std::array networks{
      ip::make_network_v4("0.0.0.0/8"),       ip::make_network_v4("10.0.0.0/8"),
      ip::make_network_v4("100.64.0.0/10"),   ip::make_network_v4("127.0.0.0/8"),
      ip::make_network_v4("169.254.0.0/16"),  ip::make_network_v4("172.16.0.0/12"),
      ip::make_network_v4("192.0.0.0/24"),    ip::make_network_v4("192.0.2.0/24"),
      ip::make_network_v4("192.168.0.0/16"),  ip::make_network_v4("198.18.0.0/15"),
      ip::make_network_v4("198.51.100.0/24"), ip::make_network_v4("203.0.113.0/24"),
      ip::make_network_v4("224.0.0.0/4"),     ip::make_network_v4("240.0.0.0/4")};
  return std::none_of(networks.begin(), networks.end(),
                      [&](const ip::network_v4& network) { return within(network, address); });
}

bool is_public(const ip::address_v6& address) {
  if (address.is_v4_mapped()) return is_public(ip::make_address_v4(ip::v4_mapped, address));
  // 2000::/3 is all that is assigned; within it documentation, Teredo and 6to4 lead elsewhere.
  const auto bytes = address.to_bytes();
  constexpr unsigned global = 0x20;
  constexpr unsigned global_mask = 0xE0;
  if ((bytes[0] & global_mask) != global) return false;
  const bool teredo_or_documentation =
      bytes[0] == 0x20 && bytes[1] == 0x01 &&
      ((bytes[2] == 0x00 && bytes[3] == 0x00) || (bytes[2] == 0x0D && bytes[3] == 0xB8));
  const bool six_to_four = bytes[0] == 0x20 && bytes[1] == 0x02;
  return !teredo_or_documentation && !six_to_four;
}

bool is_public(const ip::address& address) {
  return address.is_v4() ? is_public(address.to_v4()) : is_public(address.to_v6());
}

bool is_inside(const std::filesystem::path& folder, const std::filesystem::path& path) {
  const auto difference = std::mismatch(folder.begin(), folder.end(), path.begin(), path.end());
  return difference.first == folder.end();
}

}  // namespace

bool is_public_address(const std::string& address) {
  boost::system::error_code failed;
  const auto parsed = ip::make_address(address, failed);
  return !failed && is_public(parsed);
}

bool is_plain_host(std::string_view host) {
  return std::all_of(host.begin(), host.end(), [](unsigned char character) {
    return std::isalnum(character) != 0 || character == '.' || character == '-' ||
           character == '_' || character == ':';
  });
}

Reach::Reach(const std::vector<std::filesystem::path>& folders, std::vector<std::string> hosts)
    : hosts_(std::move(hosts)) {
  for (std::string& host : hosts_) host = lower_case(host);
  for (const auto& folder : folders) {
    std::error_code failed;
    folders_.push_back(std::filesystem::canonical(folder, failed));
    if (failed) {
      throw Error(Code::usage,
                  "--allow-path names '" + folder.string() + "', which is no folder that exists");
    }
  }
}

void Reach::check_path(const std::filesystem::path& path) const {
  std::error_code failed;
  const auto real = std::filesystem::weakly_canonical(path, failed);
  const bool allowed =
      !failed && std::any_of(folders_.begin(), folders_.end(),
                             [&](const auto& folder) { return is_inside(folder, real); });
  if (!allowed)
    throw NotAllowed{
        "files of the server are not to be named; upload the file, or ask the operator"};
}

bool Reach::is_named(std::string_view host) const {
  return std::find(hosts_.begin(), hosts_.end(), lower_case(host)) != hosts_.end();
}

void Reach::check_named_host(std::string_view host) const {
  if (!is_named(host))
    throw NotAllowed{
        "URLs are not to be named; make a connection and name that, or ask the operator"};
}

void Reach::check_literal(const std::string& host) const {
  if (is_named(host)) return;
  boost::system::error_code failed;
  const auto address = ip::make_address(host, failed);
  const bool local_name =
      lower_case(host) == "localhost" || lower_case(host).ends_with(".localhost");
  if (local_name || (!failed && !is_public(address)))
    throw NotAllowed{"the host is not to be reached from here; the operator can allow it"};
}

std::string Reach::checked_address(const std::string& host) const {
  check_literal(host);
  boost::asio::io_context io;
  ip::tcp::resolver resolver(io);
  boost::system::error_code failed;
  const auto found = resolver.resolve(host, "", failed);
  if (failed || found.empty())
    throw Error(Code::destination_unavailable, "the host '" + host + "' is not known");
  // One answer that leads inside is enough to refuse the name: the next one might be taken.
  const bool all_public = std::all_of(found.begin(), found.end(), [](const auto& entry) {
    return is_public(entry.endpoint().address());
  });
  if (!is_named(host) && !all_public)
    throw NotAllowed{"the host is not to be reached from here; the operator can allow it"};
  return found.begin()->endpoint().address().to_string();
}

}  // namespace freight::daemon
