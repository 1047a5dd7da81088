#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "connectors/csv/csv_source.hpp"
#include "freight/error.hpp"
#include "freight/job_spec.hpp"
#include "support/file_writing.hpp"
#include "support/source_reading.hpp"
#include "support/temporary_folder.hpp"

namespace freight::testing {

/// A CSV file of a text, and the source over it. Change `csv()` before the source is made.
class CsvFile {
 public:
  explicit CsvFile(std::string_view text, Encoding encoding = Encoding::utf_8) {
    spec_.source = CsvSourceSpec{.path = folder_ / "input.csv", .encoding = encoding};
    write_file(path(), text);
  }

  JobSpec& spec() { return spec_; }
  CsvSourceSpec& csv() { return std::get<CsvSourceSpec>(spec_.source); }
  CsvDialect& dialect() { return csv().dialect; }
  PlanLimits& limits() { return limits_; }
  std::filesystem::path path() const { return folder_ / "input.csv"; }

  std::unique_ptr<Source> make_source() const {
    return connectors::make_csv_source({.spec = spec_},
                                       std::make_shared<spool::Spool>(folder_.path()));
  }
  SourceDescription describe() const {
    ConnectorContext context;
    return make_source()->describe(context);
  }
  std::vector<BatchRange> plan() const { return plan_all(*make_source(), limits_); }
  std::vector<ReadRecord> read() const {
    const auto source = make_source();
    return read_all(*source, plan_all(*source, limits_));
  }

 private:
  TemporaryFolder folder_;
  JobSpec spec_;
  PlanLimits limits_;
};

/// Code, message and hint of the error that `action` throws.
template <typename Action>
Failure failure_from(Action&& action) {
  try {
    action();
  } catch (const Error& error) {
    return failure_of(error);
  }
  ADD_FAILURE() << "nothing was thrown";
  return {};
}

}  // namespace freight::testing
