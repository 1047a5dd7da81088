#pragma once

// Migrations: many tables at once, driven by one node at a time.

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "freight/testing/storage/storage_fixture.hpp"

namespace freight::testing {

class MigrationSuite : public StorageSuite {
 protected:
  MigrationStore& migrations() { return storage_->migrations(); }

  static NewMigration shop(TenantId tenant, std::string identity = "identity") {
    return {.tenant_id = tenant,
            .name = "shop",
            .spec = R"({"name":"shop"})",
            .only = {"artist"},
            .identity = std::move(identity)};
  }
  MigrationId begin(std::string affinity = "") {
    const auto id = MigrationId::generate();
    NewMigration migration = shop(tenant_, "identity of " + id.to_string());
    migration.node_affinity = std::move(affinity);
    EXPECT_TRUE(migrations().submit(id, migration).created);
    return id;
  }
  Migration migration(MigrationId id) {
    auto found = migrations().find(tenant_, id);
    EXPECT_TRUE(found.has_value());
    return found.value_or(Migration{});
  }
  std::vector<ClaimedMigration> drive(milliseconds duration = lease,
                                      std::vector<std::string> affinities = {}) {
    return migrations().claim(
        {.affinities = std::move(affinities), .limit = 10, .lease = duration});
  }
  static MigrationOutcome outcome(TableState state) {
    MigrationOutcome outcome;
    outcome.tables = {{.from = "artist", .to = "Artist", .state = state, .message = "why"}};
    outcome.constraints = {{.kind = MigrationConstraint::Kind::foreign_key,
                            .table = "Artist",
                            .subject = "label -> Label",
                            .state = ConstraintState::failed,
                            .message = "rows refer to nothing",
                            .violations = {{"7", std::nullopt}}}};
    outcome.notes = {"a note"};
    return outcome;
  }
  std::optional<JobStatus> save(const ClaimedMigration& claimed, MigrationOutcome outcome,
                                std::optional<JobStatus> ended = std::nullopt) {
    return migrations().save({.migration = {tenant_, claimed.migration.id},
                              .token = claimed.token,
                              .outcome = std::move(outcome),
                              .ended = ended});
  }
  /// Begins a migration, drives it and ends it so.
  MigrationId ended(JobStatus status, TableState state = TableState::failed) {
    const auto id = begin();
    EXPECT_EQ(save(drive().at(0), outcome(state), status), status);
    return id;
  }
};

TEST_P(MigrationSuite, WhatWasSubmittedIsThere) {
  const auto id = begin("host:here");
  migrations().submit(id, shop(tenant_, "another"));  // its id is taken
  const auto found = migration(id);
  EXPECT_EQ(found.id, id);
  EXPECT_EQ(found.tenant_id, tenant_);
  EXPECT_EQ(found.name, "shop");
  EXPECT_EQ(found.spec, R"({"name":"shop"})");
  EXPECT_EQ(found.only, std::vector<std::string>{"artist"});
  EXPECT_EQ(found.identity, "identity of " + id.to_string());
  EXPECT_FALSE(found.driven);
  EXPECT_EQ(found.node_affinity, "host:here");
  EXPECT_EQ(found.status, JobStatus::pending);
  EXPECT_FALSE(found.started_at || found.finished_at);
  EXPECT_TRUE(found.outcome.tables.empty());
  EXPECT_EQ(code_of([&] { migrations().submit(MigrationId::generate(), shop(TenantId())); }),
            Code::not_found);
}

TEST_P(MigrationSuite, OthersDoNotFindIt) {
  const auto other = storage_->tenants().find_or_create("other").id;
  const auto id = begin();
  EXPECT_FALSE(migrations().find(other, id));
  EXPECT_TRUE(migrations().list(other, {}).empty());
  EXPECT_EQ(migrations().count(other, {}, 10), 0U);
  for (const auto act : {&MigrationStore::pause, &MigrationStore::resume, &MigrationStore::cancel,
                         &MigrationStore::restart}) {
    EXPECT_EQ(code_of([&] { (migrations().*act)(other, id); }), Code::not_found);
  }
  EXPECT_EQ(migration(id).status, JobStatus::pending);
}

TEST_P(MigrationSuite, OneOfAnIdentityIsAtWorkAtATime) {
  const auto first = MigrationId::generate();
  ASSERT_TRUE(migrations().submit(first, shop(tenant_)).created);
  EXPECT_TRUE(migrations().submit(first, shop(tenant_)).created) << "the answer was lost";
  const auto second = migrations().submit(MigrationId::generate(), shop(tenant_));
  EXPECT_FALSE(second.created);
  EXPECT_EQ(second.id, first);
  EXPECT_EQ(migrations().count(tenant_, {}, 10), 1U);
  auto anyway = shop(tenant_);
  anyway.even_if_live = true;
  EXPECT_TRUE(migrations().submit(MigrationId::generate(), anyway).created);
  const auto other = storage_->tenants().find_or_create("other").id;
  EXPECT_TRUE(migrations().submit(MigrationId::generate(), shop(other)).created);
}

TEST_P(MigrationSuite, OneThatHasEndedIsNotTriedAgainBesideAnotherOfItsIdentity) {
  const auto first = MigrationId::generate();
  migrations().submit(first, shop(tenant_));
  save(drive().at(0), outcome(TableState::failed), JobStatus::failed);
  const auto second = migrations().submit(MigrationId::generate(), shop(tenant_));
  ASSERT_TRUE(second.created);
  EXPECT_FALSE(migrations().restart(tenant_, first).accepted);
  EXPECT_EQ(migration(first).status, JobStatus::failed);
  save(drive().at(0), outcome(TableState::completed), JobStatus::completed);
  EXPECT_TRUE(migrations().restart(tenant_, first).changed);
}

TEST_P(MigrationSuite, OfTwoSubmissionsAtATimeOneIsWritten) {
  constexpr int threads = 8;
  std::atomic<int> created = 0;
  {
    std::vector<std::jthread> callers;
    for (int i = 0; i < threads; ++i) {
      callers.emplace_back([&] {
        const auto submitted =
            patiently([&] { return migrations().submit(MigrationId::generate(), shop(tenant_)); });
        if (submitted.created) ++created;
      });
    }
  }
  EXPECT_EQ(created, 1);
}

TEST_P(MigrationSuite, TenantsTakeTurns) {
  const auto other = storage_->tenants().find_or_create("other").id;
  for (int i = 0; i < 3; ++i) begin();
  const auto theirs = MigrationId::generate();
  migrations().submit(theirs, shop(other));
  const auto first = migrations().claim({.affinities = {}, .limit = 1, .lease = lease});
  ASSERT_EQ(first.size(), 1U);
  EXPECT_EQ(first[0].migration.tenant_id, tenant_);
  EXPECT_TRUE(migration(first[0].migration.id).driven);
  const auto second = migrations().claim({.affinities = {}, .limit = 1, .lease = lease});
  ASSERT_EQ(second.size(), 1U);
  EXPECT_EQ(second[0].migration.id, theirs);
}

TEST_P(MigrationSuite, OnlyThoseOfActiveTenantsAreDriven) {
  const auto id = begin();
  const auto claimed = drive().at(0);
  storage_->tenants().set_status(tenant_, TenantStatus::suspended);
  EXPECT_FALSE(migrations().renew({tenant_, id}, claimed.token, lease));
  migrations().release({tenant_, id}, claimed.token);
  EXPECT_TRUE(drive().empty());
  storage_->tenants().set_status(tenant_, TenantStatus::active);
  EXPECT_EQ(drive().size(), 1U);
  storage_->tenants().remove(tenant_);
  EXPECT_EQ(migration(id).status, JobStatus::cancelled);
}

TEST_P(MigrationSuite, WhatIsBeingCancelledDoesNotWaitForARoom) {
  begin();
  const auto cancelled = begin();
  migrations().cancel(tenant_, cancelled);
  const auto claimed =
      migrations().claim({.affinities = {}, .only_cancelling = true, .limit = 10, .lease = lease});
  ASSERT_EQ(claimed.size(), 1U);
  EXPECT_EQ(claimed[0].migration.id, cancelled);
}

TEST_P(MigrationSuite, OneThatCannotGoOnPausesItself) {
  const auto id = begin();
  const auto claimed = drive().at(0);
  EXPECT_EQ(save(claimed, outcome(TableState::running), JobStatus::paused), JobStatus::paused);
  EXPECT_FALSE(migration(id).finished_at);
  EXPECT_FALSE(migration(id).driven);
  EXPECT_TRUE(migrations().resume(tenant_, id).changed);
  // Of one that is being cancelled at that moment the cancellation stands.
  const auto again = drive().at(0);
  migrations().cancel(tenant_, id);
  EXPECT_EQ(save(again, outcome(TableState::running), JobStatus::paused), JobStatus::cancelling);
}

TEST_P(MigrationSuite, AListGoesOnFromTheNewestToTheOldest) {
  std::vector<MigrationId> ids;
  for (int i = 0; i < 3; ++i) ids.push_back(begin());
  migrations().pause(tenant_, ids[1]);
  const auto first = migrations().list(tenant_, {.limit = 2});
  ASSERT_EQ(first.size(), 2U);
  EXPECT_EQ(first[0].id, ids[2]);
  EXPECT_TRUE(first[0].spec.empty());
  const auto rest = migrations().list(tenant_, {.before = first[1].id});
  ASSERT_EQ(rest.size(), 1U);
  EXPECT_EQ(rest[0].id, ids[0]);
  const auto paused = migrations().list(tenant_, {.statuses = {JobStatus::paused}});
  ASSERT_EQ(paused.size(), 1U);
  EXPECT_EQ(paused[0].id, ids[1]);
  EXPECT_EQ(migrations().count(tenant_, {}, 10), 3U);
  EXPECT_EQ(migrations().count(tenant_, {}, 2), 2U);
  EXPECT_EQ(code_of([&] { migrations().list(tenant_, {.limit = 0}); }), Code::invalid_value);
}

TEST_P(MigrationSuite, OneNodeDrivesItUntilItsLeaseRunsOut) {
  const auto id = begin();
  const auto first = drive(milliseconds(1));
  ASSERT_EQ(first.size(), 1U);
  EXPECT_EQ(first[0].migration.status, JobStatus::running);
  EXPECT_EQ(first[0].migration.spec, R"({"name":"shop"})");
  EXPECT_TRUE(migration(id).started_at);
  std::vector<ClaimedMigration> second;
  for (int look = 0; second.empty() && look < 10'000; ++look) second = drive();
  ASSERT_EQ(second.size(), 1U);
  EXPECT_TRUE(drive().empty());
  // The first one's word counts no more.
  EXPECT_FALSE(save(first[0], outcome(TableState::completed), JobStatus::completed));
  EXPECT_FALSE(migrations().renew({tenant_, id}, first[0].token, lease));
  migrations().release({tenant_, id}, first[0].token);
  EXPECT_TRUE(drive().empty());
  EXPECT_EQ(migrations().renew({tenant_, id}, second[0].token, lease), JobStatus::running);
  migrations().release({tenant_, id}, second[0].token);
  EXPECT_EQ(drive().size(), 1U);
}

TEST_P(MigrationSuite, OnlyWhoOffersItsAffinityDrivesIt) {
  const auto id = begin("secret:one");
  EXPECT_TRUE(drive().empty());
  EXPECT_TRUE(drive(lease, {"secret:two"}).empty());
  EXPECT_EQ(drive(lease, {"secret:two", "secret:one"}).size(), 1U);
  // Cancelling needs no databases.
  const auto other = begin("secret:gone");
  migrations().cancel(tenant_, other);
  const auto cancelled = drive();
  ASSERT_EQ(cancelled.size(), 1U);
  EXPECT_EQ(cancelled[0].migration.id, other);
  EXPECT_NE(cancelled[0].migration.id, id);
  EXPECT_EQ(cancelled[0].migration.status, JobStatus::cancelling);
}

TEST_P(MigrationSuite, AClaimMayBeForOne) {
  begin();
  const auto wanted = begin();
  const auto claimed = migrations().claim(
      {.affinities = {}, .only = MigrationReference{tenant_, wanted}, .limit = 10});
  ASSERT_EQ(claimed.size(), 1U);
  EXPECT_EQ(claimed[0].migration.id, wanted);
}

TEST_P(MigrationSuite, WhatBecameOfItIsKept) {
  const auto id = begin();
  const auto claimed = drive().at(0);
  auto said = outcome(TableState::completed);
  said.tables[0].job_id = JobId::generate();
  EXPECT_EQ(save(claimed, said), JobStatus::running);
  EXPECT_FALSE(migration(id).finished_at);
  EXPECT_EQ(save(claimed, said, JobStatus::completed_with_errors),
            JobStatus::completed_with_errors);
  const auto found = migration(id);
  EXPECT_EQ(found.status, JobStatus::completed_with_errors);
  EXPECT_TRUE(found.finished_at);
  ASSERT_EQ(found.outcome.tables.size(), 1U);
  EXPECT_EQ(found.outcome.tables[0].from, "artist");
  EXPECT_EQ(found.outcome.tables[0].to, "Artist");
  EXPECT_EQ(found.outcome.tables[0].state, TableState::completed);
  EXPECT_EQ(found.outcome.tables[0].job_id, said.tables[0].job_id);
  EXPECT_EQ(found.outcome.tables[0].message, "why");
  ASSERT_EQ(found.outcome.constraints.size(), 1U);
  EXPECT_EQ(found.outcome.constraints[0].kind, MigrationConstraint::Kind::foreign_key);
  EXPECT_EQ(found.outcome.constraints[0].subject, "label -> Label");
  EXPECT_EQ(found.outcome.constraints[0].state, ConstraintState::failed);
  EXPECT_EQ(found.outcome.constraints[0].violations, said.constraints[0].violations);
  EXPECT_EQ(found.outcome.notes, said.notes);
  EXPECT_TRUE(drive().empty()) << "it has ended";
  EXPECT_FALSE(save(claimed, said)) << "the lease ended with it";
}

TEST_P(MigrationSuite, WhyItFailedIsKeptUntilItIsTriedAgain) {
  const auto id = begin();
  const auto claimed = drive().at(0);
  migrations().save({.migration = {tenant_, id},
                     .token = claimed.token,
                     .outcome = {},
                     .ended = JobStatus::failed,
                     .error = Failure{.code = Code::source_unavailable,
                                      .category = Category::transient,
                                      .message = "nobody answers"}});
  ASSERT_TRUE(migration(id).error);
  EXPECT_EQ(migration(id).error->code, Code::source_unavailable);
  EXPECT_EQ(migration(id).error->message, "nobody answers");
  migrations().restart(tenant_, id);
  EXPECT_FALSE(migration(id).error);
}

TEST_P(MigrationSuite, APausedOneIsNotDrivenAndGoesOn) {
  const auto id = begin();
  const auto claimed = drive().at(0);
  const auto paused = migrations().pause(tenant_, id);
  EXPECT_TRUE(paused.accepted && paused.changed);
  EXPECT_EQ(migrations().renew({tenant_, id}, claimed.token, lease), JobStatus::paused);
  EXPECT_EQ(save(claimed, outcome(TableState::running)), JobStatus::paused);
  migrations().release({tenant_, id}, claimed.token);
  EXPECT_TRUE(drive().empty());
  EXPECT_TRUE(migrations().pause(tenant_, id).accepted);
  EXPECT_FALSE(migrations().pause(tenant_, id).changed);
  EXPECT_TRUE(migrations().resume(tenant_, id).changed);
  EXPECT_FALSE(migrations().resume(tenant_, id).accepted) << "it is not paused any more";
  ASSERT_EQ(drive().size(), 1U);
  EXPECT_EQ(migration(id).outcome.tables.at(0).state, TableState::running);
}

TEST_P(MigrationSuite, ACancelledOneIsDrivenToItsEnd) {
  const auto id = begin();
  EXPECT_EQ(migrations().cancel(tenant_, id).status, JobStatus::cancelling);
  EXPECT_FALSE(migrations().pause(tenant_, id).accepted);
  EXPECT_TRUE(migrations().cancel(tenant_, id).accepted);
  const auto claimed = drive();
  ASSERT_EQ(claimed.size(), 1U);
  EXPECT_EQ(save(claimed[0], outcome(TableState::failed), JobStatus::cancelled),
            JobStatus::cancelled);
  EXPECT_TRUE(migrations().cancel(tenant_, id).accepted) << "it is what was asked for";
}

TEST_P(MigrationSuite, OnlyWhatHasNotEndedWellIsTriedAgain) {
  EXPECT_FALSE(migrations().restart(tenant_, begin()).accepted);
  EXPECT_FALSE(migrations().restart(tenant_, ended(JobStatus::completed)).accepted);
  for (const auto status :
       {JobStatus::failed, JobStatus::cancelled, JobStatus::completed_with_errors}) {
    const auto id = ended(status, TableState::skipped);
    EXPECT_FALSE(migrations().cancel(tenant_, id).changed);
    EXPECT_TRUE(migrations().restart(tenant_, id).changed);
    const auto found = migration(id);
    EXPECT_EQ(found.status, JobStatus::pending);
    EXPECT_FALSE(found.finished_at);
    EXPECT_EQ(found.outcome.tables.at(0).state, TableState::waiting);
    EXPECT_EQ(found.outcome.tables.at(0).message, "");
    EXPECT_EQ(drive().size(), 1U);
    migrations().cancel(tenant_, id);
  }
}

TEST_P(MigrationSuite, WhatHappensToItIsTold) {
  const auto id = begin();
  save(drive().at(0), outcome(TableState::completed), JobStatus::completed);
  const auto events = jobs().list_events(tenant_, {.types = {EventType::migration}});
  ASSERT_EQ(events.size(), 3U);
  EXPECT_TRUE(events[0].job_id.is_nil());
  const std::string begun = R"({"migration_id":")" + id.to_string();
  EXPECT_EQ(events[0].data,
            begun + R"(","status":"pending","tables":0,"tables_completed":0,"tables_failed":0})");
  EXPECT_EQ(events[1].data,
            begun + R"(","status":"running","tables":0,"tables_completed":0,"tables_failed":0})");
  EXPECT_EQ(events[2].data,
            begun + R"(","status":"completed","tables":1,"tables_completed":1,"tables_failed":0})");
}

