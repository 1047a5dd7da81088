#include "interruption.hpp"

#include <sys/time.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <string_view>

#include "exit_status.hpp"

namespace freight::daemon {
namespace {

std::atomic<bool> wish_to_end = false;
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler may touch nothing else");

std::atomic<bool> ends_soon = false;
constexpr itimerval time_to_end{.it_interval = {}, .it_value = {.tv_sec = 1, .tv_usec = 800'000}};

extern "C" void take_signal(int) {
  if (wish_to_end.exchange(true)) ::_exit(exit_interrupted);
  if (ends_soon) ::setitimer(ITIMER_REAL, &time_to_end, nullptr);
}

std::string_view last_words;

/// Without anything that a signal may have interrupted.
void write_out(std::string_view text) {
  const auto written = ::write(STDERR_FILENO, text.data(), text.size());
  static_cast<void>(written);
}

extern "C" void take_alarm(int) {
  write_out("freightd: interrupted while a server or a disk did not answer\nfreightd:   ");
  write_out(last_words);
  write_out("\n");
  ::_exit(exit_interrupted);
}

void set_handler(int signal, void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  ::sigemptyset(&action.sa_mask);
  ::sigaction(signal, &action, nullptr);
}

std::atomic<bool> wish_to_reload = false;

extern "C" void take_hangup_signal(int) { wish_to_reload = true; }

}  // namespace

void watch_signals() {
  set_handler(SIGINT, take_signal);
  set_handler(SIGTERM, take_signal);
  std::signal(SIGPIPE, SIG_IGN);
  // A file that may not grow (ulimit -f) is a full disk, with a message.
  std::signal(SIGXFSZ, SIG_IGN);
}

void end_soon_when_interrupted(std::string_view how_to_go_on) {
  last_words = how_to_go_on;
  set_handler(SIGALRM, take_alarm);
  ends_soon = true;
}

void watch_hangups() { set_handler(SIGHUP, take_hangup_signal); }

bool take_hangup() noexcept { return wish_to_reload.exchange(false); }

bool interrupted() noexcept { return wish_to_end.load(); }

}  // namespace freight::daemon
