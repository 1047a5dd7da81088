#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "connectors/jsonl/jsonl_source.hpp"
#include "freight/error.hpp"
#include "freight/job_spec.hpp"
#include "support/file_writing.hpp"
#include "support/source_reading.hpp"
#include "support/temporary_folder.hpp"

namespace freight::testing {

/// A JSONL file of a text, and the source over it. Change spec() before the source is made.
class JsonlFile {
 public:
  explicit JsonlFile(std::string_view text) {
    spec_.source = JsonlSourceSpec{.path = path()};
    spec_.destination = NullDestinationSpec{};
    write_file(path(), text);
  }

  JobSpec& spec() { return spec_; }
  JsonlSourceSpec& jsonl() { return std::get<JsonlSourceSpec>(spec_.source); }
  PlanLimits& limits() { return limits_; }
  std::filesystem::path path() const { return folder_ / "input.jsonl"; }

  std::unique_ptr<Source> make_source() const {
    return connectors::make_jsonl_source({.spec = spec_},
                                         std::make_shared<spool::Spool>(folder_.path()));
  }
  SourceDescription describe() const {
    ConnectorContext context;
    return make_source()->describe(context);
  }
  std::vector<BatchRange> plan() const { return plan_all(*make_source(), limits_); }

  /// The records laid out in `fields`.
  std::vector<ReadRecord> read(std::vector<std::string> fields) const {
    const auto source = make_source();
    ConnectorContext context;
    source->describe(context);
    source->use_fields(std::move(fields));
    return read_all(*source, plan_all(*source, limits_));
  }

 private:
  TemporaryFolder folder_;
  JobSpec spec_;
  PlanLimits limits_;
};

}  // namespace freight::testing