TEST_P(MigrationSuite, OldOnesAreDeleted) {
  const auto live = begin();
  const auto old = [&] {
    const auto id = begin();
    for (const auto& claimed : drive()) {
      if (claimed.migration.id == id) save(claimed, {}, JobStatus::completed);
    }
    return id;
  }();
  const auto later = system_clock().now() + std::chrono::hours(1);
  EXPECT_EQ(migrations().prune(later - std::chrono::hours(48), 10), 0U);
  EXPECT_EQ(migrations().prune(later, 10), 1U);
  EXPECT_FALSE(migrations().find(tenant_, old));
  EXPECT_TRUE(migrations().find(tenant_, live));
}

// Its jobs

TEST_P(MigrationSuite, JobsSayWhoseTheyAre) {
  const auto id = begin();
  auto job_of_migration = new_job(tenant_);
  job_of_migration.migration_id = id;
  const auto part = JobId::generate();
  jobs().submit(part, job_of_migration);
  const auto alone = submit();
  EXPECT_EQ(job(part).migration_id, id);
  EXPECT_FALSE(job(alone).migration_id);
  const auto listed = jobs().list_jobs(tenant_, {.migration_id = id});
  ASSERT_EQ(listed.jobs.size(), 1U);
  EXPECT_EQ(listed.jobs[0].id, part);

  jobs().adopt(tenant_, alone, id);
  EXPECT_EQ(job(alone).migration_id, id);
  const auto other = storage_->tenants().find_or_create("other").id;
  EXPECT_EQ(code_of([&] { jobs().adopt(other, alone, id); }), Code::not_found);
}

TEST_P(MigrationSuite, ANodeMayWorkForTheJobsOfOneOnly) {
  const auto id = begin();
  submit();
  const auto wanted = submit();
  jobs().adopt(tenant_, wanted, id);
  auto ask = request(10, 10);
  ask.only_migration = MigrationReference{tenant_, id};
  const auto tasks = work().claim(ask);
  ASSERT_EQ(tasks.size(), 1U);
  EXPECT_EQ(tasks[0].job_id, wanted);
}

}  // namespace freight::testing
