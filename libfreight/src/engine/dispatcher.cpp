#include "engine/dispatcher.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace freight::engine {

using namespace std::chrono_literals;

Dispatcher::Dispatcher(TaskGate& gate, JobRuntimes& runtimes, const Clock& clock, unsigned workers,
                       Run run)
    : gate_(gate), runtimes_(runtimes), clock_(clock), run_(std::move(run)) {
  batches_.slots = workers;
  batches_.at_hand = std::size_t{2} * workers;
}

/// Every slot has been busy with one task for longer than all that was claimed should take.
bool Dispatcher::Lane::is_stuck(TimePoint now) const {
  return running.size() == slots && *running.rbegin() + horizon < now;
}

std::size_t Dispatcher::Lane::wanted(TimePoint now) const {
  if (is_stuck(now)) return at_hand;
  const auto in_time = static_cast<std::size_t>(slots * horizon / std::max(mean, {1ns}));
  return std::max(at_hand, std::min(in_time, max_ahead));
}

void Dispatcher::add(std::shared_ptr<LeasedTask> leased) {
  auto& lane = is_batch(*leased) ? batches_ : others_;
  {
    const std::lock_guard lock(mutex_);
    lane.queue.push_back(std::move(leased));
  }
  pump(lane);
}

Dispatcher::Room Dispatcher::room() const {
  const auto now = clock_.steady_now();
  const std::lock_guard lock(mutex_);
  const auto left = [&](const Lane& lane) {
    const auto held = lane.queue.size() + lane.running.size();
    const auto wanted = lane.wanted(now);
    return static_cast<std::uint32_t>(wanted > held ? wanted - held : 0);
  };
  return {left(batches_), left(others_)};
}

// A batch whose job is still being connected to stays, so that it holds no worker while it waits.
std::shared_ptr<LeasedTask> Dispatcher::next(Lane& lane) {
  const auto found = std::find_if(lane.queue.begin(), lane.queue.end(), [&](const auto& leased) {
    if (!is_batch(*leased)) return true;
    const auto runtime = runtimes_.find(leased->task.job_id);
    return !runtime || !runtime->is_being_made();
  });
  if (found == lane.queue.end()) return nullptr;
  auto leased = std::move(*found);
  lane.queue.erase(found);
  return leased;
}

void Dispatcher::pump(Lane& lane) {
  while (true) {
    std::shared_ptr<LeasedTask> leased;
    Running began;
    {
      const std::lock_guard lock(mutex_);
      if (lane.running.size() == lane.slots) return;
      leased = next(lane);
      if (!leased) return;
      began = lane.running.insert(clock_.steady_now());
    }
    if (!gate_.post([this, &lane, leased, began] { work(lane, leased, began); })) {
      const std::lock_guard lock(mutex_);
      lane.running.erase(began);
      lane.queue.push_front(std::move(leased));
      return;
    }
  }
}

void Dispatcher::work(Lane& lane, const std::shared_ptr<LeasedTask>& leased, Running began) {
  run_(leased);
  {
    const std::lock_guard lock(mutex_);
    lane.mean += (clock_.steady_now() - *began - lane.mean) / 8;
    lane.running.erase(began);
  }
  pump();
}

void Dispatcher::pump() {
  auto ready = runtimes_.take_ready();
  if (!ready.empty()) {
    const std::lock_guard lock(mutex_);
    batches_.queue.insert(batches_.queue.begin(), std::make_move_iterator(ready.begin()),
                          std::make_move_iterator(ready.end()));
  }
  pump(batches_);
  pump(others_);
}

std::vector<std::shared_ptr<LeasedTask>> Dispatcher::withdraw(JobId job_id) {
  std::vector<std::shared_ptr<LeasedTask>> withdrawn;
  const std::lock_guard lock(mutex_);
  for (auto* queue : {&batches_.queue, &others_.queue}) {
    const auto kept = std::stable_partition(queue->begin(), queue->end(), [&](const auto& leased) {
      return leased->task.job_id != job_id;
    });
    std::move(kept, queue->end(), std::back_inserter(withdrawn));
    queue->erase(kept, queue->end());
  }
  return withdrawn;
}

std::vector<std::shared_ptr<LeasedTask>> Dispatcher::withdraw_stuck() {
  const auto now = clock_.steady_now();
  std::vector<std::shared_ptr<LeasedTask>> withdrawn;
  const std::lock_guard lock(mutex_);
  for (auto* lane : {&batches_, &others_}) {
    if (!lane->is_stuck(now)) continue;
    while (lane->queue.size() + lane->running.size() > lane->at_hand) {
      withdrawn.push_back(std::move(lane->queue.back()));
      lane->queue.pop_back();
    }
  }
  return withdrawn;
}

}  // namespace freight::engine
