#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "freight/reconciliation.hpp"

namespace freight {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// 100 records of which 90 were inserted, 6 rejected and 4 filtered.
struct Reconciled {
  Job job;
  ReconciliationFacts facts;

  Reconciled() {
    job.records = {.read = 100, .succeeded = 90, .rejected = 6, .skipped = 0, .filtered = 4};
    job.written.inserted = 90;
    facts.source_count = 100;
    facts.batch_sums = job.records;
    facts.ledger_rows = 90;
    facts.destination_delta = 90;
  }

  Reconciliation run() const { return reconcile(job, facts); }
};

TEST(Reconcile, IsVerifiedWhenEveryCountAgrees) {
  const auto result = Reconciled().run();
  EXPECT_EQ(result.status, ReconciliationStatus::verified);
  EXPECT_TRUE(result.accounted);
  EXPECT_THAT(result.differences, IsEmpty());
}

TEST(Reconcile, FailsWhenARecordHasNoOutcome) {
  Reconciled job;
  job.facts.batch_sums.succeeded = job.job.records.succeeded = 89;
  const auto result = job.run();
  EXPECT_EQ(result.status, ReconciliationStatus::failed);
  EXPECT_FALSE(result.accounted);
  EXPECT_THAT(result.differences.front(),
              HasSubstr("records with an outcome: expected 100, found 99"));
}

TEST(Reconcile, FailsWhenNotAllOfTheSourceWasRead) {
  Reconciled job;
  job.facts.source_count = 101;
  EXPECT_EQ(job.run().status, ReconciliationStatus::failed);
  EXPECT_THAT(job.run().differences,
              ElementsAre("records read, of those in the source: expected 101, found 100"));
}

TEST(Reconcile, FailsWhenTheJobsCountersAreNotTheSumOfItsBatches) {
  Reconciled job;
  ++job.job.records.rejected;
  EXPECT_EQ(job.run().status, ReconciliationStatus::failed);
}

TEST(Reconcile, FailsWhenTheLedgerHasAnotherNumberOfRows) {
  Reconciled job;
  job.facts.ledger_rows = 91;
  const auto result = job.run();
  EXPECT_EQ(result.status, ReconciliationStatus::failed);
  EXPECT_TRUE(result.accounted);
}

TEST(Reconcile, IsUnverifiedWithoutACountOfTheDestination) {
  Reconciled job;
  job.facts.destination_delta.reset();
  EXPECT_EQ(job.run().status, ReconciliationStatus::unverified);
}

TEST(Reconcile, IsUnverifiedWhenSomebodyElseChangedTheTable) {
  Reconciled job;
  job.facts.destination_delta = -3;
  const auto result = job.run();
  EXPECT_EQ(result.status, ReconciliationStatus::unverified);
  EXPECT_THAT(result.differences,
              ElementsAre("rows that the destination has more than before: expected 90, found -3"));
}

TEST(Reconcile, FailsOnAnotherDeltaWhenTheTableIsExclusive) {
  Reconciled job;
  job.facts.destination_delta = 91;
  job.facts.exclusive = true;
  EXPECT_EQ(job.run().status, ReconciliationStatus::failed);
}

TEST(Reconcile, IsNotVerifiedWhenTheDestinationSwallowedRows) {
  Reconciled job;
  job.job.written.inserted = 80;
  job.facts.ledger_rows = 80;
  job.facts.destination_delta = 80;
  EXPECT_EQ(job.run().status, ReconciliationStatus::unverified);
}

TEST(Reconcile, TakesRowsThatAMergeFoundOrOvertookForKept) {
  Reconciled job;
  job.job.written = {.inserted = 50, .updated = 20, .unchanged = 10};
  job.facts.ledger_rows = 70;
  job.facts.destination_delta.reset();
  job.facts.may_overtake = true;
  const auto result = job.run();
  EXPECT_EQ(result.status, ReconciliationStatus::unverified);
  EXPECT_TRUE(result.differences.empty());
}

TEST(Reconcile, FailsWhenAMergeWroteMoreRowsThanTheLedgerKnows) {
  Reconciled job;
  job.job.written = {.inserted = 50, .updated = 21, .unchanged = 10};
  job.facts.ledger_rows = 70;
  job.facts.may_overtake = true;
  EXPECT_EQ(job.run().status, ReconciliationStatus::failed);
}

TEST(Reconcile, RendersTheSectionOfTheReport) {
  const Reconciled job;
  EXPECT_EQ(render_reconciliation(job.facts, job.run()),
            R"({"status":"verified","accounting":"ok","source_count":100,"ledger_rows":90,)"
            R"("destination_delta":90,"differences":[]})");
}

TEST(Reconcile, SaysWhyThereIsNoDelta) {
  Reconciled job;
  job.facts.ledger_rows.reset();
  job.facts.destination_delta.reset();
  job.facts.delta_missing = "verify.counts is never";
  EXPECT_EQ(render_reconciliation(job.facts, job.run()),
            R"({"status":"unverified","accounting":"ok","source_count":100,"ledger_rows":null,)"
            R"("destination_delta":null,"differences":["the destination's rows were not compared: )"
            R"(verify.counts is never"]})");
}

}  // namespace
}  // namespace freight
