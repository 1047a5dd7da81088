#include "database/session_pool.hpp"

#include <algorithm>
#include <utility>

namespace freight::database {

SessionPool::Lease::Lease(SessionPool& pool, std::unique_ptr<Session> session)
    : pool_(&pool), session_(std::move(session)) {
  if (pool.options_.watch != nullptr) pool.options_.watch->enter(*session_);
}

SessionPool::Lease::Lease(Lease&& other) noexcept
    : pool_(std::exchange(other.pool_, nullptr)), session_(std::move(other.session_)) {}

SessionPool::Lease::~Lease() {
  if (pool_ != nullptr) pool_->give_back(std::move(session_));
}

SessionPool::SessionPool(Factory factory, Options options)
    : factory_(std::move(factory)), options_(options) {
  idle_.reserve(options_.size);
}

std::unique_ptr<Session> SessionPool::wait_for_turn() {
  std::unique_lock lock(mutex_);
  const auto ticket = next_ticket_++;
  waiting_.push_back(ticket);
  const auto deadline = std::chrono::steady_clock::now() + options_.acquire_timeout;
  const bool served = freed_.wait_until(
      lock, deadline, [&] { return waiting_.front() == ticket && lent_ < options_.size; });
  waiting_.erase(std::find(waiting_.begin(), waiting_.end(), ticket));
  freed_.notify_all();  // the next in line may be served at once, or is in front now
  if (!served) {
    throw DatabaseError({.condition = Condition::busy,
                         .sqlstate = {},
                         .native_code = 0,
                         .text = "no database session became free in time",
                         .session_lost = false});
  }
  ++lent_;
  if (idle_.empty()) return nullptr;
  auto session = std::move(idle_.back());
  idle_.pop_back();
  return session;
}

SessionPool::Lease SessionPool::acquire() {
  auto session = wait_for_turn();
  if (!session) {
    try {
      session = factory_();
    } catch (...) {
      give_back(nullptr);
      throw;
    }
  }
  return Lease(*this, std::move(session));
}

void SessionPool::give_back(std::unique_ptr<Session> session) noexcept {
  if (session && options_.watch != nullptr) options_.watch->leave(*session);
  // A transaction that could not be rolled back must not reach the next borrower.
  if (session && (!session->alive() || session->in_transaction())) session.reset();
  const std::lock_guard lock(mutex_);
  --lent_;
  if (session) {
    idle_.push_back(std::move(session));
  } else {
    // The others were opened to the same server; they would each fail once more.
    std::erase_if(idle_, [](const auto& other) { return !other->alive(); });
  }
  freed_.notify_all();
}

std::size_t SessionPool::open_sessions() const {
  const std::lock_guard lock(mutex_);
  return idle_.size() + lent_;
}

std::size_t SessionPool::waiting() const {
  const std::lock_guard lock(mutex_);
  return waiting_.size();
}

}  // namespace freight::database
