#include "database/session_watch.hpp"

#include <algorithm>

namespace freight::database {
namespace {

constexpr std::chrono::seconds look_interval{1};

/// Ends a look early.
struct Stopped {};

}  // namespace

SessionWatch::~SessionWatch() {
  thread_.request_stop();
  changed_.notify_all();
}

void SessionWatch::enter(Session& session) {
  if (!session.can_be_broken_off()) return;
  const std::lock_guard lock(mutex_);
  watched_.push_back(&session);
  if (!thread_.joinable()) {
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
  }
  if (watched_.size() == 1) changed_.notify_all();
}

void SessionWatch::leave(const Session& session) {
  const std::lock_guard lock(mutex_);
  std::erase(watched_, &session);
}

void SessionWatch::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, stop, [&] { return !watched_.empty(); });
      changed_.wait_for(lock, stop, look_interval, [] { return false; });
    }
    if (const auto suspect = find_suspect(); suspect && is_lost(*suspect, stop)) {
      break_off(*suspect);
    }
  }
}

std::optional<SessionWatch::Suspect> SessionWatch::find_suspect() {
  const std::lock_guard lock(mutex_);
  const auto now = std::chrono::steady_clock::now();
  std::optional<Suspect> oldest;
  for (auto* const session : watched_) {
    const auto since = session->waiting_since();
    if (!since || now - *since < patience_) continue;
    if (oldest && oldest->waiting_since <= *since) continue;
    oldest = {session, *since, {}};
  }
  if (oldest) oldest->still_works = oldest->session->still_works();
  return oldest;
}

bool SessionWatch::is_lost(const Suspect& suspect, const std::stop_token& stop) {
  const auto check = [&] {
    if (stop.stop_requested()) throw Stopped();
  };
  try {
    if (suspect.still_works(check)) return false;
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, stop, look_interval, [] { return false; });
    lock.unlock();
    return !suspect.still_works(check);
  } catch (const Stopped&) {
    return false;
  }
}

void SessionWatch::break_off(const Suspect& suspect) {
  const std::lock_guard lock(mutex_);
  if (std::find(watched_.begin(), watched_.end(), suspect.session) == watched_.end()) return;
  if (suspect.session->waiting_since() == suspect.waiting_since) suspect.session->break_off();
}

}  // namespace freight::database
