#include "engine/task_gate.hpp"

#include <exception>
#include <utility>

namespace freight::engine {

TaskGate::TaskGate(LogSink& log) : state_(std::make_shared<State>()) { state_->log = &log; }

void TaskGate::open(Executor& executor) {
  const std::lock_guard lock(state_->mutex);
  state_->executor = &executor;
}

void TaskGate::close() {
  std::unique_lock lock(state_->mutex);
  state_->executor = nullptr;
  state_->idle.wait(lock, [this] { return state_->running == 0; });
}

// Posting happens under the lock: close() cannot return, and so the executor cannot go, in between.
bool TaskGate::post(Executor::Task task) {
  const std::lock_guard lock(state_->mutex);
  if (state_->executor == nullptr) return false;
  state_->executor->post(guarded(state_, std::move(task)));
  return true;
}

bool TaskGate::post_at(std::chrono::steady_clock::time_point due, Executor::Task task) {
  const std::lock_guard lock(state_->mutex);
  if (state_->executor == nullptr) return false;
  state_->executor->post_at(due, guarded(state_, std::move(task)));
  return true;
}

Executor::Task TaskGate::guarded(std::shared_ptr<State> state, Executor::Task task) {
  return [state = std::move(state), task = std::move(task)] {
    {
      const std::lock_guard lock(state->mutex);
      if (state->executor == nullptr) return;
      ++state->running;
    }
    try {
      task();
    } catch (const std::exception& error) {
      // An executor takes no exceptions. Whatever was being done is found again by its lease.
      state->log->log(LogLevel::error, error.what(), {});
    } catch (...) {
      state->log->log(LogLevel::error, "a task of the engine failed in an unknown way", {});
    }
    const std::lock_guard lock(state->mutex);
    if (--state->running == 0) state->idle.notify_all();
  };
}

}  // namespace freight::engine
