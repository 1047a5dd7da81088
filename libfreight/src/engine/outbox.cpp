#include "engine/outbox.hpp"

#include <utility>

namespace freight::engine {

void Outbox::add(BatchReport report) {
  const std::lock_guard lock(mutex_);
  content_.reports.push_back(std::move(report));
}

void Outbox::add(TaskRetry retry) {
  const std::lock_guard lock(mutex_);
  content_.retries.push_back(std::move(retry));
}

void Outbox::add(FinishReport ending) {
  const std::lock_guard lock(mutex_);
  content_.endings.push_back({std::move(ending), std::nullopt});
}

void Outbox::add(BatchReport report, FinishReport ending) {
  const std::lock_guard lock(mutex_);
  content_.endings.push_back({std::move(ending), report.token});
  content_.reports.push_back(std::move(report));
}

Outbox::Content Outbox::take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(content_, {});
}

}  // namespace freight::engine
