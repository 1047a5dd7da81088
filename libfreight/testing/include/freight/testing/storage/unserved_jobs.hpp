#pragma once

// Jobs that no node can work for, and what they say of it.

#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "freight/testing/storage/storage_fixture.hpp"

namespace freight::testing {

class UnservedSuite : public StorageSuite {
 protected:
  JobId job_of(std::string affinity) {
    auto request = new_job(tenant_);
    request.node_affinity = std::move(affinity);
    const auto id = JobId::generate();
    jobs().submit(id, request);
    return id;
  }

  void offer(std::vector<std::string> affinities) {
    work().renew({.node_id = node_, .tokens = {}, .affinities = std::move(affinities)});
  }

  std::vector<JobReference> unserved(milliseconds unchanged_for = milliseconds(0)) {
    std::this_thread::sleep_for(milliseconds(2));
    return work().list_unserved({.affinity_prefix = "secret:",
                                 .said = Code::missing_secret,
                                 .unchanged_for = unchanged_for});
  }

  static Failure missing(std::string message = "the password is not stored") {
    return {.code = Code::missing_secret,
            .category = Category::configuration,
            .message = std::move(message),
            .details = {}};
  }

  using Jobs = std::vector<JobReference>;
};

TEST_P(UnservedSuite, AJobThatNoNodeOffersToWorkForIsFound) {
  const auto id = job_of("secret:1");
  submit();
  job_of("host:a");
  const Jobs found{{tenant_, id}};
  EXPECT_EQ(unserved(), found);
  EXPECT_TRUE(unserved(std::chrono::hours(1)).empty()) << "it may be claimed any moment";
  offer({"host:b", "secret:12", "cret:1"});
  EXPECT_EQ(unserved(), found);
  offer({"host:b", "secret:1"});
  EXPECT_TRUE(unserved().empty());
  offer({"host:b"});
  EXPECT_EQ(unserved(), found);
  offer({"secret:1"});
  work().remove_node(node_);
  EXPECT_EQ(unserved(), found) << "its node has gone";
}

TEST_P(UnservedSuite, AJobThatIsNotToBeWorkedForIsLeftOut) {
  const auto id = job_of("secret:1");
  jobs().pause(tenant_, id, std::nullopt);
  EXPECT_TRUE(unserved().empty());
  jobs().resume(tenant_, id);
  EXPECT_EQ(unserved().size(), 1U);
  jobs().cancel(tenant_, id);
  EXPECT_TRUE(unserved().empty());
}

TEST_P(UnservedSuite, AJobSaysOnceWhatItWaitsFor) {
  const auto id = job_of("secret:1");
  EXPECT_TRUE(work().note_waiting(tenant_, id, missing()));
  EXPECT_FALSE(work().note_waiting(tenant_, id, missing()));
  const auto said = job(id).waiting_on;
  ASSERT_TRUE(said.has_value());
  EXPECT_EQ(said->code, Code::missing_secret);
  EXPECT_EQ(said->message, "the password is not stored");
  EXPECT_TRUE(unserved().empty()) << "it says so already";
  EXPECT_TRUE(work().note_waiting(tenant_, id, missing("another")));
  EXPECT_EQ(job(id).waiting_on->message, "another");
  EXPECT_TRUE(work().note_waiting(tenant_, id, std::nullopt));
  EXPECT_FALSE(work().note_waiting(tenant_, id, std::nullopt));
  EXPECT_FALSE(job(id).waiting_on.has_value());
  jobs().cancel(tenant_, id);
  EXPECT_FALSE(work().note_waiting(tenant_, id, missing()));
  EXPECT_EQ(code_of([&] { work().note_waiting(tenant_, JobId::generate(), missing()); }),
            Code::not_found);
}

TEST_P(UnservedSuite, AnOutageThatFollowsBeginsWithItself) {
  const auto id = planned_job(1);
  EXPECT_TRUE(work().note_waiting(tenant_, id, missing()));
  const auto before = job(id).waiting_on->since;
  std::this_thread::sleep_for(milliseconds(2));
  acknowledge(with_verdict(claim(1, 0).at(0), TaskVerdict::retry, milliseconds(0), false));
  EXPECT_EQ(job(id).waiting_on->code, Code::destination_unavailable);
  EXPECT_GT(job(id).waiting_on->since, before);
  EXPECT_TRUE(work().note_waiting(tenant_, id, missing())) << "and is followed by the other again";
}

}  // namespace freight::testing
