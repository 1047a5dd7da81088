#include "migration/run/lease.hpp"

#include "freight/error.hpp"
#include "migration/run/patience.hpp"

namespace freight::migration {
namespace {

/// How soon a person's word is heard, at the latest.
constexpr std::chrono::milliseconds longest_between_looks{500};

}  // namespace

void DrivingLease::check() {
  renew();
  const std::lock_guard lock(mutex_);
  halt_when_due(status_, false);
}

void DrivingLease::check_while_cancelling() {
  renew();
  const std::lock_guard lock(mutex_);
  halt_when_due(status_, true);
}

void DrivingLease::keep() noexcept {
  try {
    renew();
  } catch (...) {
    // Whoever drives hears of it with its next check.
  }
}

std::optional<JobStatus> DrivingLease::status() {
  const std::lock_guard lock(mutex_);
  return status_;
}

void DrivingLease::renew() {
  if (stopping_) throw Halted{Halted::Reason::stopping};
  const std::lock_guard lock(mutex_);
  const auto now = std::chrono::steady_clock::now();
  if (now - renewed_at_ < std::min(duration_ / 5, longest_between_looks)) return;
  renewed_at_ = now;
  try {
    status_ = store_.renew(migration_, token_, duration_);
  } catch (const Error& error) {
    if (!error.retryable()) throw;
  }
}

void DrivingLease::halt_when_due(std::optional<JobStatus> status, bool cancelling) {
  if (!status || is_final(*status)) throw Halted{Halted::Reason::lost};
  if (*status == JobStatus::cancelling && !cancelling) throw Halted{Halted::Reason::cancelling};
  if (*status == JobStatus::paused) throw Halted{Halted::Reason::paused};
}

void DrivingLease::save(MigrationReport report) {
  report.migration = migration_;
  report.token = token_;
  const bool ends = report.ended.has_value();
  const auto status = outlasting(stopping_, [&] { return store_.save(report); });
  const std::lock_guard lock(mutex_);
  status_ = status;
  if (!status_) throw Halted{Halted::Reason::lost};
  if (!ends) halt_when_due(status_, false);
}

void DrivingLease::release() {
  try {
    store_.release(migration_, token_);
  } catch (const Error&) {
    // It runs out by itself.
  }
}

}  // namespace freight::migration
