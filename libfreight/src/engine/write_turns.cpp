#include "engine/write_turns.hpp"

#include <algorithm>
#include <utility>

namespace freight::engine {

void WriteTurns::enter(std::shared_ptr<LeasedTask> leased) {
  const std::lock_guard lock(mutex_);
  Entry entry{.leased = std::move(leased)};
  // Storage did not know yet that the predecessor had left when it leased this one.
  entry.spoiled = std::any_of(entries_.begin(), entries_.end(), [&](const Entry& other) {
    return other.state == State::gone && other.sequence() < entry.sequence();
  });
  entries_.push_back(std::move(entry));
}

WriteTurns::Answer WriteTurns::arrive(LeaseToken token, PreparedBatch& prepared, bool may_park) {
  const std::lock_guard lock(mutex_);
  const auto entry = find(token);
  if (entry == entries_.end() || entry->spoiled) return Answer::go_back;
  if (is_first(*entry)) return Answer::write;
  if (!may_park) return Answer::go_back;
  entry->state = State::parked;
  entry->prepared = std::move(prepared);
  return Answer::park;
}

std::shared_ptr<LeasedTask> WriteTurns::next_ready() {
  const std::lock_guard lock(mutex_);
  for (auto& entry : entries_) {
    if (entry.state != State::parked || !(entry.spoiled || is_first(entry))) continue;
    entry.state = State::held;
    return entry.leased;
  }
  return nullptr;
}

std::optional<PreparedBatch> WriteTurns::unpark(LeaseToken token) {
  const std::lock_guard lock(mutex_);
  const auto entry = find(token);
  return entry == entries_.end() ? std::nullopt : std::exchange(entry->prepared, std::nullopt);
}

void WriteTurns::done(LeaseToken token) {
  const std::lock_guard lock(mutex_);
  const auto entry = find(token);
  if (entry != entries_.end()) entries_.erase(entry);
}

void WriteTurns::leave(LeaseToken token) {
  const std::lock_guard lock(mutex_);
  const auto entry = find(token);
  if (entry == entries_.end() || entry->state == State::parked) return;
  entry->state = State::gone;
  entry->prepared.reset();
  spoil_after(entry->sequence());
}

void WriteTurns::settle(LeaseToken token) {
  const std::lock_guard lock(mutex_);
  const auto entry = find(token);
  if (entry == entries_.end()) return;
  spoil_after(entry->sequence());
  entries_.erase(entry);
}

bool WriteTurns::empty() const {
  const std::lock_guard lock(mutex_);
  return entries_.empty();
}

std::vector<std::shared_ptr<LeasedTask>> WriteTurns::clear() {
  const std::lock_guard lock(mutex_);
  std::vector<std::shared_ptr<LeasedTask>> parked;
  for (auto& entry : entries_) {
    if (entry.state == State::parked) parked.push_back(std::move(entry.leased));
  }
  entries_.clear();
  return parked;
}

std::vector<WriteTurns::Entry>::iterator WriteTurns::find(LeaseToken token) {
  return std::find_if(entries_.begin(), entries_.end(),
                      [&](const Entry& entry) { return entry.leased->task.token == token; });
}

bool WriteTurns::is_first(const Entry& entry) const {
  return std::none_of(entries_.begin(), entries_.end(),
                      [&](const Entry& other) { return other.sequence() < entry.sequence(); });
}

void WriteTurns::spoil_after(std::uint64_t sequence) {
  for (auto& entry : entries_) entry.spoiled = entry.spoiled || entry.sequence() > sequence;
}

}  // namespace freight::engine
