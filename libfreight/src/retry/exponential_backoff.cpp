#include <algorithm>
#include <cmath>
#include <utility>

#include "freight/retry_policy.hpp"

namespace freight {
namespace {

void check(const ExponentialBackoff::Options& options) {
  const bool good = options.max_attempts >= 1 && options.initial_interval.count() >= 0 &&
                    options.max_interval.count() >= 0 && std::isfinite(options.multiplier) &&
                    options.multiplier >= 1.0;
  if (!good) {
    throw Error(Code::invalid_value, "the retry options are out of range",
                {.hint = "max_attempts and multiplier are at least 1, intervals at least 0"});
  }
}

}  // namespace

ExponentialBackoff::ExponentialBackoff(Options options) : options_(std::move(options)) {
  check(options_);
}

std::chrono::milliseconds ExponentialBackoff::delay(std::uint32_t attempt, double random) const {
  const double exponent = static_cast<double>(std::max(attempt, 1U) - 1);
  const auto longest = static_cast<double>(options_.max_interval.count());
  const auto initial = static_cast<double>(options_.initial_interval.count());
  // A huge power is infinite, and 0 times infinity is no number: min() would let that through.
  const double grown = initial > 0 ? initial * std::pow(options_.multiplier, exponent) : 0.0;
  const double share = options_.jitter == Jitter::full ? std::clamp(random, 0.0, 1.0) : 1.0;
  return std::chrono::milliseconds{std::llround(std::min(grown, longest) * share)};
}

RetryDecision ExponentialBackoff::decide(const Failure& failure, const AttemptInfo& info) const {
  switch (failure.category) {
    case Category::cancelled:
      return Cancel{};
    case Category::data:
    case Category::constraint:
      return Reject{};
    default:
      break;
  }
  const auto& retried = options_.retry_on;
  // What became of an ambiguous write is found out by the next attempt, from the ledger.
  const bool retry = failure.category == Category::ambiguous ||
                     std::find(retried.begin(), retried.end(), failure.category) != retried.end();
  // An outage is not an attempt, so it uses none up.
  const bool attempts_left = failure.details.outage || info.attempt < options_.max_attempts;
  if (!retry || !attempts_left) return FailJob{};
  const auto wait = failure.details.retry_after
                        ? std::max(*failure.details.retry_after, std::chrono::milliseconds{0})
                        : delay(info.attempt, info.random);
  return RetryAt{info.now + wait};
}

}  // namespace freight
