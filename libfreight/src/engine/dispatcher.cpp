#include "engine/dispatcher.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace freight::engine {

Dispatcher::Dispatcher(TaskGate& gate, JobRuntimes& runtimes, unsigned workers, Run run)
    : gate_(gate), runtimes_(runtimes), run_(std::move(run)) {
  batches_.slots = workers;
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
  const std::lock_guard lock(mutex_);
  const auto left = [](const Lane& lane, std::size_t wanted) {
    const auto held = lane.queue.size() + lane.running;
    return static_cast<std::uint32_t>(wanted > held ? wanted - held : 0);
  };
  return {left(batches_, std::size_t{2} * batches_.slots), left(others_, others_.slots)};
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
    {
      const std::lock_guard lock(mutex_);
      if (lane.running == lane.slots) return;
      leased = next(lane);
      if (!leased) return;
      ++lane.running;
    }
    if (!gate_.post([this, &lane, leased] { work(lane, leased); })) {
      const std::lock_guard lock(mutex_);
      --lane.running;
      lane.queue.push_front(std::move(leased));
      return;
    }
  }
}

void Dispatcher::work(Lane& lane, const std::shared_ptr<LeasedTask>& leased) {
  run_(leased);
  {
    const std::lock_guard lock(mutex_);
    --lane.running;
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

}  // namespace freight::engine
