#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <variant>
#include <vector>

#include "freight/error.hpp"
#include "freight/time.hpp"

namespace freight {

/// @addtogroup surroundings
/// @{

/// What is known of the attempt that failed.
struct AttemptInfo {
  /// Attempts that were answered, this one included: 1 for the first failure.
  std::uint32_t attempt = 1;
  /// When the first attempt began; for policies that give up after some time.
  Timestamp first_attempt_at;
  /// When the attempt failed: what a RetryAt counts from.
  Timestamp now;
  /// Uniform in [0, 1); the policy's only randomness.
  double random = 0.0;
};

/// Try again, with the records that are still pending, at `due` or soon after.
struct RetryAt {
  Timestamp due;
};
/// Give up this batch's records for good: they are rejected with the failure as their error.
struct Reject {};
/// Give up the batch: its records stay pending and the job ends `failed`.
struct FailJob {};
/// Give up the batch because the job is being cancelled.
struct Cancel {};
/// What a policy decides; exactly one of them.
using RetryDecision = std::variant<RetryAt, Reject, FailJob, Cancel>;

/// Decides what a failed attempt leads to. One pure function: clock and randomness come in from
/// outside, so equal arguments give equal answers. Implementations are thread-safe.
class RetryPolicy {
 public:
  virtual ~RetryPolicy() = default;
  /// Called on a worker thread after each attempt that failed; returns at once and does not throw.
  /// Not asked where there is nothing to decide: the other side was away (ErrorDetails::outage),
  /// the task was stopped or its lease is another's, and an ambiguous write into a destination
  /// whose ledger cannot tell. After an error of category configuration or authentication the job
  /// fails unless the answer is RetryAt.
  virtual RetryDecision decide(const Failure& failure, const AttemptInfo& info) const = 0;
};

/// Whether each delay is drawn at random, so that clients that failed together do not return
/// together.
enum class Jitter { none, full };

/// Exponential backoff with full jitter (M. Brooker, "Exponential Backoff And Jitter", AWS
/// Architecture Blog, 2015): the n-th retry waits a uniform share of min(max, initial *
/// multiplier^(n-1)). With the defaults and jitter none: 200 ms, 400 ms, 800 ms, 1.6 s, 3.2 s, then
/// the job fails. A `retry_after` of the failure wins over the computed delay. With max_attempts 1
/// nothing is retried, but for an outage, which is not an attempt and never uses one up.
class ExponentialBackoff final : public RetryPolicy {
 public:
  /// What a job spec's section `retry` sets.
  struct Options {
    /// Attempts that were answered, the first one included; at least 1.
    std::uint32_t max_attempts = 6;
    std::chrono::milliseconds initial_interval{200};
    /// From one delay to the next; at least 1.
    double multiplier = 2.0;
    std::chrono::milliseconds max_interval{30'000};
    Jitter jitter = Jitter::full;
    std::vector<Category> retry_on{Category::transient, Category::throttled};
  };

  ExponentialBackoff() : ExponentialBackoff(Options{}) {}
  /// Throws Error(invalid_value) when max_attempts or multiplier is below 1, or an interval
  /// negative.
  explicit ExponentialBackoff(Options options);

  /// Rejects what is wrong with the records (data, constraint) and cancels what was cancelled.
  /// Retries the categories of `retry_on` and, as the ledger then tells, ambiguous ones, while
  /// attempts are left; an outage always. Else FailJob.
  RetryDecision decide(const Failure& failure, const AttemptInfo& info) const override;

  /// The delay before attempt `attempt + 1`, before `retry_after` is looked at.
  std::chrono::milliseconds delay(std::uint32_t attempt, double random) const;

 private:
  Options options_;
};

/// @}

}  // namespace freight
