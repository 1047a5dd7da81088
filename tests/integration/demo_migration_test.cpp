// The demo's migration through the whole engine: what was planted in the file is what is rejected,
// and everything else arrives unchanged.

#include <array>
#include <fstream>
#include <iterator>
#include <memory>
#include <ostream>
#include <set>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "../../examples/demo_people.hpp"
#include "freight/freight.hpp"
#include "support/destination_database.hpp"
#include "support/temporary_folder.hpp"

namespace freight {
namespace {

constexpr std::uint64_t record_count = 100'000;
constexpr std::uint64_t fault_count = 55;
constexpr std::uint64_t data_seed = 20261123;

struct Migration {
  std::string name;
  std::unique_ptr<testing::DestinationDatabase> (*make_database)();
  std::string job_file;
  bool crlf = false;
  bool byte_order_mark = false;
};

void PrintTo(const Migration& migration, std::ostream* out) { *out << migration.name; }

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

class DemoMigration : public ::testing::TestWithParam<Migration> {
 protected:
  void SetUp() override {
    database_ = GetParam().make_database();
    std::ofstream file(folder_ / "people.csv", std::ios::binary);
    planted_ = freight_demo::write_people(file, {.records = record_count,
                                                 .seed = data_seed,
                                                 .faults = fault_count,
                                                 .crlf = GetParam().crlf,
                                                 .byte_order_mark = GetParam().byte_order_mark});
    file.close();
    ASSERT_TRUE(file);
    data_ = read_file(folder_ / "people.csv");
  }

  /// Runs the example's job into the test's database.
  Job run() {
    const std::string url = database_->url();
    SpecOptions options{.base_folder = folder_.path()};
    options.overrides = {{"/destination/url", url}, {"/batch/max_records", "3000"}};
    const SpecResult spec =
        parse_job_spec(read_file(std::filesystem::path(FREIGHT_SOURCE_FOLDER "/examples") / "jobs" /
                                 GetParam().job_file),
                       options);
    storage_ = open_storage("sqlite:" + (folder_ / "freight.db").string());
    const auto engine = make_job_engine(*storage_, default_connectors(), {.workers = 2});
    const Tenant tenant = storage_->tenants().find_or_create("default");
    engine->start();
    const JobId id = engine->submit(tenant.id, spec.value());
    return engine->wait(tenant.id, id, std::chrono::minutes(5));
  }

  testing::TemporaryFolder folder_;
  std::unique_ptr<testing::DestinationDatabase> database_;
  std::unique_ptr<Storage> storage_;
  std::vector<freight_demo::PlantedFault> planted_;
  std::string data_;
};

void expect_rejected_as_planted(const DeadLetter& found, const freight_demo::PlantedFault& planted,
                                const std::string& data) {
  SCOPED_TRACE(std::string(planted.kind) + " in line " + std::to_string(planted.line));
  EXPECT_EQ(found.ordinal, planted.ordinal);
  EXPECT_EQ(found.line, planted.line);
  EXPECT_EQ(found.byte_offset, planted.byte_offset);
  EXPECT_EQ(found.byte_length, planted.byte_length);
  EXPECT_EQ(found.raw, data.substr(planted.byte_offset, planted.byte_length));
  ASSERT_EQ(found.errors.size(), 1U);
  EXPECT_EQ(to_string(found.errors.front().code), planted.code);
  EXPECT_EQ(found.errors.front().column, planted.column);
}

/// What the mapping of the example's jobs makes of a country.
std::string country_name(const std::string& code) {
  if (code == "CH") return "Switzerland";
  if (code == "DE") return "Germany";
  if (code == "AT") return "Austria";
  if (code == "FR") return "France";
  if (code == "IT") return "Italy";
  if (code == "PL") return "Poland";
  return "elsewhere";
}

testing::DestinationDatabase::Row row_of(const freight_demo::DemoPerson& person) {
  std::optional<std::string> born;
  if (!person.born.empty()) born = person.born;
  const bool active = person.active == "true" || person.active == "yes" || person.active == "1";
  return {person.id,    person.first_name, person.last_name,
          person.email, person.phone,      country_name(person.country),
          born,         person.balance,    active ? "1" : "0",
          person.note,  "freight"};
}

TEST_P(DemoMigration, RejectsWhatWasPlantedAndMovesTheRestUnchanged) {
  const Job job = run();
  EXPECT_EQ(job.status, JobStatus::completed_with_errors);
  EXPECT_EQ(job.records.read, record_count);
  EXPECT_EQ(job.records.succeeded, record_count - fault_count);
  EXPECT_EQ(job.records.rejected, fault_count);

  const auto letters = storage_->jobs().list_dead_letters(
      job.tenant_id, job.id, {.first_ordinal = 0, .limit = 2 * fault_count});
  ASSERT_EQ(letters.size(), planted_.size());
  std::set<std::uint64_t> faulty;
  for (std::size_t index = 0; index < letters.size(); ++index) {
    expect_rejected_as_planted(letters[index], planted_[index], data_);
    faulty.insert(planted_[index].ordinal);
  }

  const auto rows = database_->query(
      "SELECT id, first_name, last_name, email, phone, country, born, balance, "
      "CASE WHEN active THEN 1 ELSE 0 END, note, imported_by FROM people ORDER BY id");
  ASSERT_EQ(rows.size(), record_count - fault_count);
  auto row = rows.begin();
  for (std::uint64_t ordinal = 0; ordinal < record_count; ++ordinal) {
    if (faulty.contains(ordinal)) continue;
    ASSERT_EQ(*row, row_of(freight_demo::demo_person(data_seed, ordinal))) << "record " << ordinal;
    ++row;
  }
}

std::vector<Migration> migrations() {
  std::vector<Migration> all;
  for (const bool crlf : {false, true}) {
    for (const bool mark : {false, true}) {
      const std::string form =
          std::string(crlf ? "Crlf" : "Lf") + (mark ? "WithByteOrderMark" : "");
      all.push_back(
          {"Sqlite" + form, testing::make_sqlite_test_database, "csv_to_sqlite.json", crlf, mark});
      all.push_back({"Postgresql" + form, testing::make_postgresql_test_database,
                     "csv_to_postgresql.json", crlf, mark});
    }
  }
  return all;
}

INSTANTIATE_TEST_SUITE_P(Demo, DemoMigration, ::testing::ValuesIn(migrations()),
                         [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace freight
