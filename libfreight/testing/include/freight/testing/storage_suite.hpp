#pragma once

// The contracts of Storage, TenantStore and JobStore as tests, for whoever writes a backend of
// their own. Include this in one file of a GoogleTest program and run all of it over a backend with
//
//   namespace freight::testing {
//   FREIGHT_INSTANTIATE_STORAGE_SUITE(
//       Mine, StorageCase{.name = "Mine", .make = [] { return std::make_unique<MyTarget>(); }});
//   }
//
// MyTarget is a StorageTarget (storage/storage_fixture.hpp). What a backend declares that it cannot
// do is skipped; nothing else is. Each header of the folder storage has the tests of one subject
// and may be used without the others, by INSTANTIATE_TEST_SUITE_P of its suite: all of them
// together take a compiler about a minute.
//
// Link Freight::testing. POSIX: some tests kill processes of their own.

#include "freight/testing/storage/acknowledgements.hpp"
#include "freight/testing/storage/belongings.hpp"
#include "freight/testing/storage/cancellations.hpp"
#include "freight/testing/storage/claims.hpp"
#include "freight/testing/storage/dead_letters.hpp"
#include "freight/testing/storage/erasures.hpp"
#include "freight/testing/storage/events.hpp"
#include "freight/testing/storage/fairness.hpp"
#include "freight/testing/storage/job_control.hpp"
#include "freight/testing/storage/job_ends.hpp"
#include "freight/testing/storage/job_lists.hpp"
#include "freight/testing/storage/leases.hpp"
#include "freight/testing/storage/migrations.hpp"
#include "freight/testing/storage/openings.hpp"
#include "freight/testing/storage/ordered_claims.hpp"
#include "freight/testing/storage/plans.hpp"
#include "freight/testing/storage/record_log.hpp"
#include "freight/testing/storage/reject_ranges.hpp"
#include "freight/testing/storage/replays.hpp"
#include "freight/testing/storage/retries.hpp"
#include "freight/testing/storage/schedules.hpp"
#include "freight/testing/storage/statistics.hpp"
#include "freight/testing/storage/submissions.hpp"
#include "freight/testing/storage/tenants.hpp"
#include "freight/testing/storage/unserved_jobs.hpp"

#define FREIGHT_INSTANTIATE_STORAGE_PART(prefix, part, ...) \
  INSTANTIATE_TEST_SUITE_P(prefix, part, ::testing::Values(__VA_ARGS__), storage_case_name)

/// Runs every suite over one or more StorageCases. To be used in namespace freight::testing.
#define FREIGHT_INSTANTIATE_STORAGE_SUITE(prefix, ...)                         \
  FREIGHT_INSTANTIATE_STORAGE_PART(prefix, OpeningSuite, __VA_ARGS__);         \
  FREIGHT_INSTANTIATE_STORAGE_PART(prefix, TenantSuite, __VA_ARGS__);          \
  FREIGHT_INSTANTIATE_STORAGE_PART(prefix, BelongingsSuite, __VA_ARGS__);      \
  FREIGHT_INSTANTIATE_STORAGE_PART(prefix, SubmissionSuite, __VA_ARGS__);      \
  FREIGHT_INSTANTIATE_STORAGE_PART(prefix, JobListSuite, __VA_ARGS__);         \
  FREIGHT_INSTANTIATE_STORAGE_PART(prefix, PlanSuite, __VA_ARGS__);            \
  FREIGHT_INSTANTIATE_STORAGE_PART(prefix, ClaimSuite, __VA_ARGS__);           \
  FREIGHT_INSTANTIATE_STORAGE_PART(prefix, OrderedClaimSuite, __VA_ARGS__);    \
  FREIGHT_INSTANTIATE_STORAGE_PART(prefix, FairnessSuite, __VA_ARGS__);        \
  FREIGHT_INSTANTIATE_STORAGE_PART(prefix, LeaseSuite, __VA_ARGS__);           \
  FREIGHT_INSTANTIATE_STORAGE_PART(prefix, NodeDeathSuite, __VA_ARGS__);       \
  FREIGHT_INSTANTIATE_STORAGE_PART(prefix, AcknowledgementSuite, __VA_ARGS__); \
  FREIGHT_INSTANTIATE_STORAGE_PART(prefix, JobEndSuite, __VA_ARGS__);          \
  FREIGHT_INSTANTIATE_STORAGE_PART(prefix, JobControlSuite, __VA_ARGS__);      \
  FREIGHT_INSTANTIATE_STORAGE_PART(prefix, CancellationSuite, __VA_ARGS__);    \
  FREIGHT_INSTANTIATE_STORAGE_PART(prefix, ScheduleSuite, __VA_ARGS__);        \
  FREIGHT_INSTANTIATE_STORAGE_PART(prefix, UnservedSuite, __VA_ARGS__);        \
  FREIGHT_INSTANTIATE_STORAGE_PART(prefix, DeadLetterSuite, __VA_ARGS__);      \
  FREIGHT_INSTANTIATE_STORAGE_PART(prefix, RejectRangeSuite, __VA_ARGS__);     \
  FREIGHT_INSTANTIATE_STORAGE_PART(prefix, ReplaySuite, __VA_ARGS__);          \
  FREIGHT_INSTANTIATE_STORAGE_PART(prefix, ErasureSuite, __VA_ARGS__);         \
  FREIGHT_INSTANTIATE_STORAGE_PART(prefix, RetrySuite, __VA_ARGS__);           \
  FREIGHT_INSTANTIATE_STORAGE_PART(prefix, RecordLogSuite, __VA_ARGS__);       \
  FREIGHT_INSTANTIATE_STORAGE_PART(prefix, EventSuite, __VA_ARGS__);           \
  FREIGHT_INSTANTIATE_STORAGE_PART(prefix, MigrationSuite, __VA_ARGS__);       \
  FREIGHT_INSTANTIATE_STORAGE_PART(prefix, StatisticsSuite, __VA_ARGS__)
