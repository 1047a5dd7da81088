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

std::atomic<bool> wish_to_reload = false;

extern "C" void take_hangup_signal(int) { wish_to_reload = true; }

}  // namespace

void watch_signals() {
  struct sigaction action {};
  action.sa_handler = take_signal;
  action.sa_flags = SA_RESTART;
  ::sigemptyset(&action.sa_mask);
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  // A file that may not grow (ulimit -f) is a full disk, with a message.
  std::signal(SIGXFSZ, SIG_IGN);
}

void watch_hangups() {
  struct sigaction action {};
  action.sa_handler = take_hangup_signal;
  action.sa_flags = SA_RESTART;
  ::sigemptyset(&action.sa_mask);
  ::sigaction(SIGHUP, &action, nullptr);
}

bool take_hangup() noexcept { return wish_to_reload.exchange(false); }

bool interrupted() noexcept { return wish_to_end.load(); }

}  // namespace freight::daemon
