// Many jobs at once, and requests that are made once.

#include <array>
#include <atomic>
#include <set>

#include "support/storage_fixture.hpp"

namespace freight::testing {
namespace {

class SubmitTest : public StorageTest {
 protected:
  std::size_t count() { return jobs().list_jobs(tenant_, {.limit = 1000}).jobs.size(); }
};
INSTANTIATE_TEST_SUITE_P(Both, SubmitTest, both_backends, backend_name);

TEST_P(SubmitTest, ManyJobsAreWrittenInOneTransaction) {
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
  EXPECT_EQ(jobs().claim(request(0, 100)).size(), 50U);
}

TEST_P(SubmitTest, OfManyJobsOneThatIsRefusedRefusesAll) {
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

TEST_P(SubmitTest, ManyJobsThatAreThereAlreadyStayAsTheyAre) {
  std::vector<JobSubmission> many;
  for (int i = 0; i < 3; ++i) many.push_back({JobId::generate(), new_job(tenant_)});
  jobs().submit_many({many.data(), 2});
  jobs().submit_many(many);
  EXPECT_EQ(count(), 3U);
  EXPECT_EQ(claim(0, 9).size(), 3U);
}

TEST_P(SubmitTest, AKeyMakesARequestOnce) {
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

TEST_P(SubmitTest, AKeyIsTheTenantsOwnAndHasBounds) {
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

TEST_P(SubmitTest, AKeyIsForgottenAfterSevenDays) {
  const IdempotencyKey key{.key = "k", .request = "hash"};
  jobs().submit_once(JobId::generate(), new_job(tenant_), key);
  database_.run("UPDATE freight.idempotency_keys SET created_at = created_at - 604700000000");
  EXPECT_FALSE(jobs().submit_once(JobId::generate(), new_job(tenant_), key).created);
  database_.run("UPDATE freight.idempotency_keys SET created_at = created_at - 100000001");
  EXPECT_TRUE(jobs().submit_once(JobId::generate(), new_job(tenant_), key).created);
}

TEST_P(SubmitTest, OfManyRequestsAtTheSameInstantOneMakesTheJob) {
  auto second = database_.open();
  std::atomic<int> made = 0;
  std::array<JobId, 6> got;
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < got.size(); ++i) {
    threads.emplace_back([&, i] {
      auto& store = i % 2 == 0 ? storage_->jobs() : second->jobs();
      const auto result =
          store.submit_once(JobId::generate(), new_job(tenant_), {.key = "k", .request = "r"});
      if (result.created) ++made;
      got.at(i) = result.job_id;
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(made, 1);
  EXPECT_EQ(std::set<JobId>(got.begin(), got.end()).size(), 1U);
  EXPECT_EQ(count(), 1U);
}

}  // namespace
}  // namespace freight::testing
