#include "core/fault_point.hpp"

#ifdef FREIGHT_FAULT_POINTS

#include <atomic>
#include <charconv>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <string>

namespace freight::core {
namespace {

/// The wish in FREIGHT_FAULT; an empty name wishes nothing.
struct Fault {
  std::string name;
  int signal = SIGKILL;
  std::atomic<std::uint64_t> passages_left{1};
};

Fault& wished_fault() {
  static Fault fault;
  static const bool read = [] {
    const char* const wish = std::getenv("FREIGHT_FAULT");
    if (wish == nullptr) return false;
    constexpr std::string_view stop = "stop:";
    std::string_view text(wish);
    if (text.starts_with(stop)) {
      fault.signal = SIGSTOP;
      text.remove_prefix(stop.size());
    }
    const auto colon = text.rfind(':');
    fault.name = text.substr(0, colon);
    if (colon != std::string_view::npos) {
      std::uint64_t passages = 0;
      const auto number = text.substr(colon + 1);
      const auto [end, error] =
          std::from_chars(number.data(), number.data() + number.size(), passages);
      if (error == std::errc{} && passages > 0) fault.passages_left = passages;
    }
    return true;
  }();
  static_cast<void>(read);
  return fault;
}

}  // namespace

void fault_point(std::string_view name) noexcept {
  static Fault& fault = wished_fault();
  if (fault.name.empty() || fault.name != name) return;
  if (fault.passages_left.fetch_sub(1) == 1) std::raise(fault.signal);
}

}  // namespace freight::core

#endif
