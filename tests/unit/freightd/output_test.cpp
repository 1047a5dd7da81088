#include <filesystem>
#include <fstream>
#include <iterator>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "exit_status.hpp"
#include "freight/error.hpp"
#include "output_file.hpp"
#include "progress.hpp"
#include "summary.hpp"
#include "support/temporary_folder.hpp"
#include "terminal_text.hpp"

namespace freight::daemon {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;

std::string text_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(OutputFile, ReplacesTheOldFileOnlyWhenItIsWhole) {
  const freight::testing::TemporaryFolder folder;
  const auto path = folder / "report.json";
  std::ofstream(path) << "old";
  {
    OutputFile file(path);
    file.write("half");
  }
  EXPECT_EQ(text_of(path), "old");
  OutputFile file(path);
  file.write("new ");
  file.write("text");
  EXPECT_EQ(text_of(path), "old");
  file.commit();
  EXPECT_EQ(text_of(path), "new text");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
}

TEST(OutputFile, PathsAreCheckedBeforehand) {
  const freight::testing::TemporaryFolder folder;
  EXPECT_NO_THROW(check_output_path(folder / "new.json"));
  EXPECT_NO_THROW(check_output_path("in_the_current_folder.json"));
  EXPECT_THROW(check_output_path(folder.path()), Error);
  EXPECT_THROW(check_output_path(folder.path() / "no" / "such.json"), Error);
}

TEST(OutputFile, OfAMissingFolderIsAnError) {
  try {
    const OutputFile file("/no/such/folder/report.json");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::output_failed);
    EXPECT_THAT(error.what(), HasSubstr("/no/such/folder/report.json"));
  }
}

TEST(Printable, LetsNoDataSteerTheTerminal) {
  EXPECT_EQ(printable("a\x1b[31mb\r\n\tc\x7f"), "a [31mb   c ");
  EXPECT_EQ(printable("caf\xC3\xA9 \xF0\x9F\x98\x80"), "caf\xC3\xA9 \xF0\x9F\x98\x80");
  EXPECT_EQ(printable("a\xC2\x9B"
                      "31m"),
            "a 31m");
  EXPECT_EQ(printable("\xFF\xC3"), "??");
  EXPECT_EQ(printable("abcdef", 3), "abc...");
  EXPECT_EQ(printable("ab\xC3\xA9", 3), "ab...");
}

TEST(DurationText, ReadsWell) {
  EXPECT_EQ(duration_text(812ms), "0.8 s");
  EXPECT_EQ(duration_text(42s), "42 s");
  EXPECT_EQ(duration_text(187s), "3:07");
  EXPECT_EQ(duration_text(2h + 3min + 7s), "2:03:07");
}

TEST(ShareDone, IsByBytesElseByRecordsElseUnknown) {
  Job job;
  EXPECT_FALSE(share_done(job).has_value());
  job.records.read = 50;
  job.records_planned = 100;
  EXPECT_FALSE(share_done(job).has_value()) << "the plan is not done: there may be more";
  job.planned = true;
  EXPECT_DOUBLE_EQ(*share_done(job), 0.5);
  job.bytes_total = 1000;
  job.bytes_read = 250;
  EXPECT_DOUBLE_EQ(*share_done(job), 0.25);
  job.bytes_read = 2000;
  EXPECT_DOUBLE_EQ(*share_done(job), 1.0);
}

TEST(ProgressLine, HasPercentAndTimeLeftFirstAndABarThatShrinks) {
  const ProgressFigures figures{.share = 0.5,
                                .left = 187s,
                                .waited = {},
                                .records = 123'456,
                                .records_per_second = 4321,
                                .rejected = 7,
                                .name = "customers"};
  EXPECT_EQ(progress_line(figures),
            "50 %  ETA 3:07  123456 records  4321 records/s  7 rejected  customers");
  EXPECT_EQ(
      progress_bar(figures, 120),
      "50 %  ETA 3:07  [############............]  123456 records  4321 records/s  7 rejected  "
      "customers");
  EXPECT_EQ(progress_bar(figures, 79),
            "50 %  ETA 3:07  [###...]  123456 records  4321 records/s  7 rejected  customers");
  EXPECT_EQ(progress_bar(figures, 29), "50 %  ETA 3:07  [######.....]");
  EXPECT_EQ(progress_bar(figures, 20), "50 %  ETA 3:07");
  for (std::size_t columns = 0; columns < 130; ++columns) {
    EXPECT_LE(progress_bar(figures, columns).size(), columns);
    EXPECT_LE(progress_line(figures, columns).size(), columns);
  }
}

TEST(ProgressLine, OfAnUnknownLengthHasNoBarAndOneThatWaitsSaysSo) {
  ProgressFigures figures{.share = {}, .left = {}, .waited = {}, .records = 5, .name = "a\x1b[31m"};
  EXPECT_EQ(progress_bar(figures, 79), "5 records  0 records/s  0 rejected  a [31m");
  EXPECT_EQ(progress_bar(figures, 10), "5 records");
  figures.waited = 42s;
  EXPECT_EQ(progress_bar(figures, 25), "waiting for 42 s");
  figures.share = 1.0;
  EXPECT_EQ(progress_bar(figures, 40), "100 %  waiting for 42 s  [#############]");
}

TEST(ExitStatus, IsThatOfTheContract) {
  Job job;
  const auto of = [&](JobStatus status) {
    job.status = status;
    return exit_status_of(job.status);
  };
  EXPECT_EQ(of(JobStatus::completed), 0);
  EXPECT_EQ(of(JobStatus::completed_with_errors), 3);
  EXPECT_EQ(of(JobStatus::failed), 1);
  EXPECT_EQ(of(JobStatus::cancelled), 1);
  EXPECT_EQ(of(JobStatus::paused), 4);
  EXPECT_EQ(of(JobStatus::running), 130);
  EXPECT_EQ(exit_status_of(Code::usage), 2);
  EXPECT_EQ(exit_status_of(Code::invalid_spec), 2);
  EXPECT_EQ(exit_status_of(Code::source_changed), 1);
  EXPECT_EQ(exit_status_of(Code::type_mismatch), 1);
}

