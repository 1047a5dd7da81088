#pragma once

// Events: written by what makes them happen, in the order of commits.

#include <mutex>
#include <string>
#include <vector>

#include "freight/testing/storage/storage_fixture.hpp"

namespace freight::testing {

class EventSuite : public StorageSuite {
 protected:
  class Recorder final : public EventSink {
   public:
    void event(const Event& event) noexcept override {
      const std::lock_guard lock(mutex_);
      events_.push_back(event);
    }
    std::vector<Event> events() const {
      const std::lock_guard lock(mutex_);
      return events_;
    }

   private:
    mutable std::mutex mutex_;
    std::vector<Event> events_;
  };

  std::vector<std::string> data(const EventQuery& query) {
    std::vector<std::string> texts;
    for (const auto& event : jobs().list_events(tenant_, query)) texts.push_back(event.data);
    return texts;
  }
};

TEST_P(EventSuite, AJobsLifeIsToldInOrder) {
  const auto id = planned_job(2);
  const auto tasks = claim(2, 0);
  acknowledge(completed(tasks[0]));
  jobs().pause(tenant_, id, std::nullopt);
  jobs().resume(tenant_, id);
  acknowledge(with_verdict(tasks[1], TaskVerdict::failed));
  work().finish_job(finish(claim(0, 1).at(0), JobStatus::failed));
  retry(id);
  jobs().cancel(tenant_, id);

  const auto states = data({.types = {EventType::state}});
  ASSERT_EQ(states.size(), 7U);
  EXPECT_EQ(states[0], R"({"status":"pending","code":null})");
  EXPECT_EQ(states[1], R"({"status":"running","code":null})");
  EXPECT_EQ(states[2], R"({"status":"paused","code":null})");
  EXPECT_EQ(states[3], R"({"status":"running","code":null})") << "a batch was in flight";
  EXPECT_EQ(states[4], R"({"status":"failed","code":null})");
  EXPECT_EQ(states[5], R"({"status":"pending","code":null})");
  EXPECT_EQ(states[6], R"({"status":"cancelled","code":null})");
  const auto batch_events = data({.types = {EventType::batch}});
  ASSERT_EQ(batch_events.size(), 2U);
  EXPECT_EQ(batch_events[0],
            R"({"batch_id":")" + tasks[0].batch_id.to_string() +
                R"(","sequence":0,"status":"completed","attempt":1,"first_ordinal":0,)"
                R"("records":10,"succeeded":10,"rejected":0,"code":null})");
  EXPECT_NE(batch_events[1].find(R"("status":"failed")"), std::string::npos);
  EXPECT_NE(batch_events[1].find(R"("code":"destination_unavailable")"), std::string::npos);
  const auto progress = data({.types = {EventType::progress}});
  ASSERT_FALSE(progress.empty());
  EXPECT_NE(progress.back().find(R"("read":10,"succeeded":10)"), std::string::npos);
  EXPECT_NE(data({.types = {EventType::log}}).at(0).find(R"("event":"job_submitted")"),
            std::string::npos);
}

TEST_P(EventSuite, TheSequenceOfATenantIncreasesAndIsReadOnFromAnywhere) {
  const auto first = planned_job(1);
  const auto second = planned_job(1);
  const auto all = jobs().list_events(tenant_, {});
  ASSERT_GT(all.size(), 6U);
  for (std::size_t i = 1; i < all.size(); ++i) EXPECT_GT(all[i].sequence, all[i - 1].sequence);
  EXPECT_EQ(jobs().list_events(tenant_, {.after = all[2].sequence, .limit = 2}).at(0).sequence,
            all[3].sequence);
  EXPECT_EQ(jobs().list_events(tenant_, {.limit = 2}).size(), 2U);
  EXPECT_TRUE(jobs().list_events(tenant_, {.after = all.back().sequence}).empty());
  for (const auto& event : jobs().list_events(tenant_, {.job_id = second})) {
    EXPECT_EQ(event.job_id, second);
  }
  EXPECT_FALSE(jobs().list_events(tenant_, {.job_id = first}).empty());
  const auto other = storage_->tenants().create({.name = "other"}).id;
  EXPECT_TRUE(jobs().list_events(other, {}).empty());
  EXPECT_TRUE(jobs().list_events(other, {.job_id = first}).empty());
}

TEST_P(EventSuite, ProgressIsToldAFewTimesASecondAtMost) {
  const auto id = planned_job(100);
  for (int i = 0; i < 50; ++i) acknowledge(completed(claim(1, 0).at(0)));
  EXPECT_EQ(jobs().list_events(tenant_, {.job_id = id, .types = {EventType::batch}}).size(), 50U);
  const auto events = jobs().list_events(tenant_, {.job_id = id, .types = {EventType::progress}});
  ASSERT_FALSE(events.empty());
  // Over the whole, because single ones are written a little after they were decided on.
  const auto span = events.back().time - events.front().time;
  EXPECT_LE(events.size(), 3U + static_cast<std::size_t>(span / milliseconds(250)));
}

TEST_P(EventSuite, WhatIsRolledBackIsNotTold) {
  Recorder recorder;
  jobs().subscribe(recorder);
  std::vector<JobSubmission> many{{JobId::generate(), new_job(tenant_)},
                                  {JobId::generate(), new_job(TenantId::generate())}};
  EXPECT_EQ(code_of([&] { jobs().submit_many(many); }), Code::not_found);
  EXPECT_TRUE(recorder.events().empty());
  EXPECT_TRUE(jobs().list_events(tenant_, {}).empty());
  jobs().unsubscribe(recorder);
}

TEST_P(EventSuite, ASinkGetsWhatIsWrittenUntilItUnsubscribes) {
  Recorder recorder;
  jobs().subscribe(recorder);
  planned_job(1);
  jobs().unsubscribe(recorder);
  const auto told = recorder.events();
  const auto written = jobs().list_events(tenant_, {});
  ASSERT_EQ(told.size(), written.size());
  for (std::size_t i = 0; i < told.size(); ++i) {
    EXPECT_EQ(told[i].sequence, written[i].sequence);
    EXPECT_EQ(told[i].data, written[i].data);
    EXPECT_EQ(told[i].time, written[i].time);
    EXPECT_EQ(told[i].type, written[i].type);
    EXPECT_EQ(told[i].job_id, written[i].job_id);
  }
  submit();
  EXPECT_EQ(recorder.events().size(), told.size());
}

}  // namespace freight::testing
