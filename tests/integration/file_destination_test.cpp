// CSV and JSONL files as destinations: written beside their name, gone on with after a crash, put
// in place at the end.

#include <chrono>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include <gtest/gtest.h>

#include "connectors/csv/csv_destination.hpp"
#include "connectors/jsonl/jsonl_destination.hpp"
#include "freight/error.hpp"
#include "support/temporary_folder.hpp"

namespace freight::testing {
namespace {

namespace fs = std::filesystem;

class FileDestinationTest : public ::testing::Test {
 protected:
  FileDestinationTest() {
    spec_.source = CsvSourceSpec{.path = folder_ / "source.csv"};
    spec_.destination = CsvDestinationSpec{.path = target_};
    request_.columns = {{.name = "id"}, {.name = "name"}};
  }

  std::unique_ptr<Destination> prepared() {
    auto destination = connectors::make_csv_destination({.spec = spec_, .job_id = job_});
    destination->prepare(request_, context_);
    return destination;
  }

  /// One unit of two rows; each record one row.
  WriteResult write(Destination& destination, std::uint64_t first, bool roll_back = false) {
    OutputBatch rows;
    rows.columns = request_.columns;
    std::vector<std::string> texts;
    for (auto ordinal = first; ordinal < first + 2; ++ordinal) {
      rows.ordinals.push_back(ordinal);
      texts.push_back(std::to_string(ordinal));
      texts.push_back("n" + std::to_string(ordinal));
    }
    for (const auto& text : texts) {
      rows.values.push_back({text.data(), static_cast<std::uint32_t>(text.size())});
    }
    return destination.write({.unit = "r:" + std::to_string(first),
                              .first_ordinal = first,
                              .records = 2,
                              .content_hash = content_hash_,
                              .input_hash = "input",
                              .roll_back = roll_back,
                              .rows = rows},
                             context_);
  }

  /// Another process goes on: it sees what the first one had acknowledged.
  void resume(std::uint64_t completed) {
    request_.completed_batches = completed;
    request_.rows_written = 2 * completed;
    request_.started_at = Timestamp(std::chrono::duration_cast<std::chrono::microseconds>(
        std::chrono::system_clock::now().time_since_epoch()));
  }

  std::set<std::string> files() const {
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(target_.parent_path())) {
      names.insert(entry.path().filename().string());
    }
    return names;
  }

  static std::string content(const fs::path& path) {
    std::ostringstream text;
    text << std::ifstream(path, std::ios::binary).rdbuf();
    return text.str();
  }

  static void put(const fs::path& path, const std::string& text, bool append = false) {
    std::ofstream(path, append ? std::ios::app : std::ios::trunc) << text;
  }

  fs::path data_file(JobId job) const {
    return target_.parent_path() / (".out.csv.freight-" + job.to_string());
  }
  fs::path data_file() const { return data_file(job_); }
  fs::path ledger_file() const { return data_file().string() + ".ledger"; }

  template <typename Work>
  static std::optional<Code> code_of(Work&& work) {
    try {
      work();
    } catch (const Error& error) {
      EXPECT_FALSE(std::string(error.what()).empty());
      return error.code();
    }
    return std::nullopt;
  }

