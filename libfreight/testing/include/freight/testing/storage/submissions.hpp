#pragma once

// How jobs come into a storage: one, many, and requests that are made once.

#include <array>
#include <atomic>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "freight/testing/storage/storage_fixture.hpp"

namespace freight::testing {

class SubmissionSuite : public StorageSuite {
 protected:
  std::size_t count() { return jobs().list_jobs(tenant_, {.limit = 1000}).jobs.size(); }
};

TEST_P(SubmissionSuite, SubmitWritesAPendingJobThatIsReadBackWhole) {
  auto request = new_job(tenant_, "abc");
  request.name = "a 'job' with \"quotes\" and ü 😀";
  request.priority = 2;
  request.fingerprint = "f";
  const auto id = JobId::generate();
  jobs().submit(id, request);
  const auto found = job(id);
  EXPECT_EQ(found.id, id);
  EXPECT_EQ(found.tenant_id, tenant_);
  EXPECT_EQ(found.name, request.name);
  EXPECT_EQ(found.status, JobStatus::pending);
  EXPECT_EQ(found.priority, 2);
  EXPECT_EQ(found.labels, request.labels);
  EXPECT_EQ(found.spec, request.spec);
  EXPECT_EQ(found.identity, "abc");
  EXPECT_EQ(found.load_identity, "load");
  EXPECT_EQ(found.fingerprint, "f");
  EXPECT_FALSE(found.planned);
  EXPECT_EQ(found.started_at, std::nullopt);
  EXPECT_LT(std::chrono::abs(found.created_at - std::chrono::system_clock::now()),
            std::chrono::seconds(60));
}

TEST_P(SubmissionSuite, SubmitIsIdempotentById) {
  const auto id = JobId::generate();
  jobs().submit(id, new_job(tenant_));
  auto other = new_job(tenant_);
  other.name = "other";
  jobs().submit(id, other);
  EXPECT_EQ(job(id).name, "customers");
  EXPECT_EQ(jobs().list_jobs(tenant_, {}).jobs.size(), 1U);
}

TEST_P(SubmissionSuite, SubmitRefusesAnUnknownTenantAndTextsThatCannotBeStored) {
  EXPECT_EQ(code_of([&] { submit(TenantId::generate()); }), Code::not_found);
  auto bad = new_job(tenant_);
  bad.name = std::string("a\0b", 3);
  EXPECT_EQ(code_of([&] { jobs().submit(JobId::generate(), bad); }), Code::invalid_value);
  bad.name = "\xff";
  EXPECT_EQ(code_of([&] { jobs().submit(JobId::generate(), bad); }), Code::invalid_value);
}

TEST_P(SubmissionSuite, SubmitAfterWritesOnlyBehindTheJobThatWasSeen) {
  const auto first = JobId::generate();
  EXPECT_TRUE(jobs().submit_after(first, new_job(tenant_), std::nullopt));
  EXPECT_FALSE(jobs().submit_after(JobId::generate(), new_job(tenant_), std::nullopt));
  EXPECT_FALSE(jobs().submit_after(JobId::generate(), new_job(tenant_), JobId::generate()));
  const auto second = JobId::generate();
  EXPECT_TRUE(jobs().submit_after(second, new_job(tenant_), first));
  EXPECT_FALSE(jobs().submit_after(JobId::generate(), new_job(tenant_), first));
  EXPECT_TRUE(jobs().submit_after(JobId::generate(), new_job(tenant_, "another"), std::nullopt));
  EXPECT_EQ(jobs().list_jobs(tenant_, {}).jobs.size(), 3U);
}

TEST_P(SubmissionSuite, OfManySubmittersAtOnceOneMakesTheJob) {
  auto& second = another_storage();
  std::atomic<int> made = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 6; ++i) {
    threads.emplace_back([&, i] {
      auto& store = i % 2 == 0 ? storage_->jobs() : second.jobs();
      const bool is_made = patiently(
          [&] { return store.submit_after(JobId::generate(), new_job(tenant_), std::nullopt); });
      if (is_made) ++made;
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(made, 1);
  EXPECT_EQ(jobs().find_jobs_by_identity(tenant_, "identity").size(), 1U);
}

TEST_P(SubmissionSuite, ManyJobsAreWrittenInOneTransaction) {
  const auto other = storage_->tenants().create({.name = "other"}).id;
  std::vector<JobSubmission> many;
  for (int i = 0; i < 50; ++i) {
    auto job = new_job(i % 2 == 0 ? tenant_ : other);
    job.name = "job " + std::to_string(i);
    many.push_back({JobId::generate(), job});
  }
  jobs().submit_many(many);
  EXPECT_EQ(count(), 25U);
  EXPECT_EQ(job(many[4].id).name, "job 4");
  EXPECT_EQ(job(many[4].id).spec, many[4].job.spec);
  EXPECT_EQ(work().claim(request(0, 100)).size(), 50U);
}

TEST_P(SubmissionSuite, OfManyJobsOneThatIsRefusedRefusesAll) {
  std::vector<JobSubmission> many;
  for (int i = 0; i < 3; ++i) many.push_back({JobId::generate(), new_job(tenant_)});
  many[2].job.tenant_id = TenantId::generate();
  EXPECT_EQ(code_of([&] { jobs().submit_many(many); }), Code::not_found);
  many[2].job = new_job(tenant_);
  many[2].job.name = "\xff";
  EXPECT_EQ(code_of([&] { jobs().submit_many(many); }), Code::invalid_value);
  EXPECT_EQ(count(), 0U);
  many.assign(1001, {JobId::generate(), new_job(tenant_)});
  EXPECT_EQ(code_of([&] { jobs().submit_many(many); }), Code::invalid_value);
  jobs().submit_many({});
}

TEST_P(SubmissionSuite, ManyJobsThatAreThereAlreadyStayAsTheyAre) {
  std::vector<JobSubmission> many;
  for (int i = 0; i < 3; ++i) many.push_back({JobId::generate(), new_job(tenant_)});
  jobs().submit_many({many.data(), 2});
  jobs().submit_many(many);
  EXPECT_EQ(count(), 3U);
  EXPECT_EQ(claim(0, 9).size(), 3U);
}

TEST_P(SubmissionSuite, AKeyMakesARequestOnce) {
  const IdempotencyKey key{.key = "import 7", .request = "hash"};
  const auto first = JobId::generate();
  const auto made = jobs().submit_once(first, new_job(tenant_), key);
  EXPECT_EQ(made.job_id, first);
  EXPECT_TRUE(made.created);
  EXPECT_FALSE(made.conflict);
  const auto again = jobs().submit_once(JobId::generate(), new_job(tenant_), key);
  EXPECT_EQ(again.job_id, first);
  EXPECT_FALSE(again.created);
  EXPECT_FALSE(again.conflict);
  const auto other =
      jobs().submit_once(JobId::generate(), new_job(tenant_), {.key = key.key, .request = "no"});
  EXPECT_TRUE(other.conflict);
  EXPECT_EQ(other.job_id, first);
  EXPECT_EQ(count(), 1U);
}

TEST_P(SubmissionSuite, AKeyIsTheTenantsOwnAndHasBounds) {
  const auto other = storage_->tenants().create({.name = "other"}).id;
  const IdempotencyKey key{.key = "k", .request = "hash"};
  EXPECT_TRUE(jobs().submit_once(JobId::generate(), new_job(tenant_), key).created);
  EXPECT_TRUE(jobs().submit_once(JobId::generate(), new_job(other), key).created);
  for (const auto& bad : {std::string(), std::string(256, 'x'), std::string("a\0b", 3)}) {
    EXPECT_EQ(code_of([&] {
                jobs().submit_once(JobId::generate(), new_job(tenant_),
                                   {.key = bad, .request = "hash"});
              }),
              Code::invalid_value);
  }
}

TEST_P(SubmissionSuite, OfManyRequestsAtTheSameInstantOneMakesTheJob) {
  auto& second = another_storage();
  std::atomic<int> made = 0;
  std::array<JobId, 6> got;
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < got.size(); ++i) {
    threads.emplace_back([&, i] {
      auto& store = i % 2 == 0 ? storage_->jobs() : second.jobs();
      const auto result = patiently([&] {
        return store.submit_once(JobId::generate(), new_job(tenant_), {.key = "k", .request = "r"});
      });
      if (result.created) ++made;
      got.at(i) = result.job_id;
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(made, 1);
  EXPECT_EQ(std::set<JobId>(got.begin(), got.end()).size(), 1U);
  EXPECT_EQ(count(), 1U);
}

}  // namespace freight::testing
