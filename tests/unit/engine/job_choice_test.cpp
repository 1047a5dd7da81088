#include "engine/job_choice.hpp"

#include <vector>

#include <gtest/gtest.h>

namespace freight::engine {
namespace {

Job job(JobStatus status, std::string fingerprint = "input a") {
  Job job;
  job.id = JobId::generate();
  job.status = status;
  job.fingerprint = std::move(fingerprint);
  job.batches_total = 3;
  job.batches_completed = 1;
  return job;
}

const std::vector<JobStatus> unfinished{JobStatus::scheduled, JobStatus::pending,
                                        JobStatus::running, JobStatus::paused,
                                        JobStatus::cancelling};

TEST(JobChoice, OfNoEarlierJobIsANewOne) {
  const JobChoice choice = choose_job({}, "input a");
  EXPECT_EQ(choice.action, JobAction::submit);
  EXPECT_EQ(choice.job, nullptr);
}

TEST(JobChoice, UnfinishedOfTheSameInputIsResumed) {
  for (const JobStatus status : unfinished) {
    const std::vector jobs{job(status)};
    const JobChoice choice = choose_job(jobs, "input a");
    EXPECT_EQ(choice.action, JobAction::resume) << to_string(status);
    EXPECT_EQ(choice.job, &jobs[0]);
  }
}

TEST(JobChoice, UnfinishedOfAnotherInputIsSourceChanged) {
  for (const JobStatus status : unfinished) {
    EXPECT_EQ(choose_job(std::vector{job(status)}, "input b").action, JobAction::source_changed)
        << to_string(status);
  }
}

TEST(JobChoice, UnfinishedThatHasPlannedNothingTakesAnyInput) {
  Job begun = job(JobStatus::pending, "");
  begun.batches_total = 0;
  EXPECT_EQ(choose_job(std::vector{begun}, "input b").action, JobAction::resume);
}

TEST(JobChoice, CompletedOfTheSameInputIsShown) {
  for (const JobStatus status : {JobStatus::completed, JobStatus::completed_with_errors}) {
    EXPECT_EQ(choose_job(std::vector{job(status)}, "input a").action, JobAction::show);
  }
}

TEST(JobChoice, CompletedOfAnotherInputMakesANewJob) {
  EXPECT_EQ(choose_job(std::vector{job(JobStatus::completed)}, "input b").action,
            JobAction::submit);
}

TEST(JobChoice, FailedOrCancelledOfTheSameInputIsRequeued) {
  for (const JobStatus status : {JobStatus::failed, JobStatus::cancelled}) {
    EXPECT_EQ(choose_job(std::vector{job(status)}, "input a").action, JobAction::requeue);
  }
}

TEST(JobChoice, FailedHalfWayWithAnotherInputIsSourceChanged) {
  EXPECT_EQ(choose_job(std::vector{job(JobStatus::failed)}, "input b").action,
            JobAction::source_changed);
}

TEST(JobChoice, FailedBeforeAnythingWasDoneMakesANewJobForACorrectedInput) {
  Job failed = job(JobStatus::failed);
  failed.batches_completed = 0;
  EXPECT_EQ(choose_job(std::vector{failed}, "input b").action, JobAction::submit);
}

TEST(JobChoice, FailedBeforeItKnewItsInputIsRequeued) {
  Job failed = job(JobStatus::failed, "");
  failed.batches_total = 0;
  failed.batches_completed = 0;
  EXPECT_EQ(choose_job(std::vector{failed}, "input b").action, JobAction::requeue);
}

TEST(JobChoice, AnUnfinishedJobComesBeforeANewerFinishedOne) {
  const std::vector jobs{job(JobStatus::completed), job(JobStatus::running)};
  EXPECT_EQ(choose_job(jobs, "input a").job, &jobs[1]);
}

TEST(JobChoice, AnInputThatWasLoadedBeforeTheLastOneIsFoundAgain) {
  const std::vector jobs{job(JobStatus::completed, "input b"),
                         job(JobStatus::completed, "input a")};
  const JobChoice choice = choose_job(jobs, "input a");
  EXPECT_EQ(choice.action, JobAction::show);
  EXPECT_EQ(choice.job, &jobs[1]);
}

TEST(JobChoice, TheNewestJobOfTheInputDecides) {
  const std::vector jobs{job(JobStatus::failed), job(JobStatus::completed)};
  EXPECT_EQ(choose_job(jobs, "input a").action, JobAction::requeue);
}

TEST(JobChoice, ACompletedJobOfTheInputIsNotHiddenByOneThatNeverKnewItsInput) {
  Job failed = job(JobStatus::failed, "");
  failed.batches_total = 0;
  const std::vector jobs{failed, job(JobStatus::completed)};
  EXPECT_EQ(choose_job(jobs, "input a").action, JobAction::show);
}

}  // namespace
}  // namespace freight::engine