  TemporaryFolder folder_;
  fs::path target_ = folder_ / "out.csv";
  JobSpec spec_;
  JobId job_ = JobId::generate();
  PrepareRequest request_;
  ConnectorContext context_;
  std::string content_hash_ = "hash";
  static constexpr const char* two_units = "id,name\n0,n0\n1,n1\n2,n2\n3,n3\n";
};

TEST_F(FileDestinationTest, TheOldFileStandsUntilTheNewOneIsComplete) {
  put(target_, "old\n");
  fs::permissions(target_, fs::perms::owner_read | fs::perms::owner_write | fs::perms::group_read);
  const auto destination = prepared();
  EXPECT_EQ(destination->count(false, context_), 0U);
  EXPECT_EQ(write(*destination, 0).inserted, 2U);
  EXPECT_EQ(write(*destination, 2).inserted, 2U);
  EXPECT_EQ(content(target_), "old\n");
  EXPECT_EQ(destination->ledger_rows(context_), 4U);
  EXPECT_EQ(destination->count(false, context_), 0U);
  destination->finish(context_);
  EXPECT_EQ(content(target_), two_units);
  EXPECT_EQ(files(), (std::set<std::string>{"out.csv"}));
  EXPECT_EQ(destination->count(false, context_), 4U);
  EXPECT_EQ(fs::status(target_).permissions(),
            fs::perms::owner_read | fs::perms::owner_write | fs::perms::group_read);
  destination->finish(context_);
  EXPECT_EQ(content(target_), two_units);
}

TEST_F(FileDestinationTest, WhatWasHalfWrittenWhenAProcessDiedIsCutOff) {
  write(*prepared(), 0);
  put(data_file(), "2,n2\n3,", true);
  put(ledger_file(), R"({"unit":"r:2","first_ordi)", true);
  resume(1);
  const auto destination = prepared();
  EXPECT_EQ(destination->ledger_rows(context_), 2U);
  EXPECT_FALSE(write(*destination, 2).from_ledger);
  destination->finish(context_);
  EXPECT_EQ(content(target_), two_units);
}

TEST_F(FileDestinationTest, AUnitThatIsInTheLedgerIsNotWrittenAgain) {
  write(*prepared(), 0);
  const auto destination = prepared();
  const auto result = write(*destination, 0);
  EXPECT_TRUE(result.from_ledger);
  EXPECT_EQ(result.inserted, 2U);
  write(*destination, 2);
  EXPECT_TRUE(write(*destination, 0).from_ledger);
  destination->finish(context_);
  EXPECT_EQ(content(target_), two_units);
}

TEST_F(FileDestinationTest, AUnitWithOtherContentIsAConflict) {
  const auto destination = prepared();
  write(*destination, 0);
  content_hash_ = "another";
  EXPECT_EQ(code_of([&] { write(*destination, 0); }), Code::ledger_conflict);
}

TEST_F(FileDestinationTest, AWriteThatIsTooLateForItsLeaseLeavesNothing) {
  const auto destination = prepared();
  write(*destination, 0);
  const Deadline past(std::chrono::steady_clock::now());
  context_.lease = &past;
  EXPECT_EQ(code_of([&] { write(*destination, 2); }), Code::lease_lost);
  context_.lease = nullptr;
  EXPECT_EQ(destination->ledger_rows(context_), 2U);
  EXPECT_FALSE(write(*destination, 2).from_ledger);
  destination->finish(context_);
  EXPECT_EQ(content(target_), two_units);
}

TEST_F(FileDestinationTest, TwoProcessesOfOneJobTakeTurns) {
  const auto first = prepared();
  const auto second = prepared();
  write(*first, 0);
  EXPECT_TRUE(write(*second, 0).from_ledger);
  write(*second, 2);
  EXPECT_TRUE(write(*first, 2).from_ledger);
  EXPECT_EQ(code_of([&] {
              content_hash_ = "hash";
              OutputBatch none;
              first->write({.unit = "r:1", .first_ordinal = 1, .records = 1, .rows = none},
                           context_);
            }),
            Code::internal)
      << "out of order";
  second->finish(context_);
  EXPECT_EQ(content(target_), two_units);
}

TEST_F(FileDestinationTest, AnotherJobIsRefusedWhileThisOneIsAtWork) {
  auto first = prepared();
  write(*first, 0);
  const auto first_job = std::exchange(job_, JobId::generate());
  EXPECT_EQ(code_of([&] { prepared(); }), Code::destination_busy);
  EXPECT_FALSE(fs::exists(data_file()));
  // As the operating system does when the process dies.
  first.reset();
  const auto second = prepared();
  write(*second, 0);
  job_ = first_job;
  EXPECT_EQ(code_of([&] { prepared(); }), Code::destination_busy);
  second->finish(context_);
  resume(1);
  const auto again = prepared();
  write(*again, 2);
  again->finish(context_);
  EXPECT_EQ(content(target_), two_units);
  EXPECT_EQ(files(), (std::set<std::string>{"out.csv"}));
}

TEST_F(FileDestinationTest, AnAbandonedJobLeavesTheOldFileAndNothingOfItsOwn) {
  put(target_, "old\n");
  const auto destination = prepared();
  write(*destination, 0);
  destination->abandon(context_);
  destination->abandon(context_);
  EXPECT_EQ(content(target_), "old\n");
  EXPECT_EQ(files(), (std::set<std::string>{"out.csv"}));
  EXPECT_EQ(code_of([&] { write(*destination, 2); }), Code::destination_failed);
}

TEST_F(FileDestinationTest, AJobThatFindsNoTraceOfWhatItWroteDoesNotBeginAnew) {
  put(target_, "id,name\n7,seven\n");
  fs::last_write_time(target_, fs::file_time_type::clock::now() - std::chrono::hours(1));
  resume(1);
  request_.rows_written = 1;
  const auto destination = prepared();
  EXPECT_EQ(code_of([&] { write(*destination, 2); }), Code::destination_failed);
  EXPECT_EQ(code_of([&] { destination->finish(context_); }), Code::destination_failed);
  EXPECT_EQ(content(target_), "id,name\n7,seven\n");
}

TEST_F(FileDestinationTest, AnEndThatIsRepeatedAfterACrashFindsTheFinishedFile) {
  const auto first = prepared();
  resume(2);
  write(*first, 0);
  write(*first, 2);
  first->finish(context_);
  const auto second = prepared();
  second->finish(context_);
  EXPECT_EQ(second->count(false, context_), 4U);
  EXPECT_EQ(content(target_), two_units);
  EXPECT_EQ(files(), (std::set<std::string>{"out.csv"}));

  put(target_, "3,another\n", true);
  const auto third = prepared();
  EXPECT_EQ(code_of([&] { third->finish(context_); }), Code::destination_failed);
}

TEST_F(FileDestinationTest, AnEndThatWasInterruptedBehindTheRenamingIsGoneOnWith) {
  write(*prepared(), 0);
  fs::rename(data_file(), target_);
  resume(1);
  const auto destination = prepared();
  destination->finish(context_);
  EXPECT_EQ(content(target_), "id,name\n0,n0\n1,n1\n");
  EXPECT_EQ(files(), (std::set<std::string>{"out.csv"}));
  EXPECT_EQ(destination->count(false, context_), 2U);
}

TEST_F(FileDestinationTest, WithoutARecordTheFileHasItsHeader) {
  const auto destination = prepared();
  destination->finish(context_);
  EXPECT_EQ(content(target_), "id,name\n");
  EXPECT_EQ(destination->count(false, context_), 0U);
}

TEST_F(FileDestinationTest, AValidationAndARehearsalTouchNothing) {
  request_.read_only = true;
  const auto destination = prepared();
  EXPECT_EQ(write(*destination, 0, true).inserted, 2U);
  destination->abandon(context_);
  EXPECT_EQ(files(), std::set<std::string>{});
}

TEST_F(FileDestinationTest, TakesTheColumnsThatTheJobFills) {
  auto destination = connectors::make_csv_destination({.spec = spec_, .job_id = job_});
  const auto catalog = destination->prepare(request_, context_).catalog;
  ASSERT_EQ(catalog.columns.size(), 2U);
  EXPECT_EQ(catalog.columns[1].name, "name");
  EXPECT_FALSE(catalog.open_columns);
  request_.columns.clear();
  EXPECT_TRUE(destination->prepare(request_, context_).catalog.open_columns);
}

TEST_F(FileDestinationTest, RefusesPathsWhereNoFileCanStand) {
  fs::create_directory(target_);
  EXPECT_EQ(code_of([&] { prepared(); }), Code::destination_failed);
  fs::remove(target_);
  spec_.destination = CsvDestinationSpec{.path = folder_ / "missing" / "out.csv"};
  EXPECT_EQ(code_of([&] { prepared(); }), Code::destination_failed);
  spec_.destination = CsvDestinationSpec{.path = "/dev/null"};
  EXPECT_EQ(code_of([&] { prepared(); }), Code::destination_failed);
}

TEST_F(FileDestinationTest, RefusesItsOwnSource) {
  spec_.destination = CsvDestinationSpec{.path = folder_ / "." / "source.csv"};
  EXPECT_EQ(code_of([&] { prepared(); }), Code::invalid_value);
  put(folder_ / "source.csv", "id\n");
  fs::create_hard_link(folder_ / "source.csv", folder_ / "link.csv");
  spec_.destination = CsvDestinationSpec{.path = folder_ / "link.csv"};
  EXPECT_EQ(code_of([&] { prepared(); }), Code::invalid_value);
  spec_.destination = JsonlDestinationSpec{.path = folder_ / "source.csv"};
  EXPECT_EQ(code_of([&] { connectors::make_jsonl_destination({.spec = spec_, .job_id = job_}); }),
            Code::invalid_value);
}

TEST_F(FileDestinationTest, ReplacesTheFileBehindASymbolicLink) {
  fs::create_directory(folder_ / "elsewhere");
  put(folder_ / "elsewhere" / "real.csv", "old\n");
  fs::create_symlink(folder_ / "elsewhere" / "real.csv", target_);
  const auto destination = prepared();
  write(*destination, 0);
  destination->finish(context_);
  EXPECT_TRUE(fs::is_symlink(target_));
  EXPECT_EQ(content(folder_ / "elsewhere" / "real.csv"), "id,name\n0,n0\n1,n1\n");
}

TEST_F(FileDestinationTest, WritesJsonlWithoutAHeader) {
  target_ = folder_ / "out.jsonl";
  spec_.destination = JsonlDestinationSpec{.path = target_};
  const auto destination = connectors::make_jsonl_destination({.spec = spec_, .job_id = job_});
  destination->prepare(request_, context_);
  write(*destination, 0);
  destination->finish(context_);
  EXPECT_EQ(content(target_), "{\"id\":\"0\",\"name\":\"n0\"}\n{\"id\":\"1\",\"name\":\"n1\"}\n");
  EXPECT_EQ(destination->count(false, context_), 2U);
}

}  // namespace
}  // namespace freight::testing
