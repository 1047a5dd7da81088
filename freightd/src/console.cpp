#include "console.hpp"

#include <cerrno>
#include <cstdio>
#include <string>
#include <system_error>

#include "terminal_text.hpp"

namespace freight::daemon {

void say(std::string_view line) {
  const std::string text = "freightd: " + std::string(line) + "\n";
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

void say_error(const Failure& failure) {
  constexpr std::size_t longest = 4000;
  say(printable(failure.message, longest) + " (" + std::string(to_string(failure.code)) + ")");
  if (!failure.details.hint.empty()) say("  " + printable(failure.details.hint, longest));
}

void print(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0)
    return;
  if (errno == EPIPE) throw OutputClosed{};
  throw Error(Code::output_failed,
              "cannot write to stdout: " + std::generic_category().message(errno));
}

}  // namespace freight::daemon
