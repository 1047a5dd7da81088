#pragma once

// What is a tenant's beside its jobs: limits, the audit log, uploads and connections; and how long
// things are kept.

#include <chrono>
#include <string>
#include <vector>

#include "freight/testing/storage/storage_fixture.hpp"

namespace freight::testing {

class BelongingsSuite : public StorageSuite {
 protected:
  TenantStore& tenants() { return storage_->tenants(); }
  UploadStore& uploads() { return storage_->uploads(); }
  ConnectionStore& connections() { return storage_->connections(); }
  TenantId stranger() { return tenants().find_or_create("stranger").id; }

  Upload upload(std::string filename = "a.csv", std::uint64_t bytes = 3) {
    return {.id = UploadId::generate(),
            .tenant_id = tenant_,
            .filename = std::move(filename),
            .bytes = bytes,
            .sha256 = std::string(64, 'a'),
            .created_at = {}};
  }
};

TEST_P(BelongingsSuite, ATenantIsChangedInPartAndKeepsTheRest) {
  TenantLimits limits;
  limits.upload_bytes = 10;
  limits.requests_per_second = 5;
  const auto made = tenants().create({.name = "limited", .limits = limits});
  EXPECT_EQ(made.limits, limits);
  const auto renamed = tenants().update(made.id, {.name = "renamed"});
  EXPECT_EQ(renamed.name, "renamed");
  EXPECT_EQ(tenants().find(made.id)->limits, limits);
  const auto changed = tenants().update(
      made.id, {.status = TenantStatus::suspended, .weight = 7, .limits = TenantLimits()});
  EXPECT_EQ(changed.status, TenantStatus::suspended);
  EXPECT_EQ(changed.weight, 7U);
  EXPECT_EQ(changed.limits, TenantLimits());
  EXPECT_EQ(tenants().find(made.id)->name, "renamed");
  EXPECT_EQ(code_of([&] { tenants().update(made.id, {.name = "default"}); }), Code::invalid_value);
  EXPECT_EQ(code_of([&] { tenants().update(made.id, {.weight = 0}); }), Code::invalid_value);
  EXPECT_EQ(code_of([&] { tenants().update(TenantId::generate(), {}); }), Code::not_found);
}

TEST_P(BelongingsSuite, ATenantHasADefaultRetryOnceItIsSet) {
  EXPECT_EQ(tenants().default_retry(tenant_), std::nullopt);
  tenants().set_default_retry(tenant_, R"({"max_attempts":3})");
  EXPECT_EQ(tenants().default_retry(tenant_), R"({"max_attempts":3})");
  EXPECT_EQ(tenants().default_retry(stranger()), std::nullopt);
  EXPECT_EQ(code_of([&] { tenants().set_default_retry(TenantId::generate(), "{}"); }),
            Code::not_found);
}

TEST_P(BelongingsSuite, TheAuditLogIsReadNewestFirstAndPageByPage) {
  for (const auto* action : {"one", "two", "three"})
    tenants().record({.tenant_id = tenant_, .actor = "frt_abcd", .action = action});
  tenants().record({.tenant_id = std::nullopt, .actor = "frt_abcd", .action = "installation"});
  const auto newest = tenants().list_audit({.limit = 2});
  ASSERT_EQ(newest.size(), 2U);
  EXPECT_EQ(newest[0].action, "installation");
  EXPECT_EQ(newest[0].tenant_id, std::nullopt);
  EXPECT_EQ(newest[1].action, "three");
  const auto rest = tenants().list_audit({.tenant_id = tenant_, .before = newest[1].sequence});
  ASSERT_EQ(rest.size(), 2U);
  EXPECT_EQ(rest[0].action, "two");
  EXPECT_EQ(rest[1].action, "one");
  EXPECT_GT(rest[0].time, Timestamp());
}

TEST_P(BelongingsSuite, UploadsAreTheirTenantsAndNobodyElses) {
  const auto first = uploads().add(upload("Ünï.csv", 5), std::nullopt);
  const auto second = uploads().add(upload("b.csv", 7), std::nullopt);
  EXPECT_EQ(uploads().find(tenant_, first.id)->filename, "Ünï.csv");
  EXPECT_GT(first.created_at, Timestamp());
  EXPECT_EQ(uploads().bytes_used(tenant_), 12U);
  EXPECT_EQ(uploads().list(tenant_, std::nullopt, 10).size(), 2U);
  EXPECT_EQ(uploads().list(tenant_, first.id, 10).at(0).id, second.id);
  EXPECT_EQ(uploads().find(stranger(), first.id), std::nullopt);
  EXPECT_TRUE(uploads().list(stranger(), std::nullopt, 10).empty());
  EXPECT_EQ(uploads().bytes_used(stranger()), 0U);
  EXPECT_EQ(uploads().remove(stranger(), first.id), UploadRemoval::not_found);
  EXPECT_EQ(uploads().remove(tenant_, first.id), UploadRemoval::removed);
  EXPECT_EQ(uploads().remove(tenant_, first.id), UploadRemoval::not_found);
}

TEST_P(BelongingsSuite, AnUploadIsAddedOnceForAKey) {
  const auto first = uploads().add(upload(), "k");
  EXPECT_EQ(uploads().add(upload(), "k").id, first.id);
  EXPECT_EQ(code_of([&] { uploads().add(upload("other.csv"), "k"); }), Code::idempotency_conflict);
}

TEST_P(BelongingsSuite, AnUploadThatAJobNeedsStays) {
  const auto kept = uploads().add(upload(), std::nullopt);
  const auto job_id = JobId::generate();
  NewJob job;
  job.tenant_id = tenant_;
  job.name = "reads it";
  job.spec = R"({"source":{"upload":")" + kept.id.to_string() + R"("}})";
  jobs().submit(job_id, job);
  const auto later = std::chrono::time_point_cast<std::chrono::microseconds>(
      std::chrono::system_clock::now() + std::chrono::hours(1));
  EXPECT_EQ(uploads().remove(tenant_, kept.id), UploadRemoval::in_use);
  EXPECT_TRUE(uploads().list_unused(later).empty());
  jobs().cancel(tenant_, job_id);
  ASSERT_EQ(uploads().list_unused(later).size(), 1U);
  EXPECT_TRUE(uploads().list_unused(later - std::chrono::hours(2)).empty());
  EXPECT_EQ(uploads().remove(tenant_, kept.id), UploadRemoval::removed);
}

TEST_P(BelongingsSuite, PiecesOfAFileComeBackByteForByte) {
  const auto id = UploadId::generate();
  std::string bytes;
  for (int byte = 0; byte < 256; ++byte) bytes += static_cast<char>(byte);
  uploads().write_piece(id, 0, bytes);
  uploads().write_piece(id, 1, {});
  EXPECT_EQ(uploads().read_piece(id, 0), bytes);
  EXPECT_EQ(uploads().read_piece(id, 1), "");
  EXPECT_EQ(uploads().read_piece(id, 2), std::nullopt);
  uploads().drop_pieces(id);
  EXPECT_EQ(uploads().read_piece(id, 0), std::nullopt);
}

TEST_P(BelongingsSuite, PiecesOfAFileThatWasNeverAddedAreDroppedOnceTheyAreOld) {
  const auto now =
      std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
  const Upload kept = uploads().add(upload("kept.csv"), std::nullopt);
  uploads().write_piece(kept.id, 0, "kept");
  const auto abandoned = UploadId::generate();
  uploads().write_piece(abandoned, 0, "a");
  uploads().write_piece(abandoned, 1, "b");
  EXPECT_EQ(uploads().drop_abandoned_pieces(now - std::chrono::hours(1)), 0U);
  EXPECT_EQ(uploads().read_piece(abandoned, 1), "b");
  EXPECT_EQ(uploads().drop_abandoned_pieces(now + std::chrono::hours(1)), 2U);
  EXPECT_EQ(uploads().read_piece(abandoned, 0), std::nullopt);
  EXPECT_EQ(uploads().read_piece(kept.id, 0), "kept");
}

TEST_P(BelongingsSuite, ConnectionsAreTheirTenantsAndReplacedByName) {
  StoredConnection crm;
  crm.name = "crm";
  crm.type = "postgresql";
  crm.settings = R"({"host":"a"})";
  crm.sealed = "v1:x";
  EXPECT_TRUE(connections().put(tenant_, crm));
  crm.settings = R"({"host":"b"})";
  EXPECT_FALSE(connections().put(tenant_, crm));
  EXPECT_EQ(connections().find(tenant_, "crm")->settings, R"({"host":"b"})");
  EXPECT_EQ(connections().find(tenant_, "crm")->sealed, "v1:x");
  EXPECT_EQ(connections().find(stranger(), "crm"), std::nullopt);
  for (const auto* name : {"b", "A", "a"}) {
    crm.name = name;
    connections().put(tenant_, crm);
  }
  std::vector<std::string> names;
  for (const auto& one : connections().list(tenant_, "A", 2)) names.push_back(one.name);
  EXPECT_EQ(names, (std::vector<std::string>{"a", "b"}));
  EXPECT_TRUE(connections().list(stranger(), "", 10).empty());
  EXPECT_FALSE(connections().remove(stranger(), "crm"));
  EXPECT_TRUE(connections().remove(tenant_, "crm"));
  EXPECT_FALSE(connections().remove(tenant_, "crm"));
}

TEST_P(BelongingsSuite, ASubmissionIsFoundByItsKey) {
  NewJob job;
  job.tenant_id = tenant_;
  job.name = "once";
  job.spec = "{}";
  EXPECT_EQ(jobs().find_submitted(tenant_, "k"), std::nullopt);
  const auto made = jobs().submit_once(JobId::generate(), job, {.key = "k", .request = "r"});
  EXPECT_EQ(jobs().find_submitted(tenant_, "k"), made.job_id);
  EXPECT_EQ(jobs().find_submitted(stranger(), "k"), std::nullopt);
}

TEST_P(BelongingsSuite, OldJobsGoWithAllThatIsTheirs) {
  NewJob job;
  job.tenant_id = tenant_;
  job.name = "old";
  job.spec = "{}";
  const auto ended = JobId::generate();
  const auto waiting = JobId::generate();
  jobs().submit(ended, job);
  jobs().submit(waiting, job);
  jobs().cancel(tenant_, ended);
  const auto now =
      std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
  EXPECT_EQ(jobs().prune_jobs(now - std::chrono::hours(1), 10), 0U);
  EXPECT_EQ(jobs().prune_jobs(now + std::chrono::hours(1), 10), 1U);
  EXPECT_EQ(jobs().find_job(tenant_, ended), std::nullopt);
  EXPECT_TRUE(jobs().list_log(tenant_, ended, {}).empty());
  EXPECT_TRUE(jobs().find_job(tenant_, waiting).has_value());
  EXPECT_EQ(jobs().prune_rejects(now + std::chrono::hours(1), 10), 0U);
  EXPECT_GT(jobs().last_event(tenant_), 0U);
  EXPECT_EQ(jobs().last_event(stranger()), 0U);
}

}  // namespace freight::testing
