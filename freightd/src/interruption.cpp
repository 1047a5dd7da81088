#include "interruption.hpp"

#include <unistd.h>

#include <atomic>
#include <csignal>

#include "exit_status.hpp"

namespace freight::daemon {
namespace {

std::atomic<bool> wish_to_end = false;
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler may touch nothing else");

extern "C" void take_signal(int) {
  if (wish_to_end.exchange(true)) ::_exit(exit_interrupted);
}

}  // namespace

void watch_signals() {
  struct sigaction action {};
  action.sa_handler = take_signal;
  action.sa_flags = SA_RESTART;
  ::sigemptyset(&action.sa_mask);
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

bool interrupted() noexcept { return wish_to_end.load(); }

}  // namespace freight::daemon
