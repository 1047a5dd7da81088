#include "connectors/sql/sqlite/sqlite_lane.hpp"

#include <chrono>

#include "connectors/sql/destination/refusal.hpp"

namespace freight::sql {
namespace {

// The deadline moves while one waits for it, so it is looked at now and then.
constexpr std::chrono::milliseconds look_interval{100};

}  // namespace

SqliteLane::Turn::~Turn() {
  {
    const std::lock_guard lock(lane_.mutex_);
    lane_.taken_ = false;
  }
  lane_.freed_.notify_one();
}

SqliteLane::Turn SqliteLane::enter(const ConnectorContext& context) {
  std::unique_lock lock(mutex_);
  while (!freed_.wait_for(lock, context.stop, look_interval, [this] { return !taken_; })) {
    check_interrupted(context);
  }
  taken_ = true;
  return Turn(*this);
}

}  // namespace freight::sql