TEST(Summary, NamesCountsRejectsReconciliationAndError) {
  Job job;
  job.name = "customers\x1b[2J";
  job.status = JobStatus::failed;
  job.records = {.read = 100, .succeeded = 90, .rejected = 10};
  job.started_at = Timestamp{};
  job.finished_at = Timestamp{} + 2s;
  job.reconciliation = R"({"status":"failed","differences":["read 100, planned 101"]})";
  job.error = Failure{.code = Code::reconciliation, .message = "it does not add up"};
  const std::vector<RejectGroup> rejects{{.code = Code::type_mismatch,
                                          .column = "amount",
                                          .count = 10,
                                          .example_line = 17,
                                          .example_message = "'abc' is not a decimal"}};
  const std::string text = summarise(job, rejects);
  EXPECT_THAT(text, HasSubstr("failed"));
  EXPECT_THAT(text, HasSubstr("read            100\n"));
  EXPECT_THAT(text, HasSubstr("rejected        10\n"));
  EXPECT_THAT(text, HasSubstr("50 records/s"));
  EXPECT_THAT(text, HasSubstr("type_mismatch in amount, as in line 17: 'abc' is not a decimal"));
  EXPECT_THAT(text, HasSubstr("reconciliation  failed\n"));
  EXPECT_THAT(text, HasSubstr("read 100, planned 101"));
  EXPECT_THAT(text, HasSubstr("it does not add up (reconciliation)"));
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
}

TEST(Summary, NamesTheDestinationAndTheNextCommand) {
  Job job;
  job.id = JobId::generate();
  const std::string id = job.id.to_string();
  job.status = JobStatus::completed;
  job.spec = R"({"mode":"run","destination":{"type":"sql","url":"sqlite:/x/crm.db","table":"p"}})";
  EXPECT_THAT(summarise(job, {}), HasSubstr("destination     p in sqlite:/x/crm.db\n"));
  EXPECT_THAT(summarise(job, {}), Not(HasSubstr("next")));
  job.status = JobStatus::completed_with_errors;
  job.records = {.read = 2, .succeeded = 1, .rejected = 1};
  job.spec = R"({"mode":"run","destination":{"type":"csv","path":"/x/out.csv"}})";
  std::string text = summarise(job, {}, " --storage sqlite:x.db");
  EXPECT_THAT(text, HasSubstr("destination     /x/out.csv\n"));
  EXPECT_THAT(text,
              HasSubstr("freightd rejects " + id + " --storage sqlite:x.db -o rejects.csv\n"));
  EXPECT_THAT(text, Not(HasSubstr("replay"))) << "a file is written as a whole";
  job.spec = R"({"destination":{"type":"sql","url":"sqlite:/x/crm.db","table":"p"}})";
  text = summarise(job, {}, " --storage sqlite:x.db");
  EXPECT_THAT(text,
              HasSubstr("freightd replay " + id + " --storage sqlite:x.db --from rejects.csv"));
  job.records_discarded = 1;
  EXPECT_THAT(summarise(job, {}), Not(HasSubstr("next")));
  job.records_discarded = 0;
  job.spec = R"({"mode":"validate","destination":{"type":"null"}})";
  text = summarise(job, {});
  EXPECT_THAT(text, HasSubstr("destination     null, which a validation leaves as it is\n"));
  EXPECT_THAT(text, Not(HasSubstr("replay")));
  job.status = JobStatus::failed;
  EXPECT_THAT(summarise(job, {}), Not(HasSubstr("next")));
  job.status = JobStatus::completed;
  EXPECT_THAT(summarise(job, {}, " --storage URL"),
              HasSubstr("next            freightd run JOB.json --storage URL\n"));
  job.status = JobStatus::paused;
  EXPECT_THAT(summarise(job, {}), HasSubstr("freightd run JOB.json  # goes on with it\n"));
  job.status = JobStatus::failed;
  job.spec = "";
  EXPECT_THAT(summarise(job, {}), HasSubstr("freightd retry " + id));
}

TEST(Summary, SaysHowManyReasonsThereAreMoreThanItShows) {
  Job job;
  job.records.rejected = 78;
  std::vector<RejectGroup> rejects;
  for (std::uint64_t count = 12; count > 0; --count)
    rejects.push_back({.code = Code::type_mismatch, .count = count});
  const std::string text = summarise(job, rejects);
  EXPECT_THAT(text, HasSubstr("    3             type_mismatch"));
  EXPECT_THAT(text, Not(HasSubstr("    2             type_mismatch")));
  EXPECT_THAT(text, HasSubstr("    3             of 2 more reasons: see --json or --report\n"));
}

TEST(Summary, CountsTheTimeAtWorkAndNotTheDayBetween) {
  Job job;
  job.status = JobStatus::completed;
  job.records.read = 100;
  job.started_at = Timestamp{};
  job.finished_at = Timestamp{} + 24h;
  job.passes = {
      {.number = 1, .started_at = Timestamp{}, .finished_at = Timestamp{} + 15s},
      {.number = 2, .started_at = Timestamp{} + 24h - 5s, .finished_at = Timestamp{} + 24h}};
  EXPECT_THAT(summarise(job, {}), HasSubstr("time            20 s, 5 records/s\n"));
  job.finished_at.reset();
  EXPECT_THAT(summarise(job, {}), Not(HasSubstr("records/s")));
}

}  // namespace
}  // namespace freight::daemon
