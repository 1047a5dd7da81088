#include "connectors/file/many_files.hpp"

#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "connectors/csv/csv_source.hpp"
#include "core/file_locator.hpp"
#include "freight/error.hpp"
#include "support/file_writing.hpp"
#include "support/source_reading.hpp"
#include "support/temporary_folder.hpp"

namespace freight::file {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class ManyFilesTest : public ::testing::Test {
 protected:
  ManyFilesTest() { spec_.source = CsvSourceSpec{.path = folder_ / "*.csv"}; }

  void write(const std::string& name, const std::string& text) const {
    testing::write_file(folder_ / name, text);
  }
  CsvSourceSpec& csv() { return std::get<CsvSourceSpec>(spec_.source); }

  std::unique_ptr<Source> make() const {
    const auto spool = std::make_shared<spool::Spool>(folder_.path());
    return std::make_unique<ManyFiles>(ConnectorRequest{.spec = spec_},
                                       [spool](const ConnectorRequest& request) {
                                         return connectors::make_csv_source(request, spool);
                                       });
  }

  static std::vector<std::string> first_values(const std::vector<testing::ReadRecord>& records) {
    std::vector<std::string> values;
    for (const auto& record : records) values.push_back(record.values.at(0));
    return values;
  }

  testing::TemporaryFolder folder_;
  JobSpec spec_;
  PlanLimits limits_{.max_records = 2, .max_ranges = 3};
  ConnectorContext context_;
};

TEST_F(ManyFilesTest, RunsOrdinalsOnAndCountsLinesInEachFile) {
  write("b.csv", "n\n4\n5\n");
  write("a.csv", "n\n1\n2\n3\n");
  write("c.csv", "n\n");
  const auto source = make();
  const auto ranges = testing::plan_all(*source, limits_);
  ASSERT_EQ(ranges.size(), 3U);
  EXPECT_EQ(ranges[2].first_ordinal, 3U);
  EXPECT_EQ(ranges[2].first_line, 2U);
  EXPECT_EQ(ranges[2].byte_offset, 2U);
  EXPECT_EQ(file_of_locator(ranges[2].locator), (folder_ / "b.csv").string());
  const auto records = testing::read_all(*source, ranges);
  EXPECT_THAT(first_values(records), ElementsAre("1", "2", "3", "4", "5"));
  EXPECT_EQ(records[4].place.ordinal, 4U);
  EXPECT_EQ(records[4].place.line, 3U);
}

TEST_F(ManyFilesTest, PlansTheSameFromEveryPosition) {
  for (int file = 0; file < 7; ++file) {
    write(std::to_string(file) + ".csv", "n\n1\n2\n3\n4\n5\n");
  }
  const auto whole = testing::plan_all(*make(), {.max_records = 2, .max_ranges = 100});
  for (std::uint32_t ranges = 1; ranges < 6; ++ranges) {
    const auto parts = testing::plan_all(*make(), {.max_records = 2, .max_ranges = ranges});
    ASSERT_EQ(parts.size(), whole.size());
    for (std::size_t index = 0; index < whole.size(); ++index) {
      EXPECT_EQ(parts[index].first_ordinal, whole[index].first_ordinal);
      EXPECT_EQ(parts[index].locator, whole[index].locator);
      EXPECT_EQ(parts[index].content_hash, whole[index].content_hash);
    }
  }
}

TEST_F(ManyFilesTest, EndsAtTheLimitOfAllFiles) {
  for (const char* const name : {"a.csv", "b.csv", "c.csv"}) write(name, "n\n1\n2\n3\n");
  for (std::uint64_t limit = 1; limit < 9; ++limit) {
    csv().limit = limit;
    const auto source = make();
    EXPECT_EQ(testing::read_all(*source, testing::plan_all(*source, limits_)).size(), limit);
  }
}

TEST_F(ManyFilesTest, KeepsMoreFilesThanAreOpenAtOnce) {
  for (int file = 100; file < 160; ++file) {
    write(std::to_string(file) + ".csv", "n\n" + std::to_string(file) + "\n");
  }
  const auto source = make();
  auto ranges = testing::plan_all(*source, limits_);
  const auto records = testing::read_all(*source, ranges);
  EXPECT_EQ(records.size(), 60U);
  EXPECT_EQ(records.back().values.at(0), "159");
}

TEST_F(ManyFilesTest, NoticesAFileThatWasExchangedWhileItWasNotOpen) {
  for (int file = 100; file < 160; ++file) {
    write(std::to_string(file) + ".csv", "n\n" + std::to_string(file) + "\n");
  }
  const auto source = make();
  source->describe(context_);
  write("130.csv", "n\n999\n");
  try {
    testing::plan_all(*source, limits_);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::source_changed);
    EXPECT_THAT(error.what(), HasSubstr("130.csv"));
  }
}

TEST_F(ManyFilesTest, HasAnotherFingerprintForOtherNamesAndContentsOnly) {
  write("a.csv", "n\n1\n");
  write("b.csv", "n\n2\n");
  const std::string first = make()->fingerprint(context_);
  EXPECT_EQ(make()->fingerprint(context_), first);
  write("b.csv", "n\n3\n");
  EXPECT_NE(make()->fingerprint(context_), first);
  write("b.csv", "n\n2\n");
  EXPECT_EQ(make()->fingerprint(context_), first);
  std::filesystem::rename(folder_ / "b.csv", folder_ / "c.csv");
  EXPECT_NE(make()->fingerprint(context_), first);
}

TEST_F(ManyFilesTest, RefusesNamesThatALooseMatchCannotTellApart) {
  spec_.match = NameMatching::loose;
  write("a.csv", "n_1\n1\n");
  write("b.csv", "N 1,N-1\n1,2\n");
  try {
    make()->describe(context_);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::missing_header);
    EXPECT_THAT(error.what(), HasSubstr("b.csv"));
  }
}

TEST_F(ManyFilesTest, HidesFoldersThatComeFromTheEnvironment) {
  spec_.needs_secrets = true;
  write("a.csv", "n\n1\n");
  const auto ranges = testing::plan_all(*make(), limits_);
  EXPECT_EQ(file_of_locator(ranges.at(0).locator), "a.csv");
}

}  // namespace
}  // namespace freight::file
