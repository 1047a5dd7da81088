#include "engine/failure_rules.hpp"

#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

namespace freight::engine {
namespace {

using std::chrono::milliseconds;

Failure failure(Code code, std::string message = "it failed") {
  return {code, code_info(code).category, std::move(message), {}};
}

Failure outage(Code code) {
  auto result = failure(code);
  result.details.outage = true;
  return result;
}

FailedAttempt at(Side side, Failure what, std::uint32_t attempt = 1) {
  FailedAttempt failed;
  failed.failure = std::move(what);
  failed.side = side;
  failed.attempt.attempt = attempt;
  failed.delivery = Delivery::transactional;
  return failed;
}

template <typename Kind>
Kind expect(const FailedAttempt& failed, const RetryPolicy& policy = ExponentialBackoff{}) {
  const auto consequence = consequence_of(failed, policy);
  const auto* found = std::get_if<Kind>(&consequence);
  if (found == nullptr) {
    ADD_FAILURE() << "another consequence, number " << consequence.index();
    return {};
  }
  return *found;
}

class FixedPolicy final : public RetryPolicy {
 public:
  explicit FixedPolicy(RetryDecision decision) : decision_(decision) {}
  RetryDecision decide(const Failure&, const AttemptInfo&) const override { return decision_; }

 private:
  RetryDecision decision_;
};

TEST(FailureRules, APolicyIsAskedAfterEveryFailureOfAnAttempt) {
  const FixedPolicy again(RetryAt{Timestamp(milliseconds(700))});
  for (const auto code : {Code::internal, Code::connector_failed, Code::table_not_found,
                          Code::destination_denied, Code::source_unavailable}) {
    for (const auto side : {Side::source, Side::destination, Side::engine}) {
      EXPECT_EQ(expect<TryAgain>(at(side, failure(code)), again).delay, milliseconds(700));
    }
  }
}

TEST(FailureRules, WhatIsInternalIsRetriedWhereTheJobSaysSo) {
  const ExponentialBackoff policy({.max_attempts = 3, .retry_on = {Category::internal}});
  expect<TryAgain>(at(Side::destination, failure(Code::internal), 2), policy);
  EXPECT_EQ(
      expect<GiveUpBatch>(at(Side::destination, failure(Code::internal), 3), policy).failure.code,
      Code::attempts_exhausted);
}

TEST(FailureRules, AWrongConfigurationEndsTheJobAtOnceWithItsOwnError) {
  for (const auto code : {Code::table_not_found, Code::source_changed, Code::ledger_conflict,
                          Code::destination_denied, Code::missing_header}) {
    const auto ending = expect<EndJob>(at(Side::destination, failure(code)));
    EXPECT_EQ(ending.status, JobStatus::failed);
    EXPECT_EQ(ending.failure.code, code);
  }
}

TEST(FailureRules, ATransientFailureIsTriedAgainWhenThePolicySays) {
  auto failed = at(Side::destination, failure(Code::serialization_failure));
  failed.attempt.random = 0.5;
  EXPECT_EQ(expect<TryAgain>(failed).delay, milliseconds(100));
}

TEST(FailureRules, ARetryThatIsDueInThePastIsDueNow) {
  auto failed = at(Side::destination, failure(Code::serialization_failure));
  failed.attempt.now = Timestamp{std::chrono::seconds{100}};
  const FixedPolicy policy{RetryAt{Timestamp{std::chrono::seconds{1}}}};
  EXPECT_EQ(expect<TryAgain>(failed, policy).delay, milliseconds(0));
}

TEST(FailureRules, TheLastAttemptGivesTheBatchUpAndQuotesItsFailure) {
  const auto gave_up = expect<GiveUpBatch>(
      at(Side::destination, failure(Code::serialization_failure, "could not serialize"), 6));
  EXPECT_EQ(gave_up.failure.code, Code::attempts_exhausted);
  EXPECT_EQ(gave_up.failure.message, "gave up after 6 attempts; the last: could not serialize");
}

TEST(FailureRules, AFailureThatIsNotRetriedKeepsItsCode) {
  const ExponentialBackoff once{{.max_attempts = 1}};
  EXPECT_EQ(expect<GiveUpBatch>(at(Side::source, failure(Code::serialization_failure)), once)
                .failure.code,
            Code::serialization_failure);
}

TEST(FailureRules, AnOutageIsNoAttempt) {
  const auto failed = at(Side::destination, outage(Code::destination_unavailable), 6);
  EXPECT_FALSE(expect<WaitForOtherSide>(failed).at_once);
}

TEST(FailureRules, AnAmbiguousWriteAsksTheLedgerAtOnce) {
  EXPECT_TRUE(
      expect<WaitForOtherSide>(at(Side::destination, failure(Code::commit_unknown))).at_once);
}

TEST(FailureRules, AnAmbiguousWriteWithoutALedgerIsNotRepeated) {
  auto failed = at(Side::destination, failure(Code::commit_unknown));
  failed.delivery = Delivery::none;
  EXPECT_EQ(expect<GiveUpBatch>(failed).failure.code, Code::commit_unknown);
}

TEST(FailureRules, ADefectFailsTheBatchAndNotTheJob) {
  EXPECT_EQ(expect<GiveUpBatch>(at(Side::source, failure(Code::internal))).failure.code,
            Code::internal);
}

TEST(FailureRules, APlanOrAFinishThatIsGivenUpEndsTheJob) {
  for (const auto kind : {TaskKind::plan, TaskKind::finish}) {
    auto failed = at(Side::source, failure(Code::internal));
    failed.kind = kind;
    EXPECT_EQ(expect<EndJob>(failed).failure.code, Code::internal);
  }
}

TEST(FailureRules, ATaskThatWasToldToStopIsHandedBack) {
  auto failed = at(Side::source, failure(Code::cancelled));
  failed.stopped = true;
  expect<HandBack>(failed);
}

TEST(FailureRules, AWriteThatCameTooLateForItsLeaseIsHandedBackThoughTheLeaseWasRenewedSince) {
  expect<HandBack>(at(Side::destination, failure(Code::lease_lost)));
}

TEST(FailureRules, AConnectorThatCancelsByItselfFailsTheBatch) {
  expect<GiveUpBatch>(at(Side::source, failure(Code::cancelled)));
}

TEST(FailureRules, TheStoragesTroubleIsNobodysAttempt) {
  for (const auto code : {Code::storage_unavailable, Code::storage_busy, Code::storage_full}) {
    auto failed = at(Side::engine, failure(code), 6);
    failed.kind = TaskKind::plan;
    expect<HandBack>(failed);
  }
}

TEST(FailureRules, OnErrorFailEndsTheJob) {
  EXPECT_EQ(expect<EndJob>(at(Side::mapping, failure(Code::type_mismatch))).failure.code,
            Code::type_mismatch);
}

TEST(FailureRules, APolicyMayRejectTheRecords) {
  const FixedPolicy policy{Reject{}};
  const auto rejected =
      expect<RejectRecords>(at(Side::destination, failure(Code::serialization_failure)), policy);
  EXPECT_EQ(rejected.failure.code, Code::serialization_failure);
}

TEST(FailureRules, APolicyMayCancelTheJob) {
  const FixedPolicy policy{Cancel{}};
  EXPECT_EQ(
      expect<EndJob>(at(Side::destination, failure(Code::serialization_failure)), policy).status,
      JobStatus::cancelled);
}

TEST(FailureRules, WhateverIsThrownIsAFailure) {
  try {
    throw std::runtime_error("of their own");
  } catch (...) {
    EXPECT_EQ(current_failure().code, Code::internal);
    EXPECT_EQ(current_failure().message, "of their own");
  }
  try {
    throw 42;
  } catch (...) {
    EXPECT_EQ(current_failure().code, Code::connector_failed);
    EXPECT_EQ(current_failure().category, Category::internal);
  }
}

}  // namespace
}  // namespace freight::engine
