#include <limits>
#include <optional>

#include <gtest/gtest.h>

#include "freight/retry_policy.hpp"

namespace freight {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

const Timestamp now{std::chrono::hours{500'000}};

Failure failure(Category category) {
  return {.code = Code::destination_failed, .category = category};
}

AttemptInfo attempt(std::uint32_t number, double random = 0.5) {
  return {.attempt = number, .first_attempt_at = now - 1min, .now = now, .random = random};
}

std::optional<milliseconds> wait_of(const RetryDecision& decision) {
  const auto* retry = std::get_if<RetryAt>(&decision);
  if (retry == nullptr) return std::nullopt;
  return std::chrono::duration_cast<milliseconds>(retry->due - now);
}

TEST(ExponentialBackoff, DoublesFrom200MillisecondsAndFailsAfterSixAttempts) {
  const ExponentialBackoff policy({.jitter = Jitter::none});
  std::uint32_t number = 1;
  for (const auto expected : {200ms, 400ms, 800ms, 1600ms, 3200ms}) {
    EXPECT_EQ(wait_of(policy.decide(failure(Category::transient), attempt(number))), expected);
    ++number;
  }
  EXPECT_TRUE(
      std::holds_alternative<FailJob>(policy.decide(failure(Category::transient), attempt(6))));
  EXPECT_TRUE(
      std::holds_alternative<FailJob>(policy.decide(failure(Category::transient), attempt(7))));
}

TEST(ExponentialBackoff, FullJitterTakesAUniformShare) {
  const ExponentialBackoff policy;
  EXPECT_EQ(policy.delay(1, 0.0), 0ms);
  EXPECT_EQ(policy.delay(1, 0.5), 100ms);
  EXPECT_EQ(policy.delay(4, 0.25), 400ms);
  EXPECT_EQ(policy.delay(2, 0.999999), 400ms);
}

TEST(ExponentialBackoff, NeverWaitsLongerThanTheMaximum) {
  const ExponentialBackoff policy({.jitter = Jitter::none});
  EXPECT_EQ(policy.delay(9, 0.0), 30s);
  EXPECT_EQ(policy.delay(std::numeric_limits<std::uint32_t>::max(), 0.0), 30s);
  const ExponentialBackoff small(
      {.initial_interval = 5s, .max_interval = 1s, .jitter = Jitter::none});
  EXPECT_EQ(small.delay(1, 0.0), 1s);
}

TEST(ExponentialBackoff, DegenerateOptionsStillAnswer) {
  const ExponentialBackoff never({.max_attempts = 1});
  EXPECT_TRUE(
      std::holds_alternative<FailJob>(never.decide(failure(Category::transient), attempt(1))));
  const ExponentialBackoff steady({.multiplier = 1.0, .jitter = Jitter::none});
  EXPECT_EQ(steady.delay(1, 0.0), 200ms);
  EXPECT_EQ(steady.delay(1000, 0.0), 200ms);
  const ExponentialBackoff at_once(
      {.initial_interval = 0ms, .multiplier = 10.0, .jitter = Jitter::none});
  EXPECT_EQ(at_once.delay(1, 0.0), 0ms);
  EXPECT_EQ(at_once.delay(std::numeric_limits<std::uint32_t>::max(), 0.0), 0ms);
  EXPECT_EQ(ExponentialBackoff({.jitter = Jitter::none}).delay(0, 0.0), 200ms);
}

TEST(ExponentialBackoff, RefusesOptionsThatMakeNoSense) {
  EXPECT_THROW(ExponentialBackoff({.max_attempts = 0}), Error);
  EXPECT_THROW(ExponentialBackoff({.initial_interval = -1ms}), Error);
  EXPECT_THROW(ExponentialBackoff({.multiplier = 0.5}), Error);
  EXPECT_THROW(ExponentialBackoff({.multiplier = std::numeric_limits<double>::quiet_NaN()}), Error);
  EXPECT_THROW(ExponentialBackoff({.multiplier = std::numeric_limits<double>::infinity()}), Error);
  EXPECT_THROW(ExponentialBackoff({.max_interval = -1ms}), Error);
}

TEST(ExponentialBackoff, RetryAfterWinsOverTheComputedDelay) {
  const ExponentialBackoff policy({.jitter = Jitter::none});
  Failure throttled = failure(Category::throttled);
  throttled.details.retry_after = 90s;
  EXPECT_EQ(wait_of(policy.decide(throttled, attempt(1))), 90s);
  throttled.details.retry_after = 1ms;
  EXPECT_EQ(wait_of(policy.decide(throttled, attempt(5))), 1ms);
  throttled.details.retry_after = -5s;
  EXPECT_EQ(wait_of(policy.decide(throttled, attempt(1))), 0ms);
  throttled.details.retry_after = 1s;
  EXPECT_TRUE(std::holds_alternative<FailJob>(policy.decide(throttled, attempt(6))));
}

TEST(ExponentialBackoff, DecidesByCategory) {
  const ExponentialBackoff policy;
  const auto decide = [&](Category category) {
    return policy.decide(failure(category), attempt(1));
  };
  EXPECT_TRUE(std::holds_alternative<RetryAt>(decide(Category::transient)));
  EXPECT_TRUE(std::holds_alternative<RetryAt>(decide(Category::throttled)));
  EXPECT_TRUE(std::holds_alternative<RetryAt>(decide(Category::ambiguous)));
  EXPECT_TRUE(std::holds_alternative<Reject>(decide(Category::data)));
  EXPECT_TRUE(std::holds_alternative<Reject>(decide(Category::constraint)));
  EXPECT_TRUE(std::holds_alternative<Cancel>(decide(Category::cancelled)));
  for (const Category category :
       {Category::configuration, Category::authentication, Category::limit, Category::internal}) {
    EXPECT_TRUE(std::holds_alternative<FailJob>(decide(category))) << to_string(category);
  }
}

TEST(ExponentialBackoff, RetriesOnlyWhatItIsTold) {
  const ExponentialBackoff policy({.retry_on = {Category::throttled}});
  EXPECT_TRUE(
      std::holds_alternative<FailJob>(policy.decide(failure(Category::transient), attempt(1))));
  EXPECT_TRUE(
      std::holds_alternative<RetryAt>(policy.decide(failure(Category::throttled), attempt(1))));
}

TEST(ExponentialBackoff, AnOutageUsesNoAttemptUp) {
  const ExponentialBackoff policy({.max_attempts = 1});
  Failure outage = failure(Category::transient);
  outage.details.outage = true;
  EXPECT_TRUE(std::holds_alternative<RetryAt>(policy.decide(outage, attempt(1))));
}

TEST(ExponentialBackoff, GivesEqualAnswersToEqualQuestions) {
  const ExponentialBackoff policy;
  for (std::uint32_t number = 1; number < 6; ++number) {
    EXPECT_EQ(wait_of(policy.decide(failure(Category::transient), attempt(number, 0.37))),
              wait_of(policy.decide(failure(Category::transient), attempt(number, 0.37))));
  }
}

}  // namespace
}  // namespace freight
