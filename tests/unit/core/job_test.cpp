#include "freight/job.hpp"

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace freight {
namespace {

const std::vector<JobStatus> job_statuses{JobStatus::scheduled,
                                          JobStatus::pending,
                                          JobStatus::running,
                                          JobStatus::paused,
                                          JobStatus::cancelling,
                                          JobStatus::completed,
                                          JobStatus::completed_with_errors,
                                          JobStatus::failed,
                                          JobStatus::cancelled};
const std::vector<BatchStatus> batch_statuses{BatchStatus::ready, BatchStatus::leased,
                                              BatchStatus::completed, BatchStatus::failed,
                                              BatchStatus::cancelled};

// The table once more, as a drawing: rows are `from`, columns `to`, in the order of the names.
const std::map<std::string_view, std::string_view> job_drawing{
    // s: scheduled p: pending r: running P: paused C: cancelling c: completed e: with errors f x
    {"scheduled", ".p.P....x"},
    {"pending", "..rP...fx"},
    {"running", "...PCcefx"},
    {"paused", "spr.Ccefx"},
    {"cancelling", ".....cefx"},
    {"completed", "........."},
    {"completed_with_errors", ".p......."},
    {"failed", ".p......."},
    {"cancelled", ".p......."}};
const std::map<std::string_view, std::string_view> batch_drawing{{"ready", ".l..x"},
                                                                 {"leased", "rlcfx"},
                                                                 {"completed", "r...."},
                                                                 {"failed", "r...."},
                                                                 {"cancelled", "r...."}};

TEST(JobTransitions, AreExactlyTheDrawnOnesForEveryPair) {
  for (const JobStatus from : job_statuses) {
    const auto row = job_drawing.at(to_string(from));
    ASSERT_EQ(row.size(), job_statuses.size());
    for (std::size_t column = 0; column < job_statuses.size(); ++column) {
      const JobStatus to = job_statuses[column];
      EXPECT_EQ(can_transition(from, to), row[column] != '.')
          << to_string(from) << " -> " << to_string(to);
    }
  }
}

TEST(BatchTransitions, AreExactlyTheDrawnOnesForEveryPair) {
  for (const BatchStatus from : batch_statuses) {
    const auto row = batch_drawing.at(to_string(from));
    ASSERT_EQ(row.size(), batch_statuses.size());
    for (std::size_t column = 0; column < batch_statuses.size(); ++column) {
      const BatchStatus to = batch_statuses[column];
      EXPECT_EQ(can_transition(from, to), row[column] != '.')
          << to_string(from) << " -> " << to_string(to);
    }
  }
}

TEST(JobTransitions, AreListedOnceEachWithAReason) {
  std::set<std::pair<JobStatus, JobStatus>> seen;
  for (const JobTransition& transition : job_transitions()) {
    EXPECT_TRUE(seen.emplace(transition.from, transition.to).second);
    EXPECT_FALSE(transition.when.empty());
  }
  std::set<std::pair<BatchStatus, BatchStatus>> batches;
  for (const BatchTransition& transition : batch_transitions()) {
    EXPECT_TRUE(batches.emplace(transition.from, transition.to).second);
    EXPECT_FALSE(transition.when.empty());
  }
}

TEST(JobTransitions, LeaveAFinalStateOnlyForPendingAndCompletedNever) {
  for (const JobTransition& transition : job_transitions()) {
    if (is_final(transition.from)) {
      EXPECT_EQ(transition.to, JobStatus::pending);
    }
    EXPECT_NE(transition.from, JobStatus::completed);
  }
}

TEST(JobTransitions, LeadFromEveryUnfinishedStateToAnEnd) {
  std::set<JobStatus> ending;
  for (const JobStatus status : job_statuses) {
    if (is_final(status)) ending.insert(status);
  }
  for (std::size_t round = 0; round < job_statuses.size(); ++round) {
    for (const JobTransition& transition : job_transitions()) {
      if (ending.contains(transition.to)) ending.insert(transition.from);
    }
  }
  EXPECT_EQ(ending.size(), job_statuses.size());
}

TEST(JobStatus, NamesAreReadBack) {
  for (const JobStatus status : job_statuses)
    EXPECT_EQ(parse_job_status(to_string(status)), status);
  for (const BatchStatus status : batch_statuses)
    EXPECT_EQ(parse_batch_status(to_string(status)), status);
  for (const auto state :
       {DeadLetterState::open, DeadLetterState::replayed, DeadLetterState::discarded}) {
    EXPECT_EQ(parse_dead_letter_state(to_string(state)), state);
  }
  EXPECT_EQ(to_string(JobStatus::completed_with_errors), "completed_with_errors");
  EXPECT_FALSE(parse_job_status("done").has_value());
}

TEST(RecordCounts, AddUp) {
  RecordCounts sum{
      .read = 10, .succeeded = 6, .rejected = 2, .skipped = 1, .filtered = 1, .with_warnings = 3};
  EXPECT_EQ(sum.accounted(), 10U);
  sum +=
      {.read = 5, .succeeded = 1, .rejected = 1, .skipped = 1, .filtered = 2, .with_warnings = 1};
  EXPECT_EQ(sum, (RecordCounts{.read = 15,
                               .succeeded = 7,
                               .rejected = 3,
                               .skipped = 2,
                               .filtered = 3,
                               .with_warnings = 4}));
  WrittenCounts written{.inserted = 1, .updated = 2, .unchanged = 3};
  written += {.inserted = 10, .updated = 20, .unchanged = 30};
  EXPECT_EQ(written, (WrittenCounts{.inserted = 11, .updated = 22, .unchanged = 33}));
}

}  // namespace
}  // namespace freight
