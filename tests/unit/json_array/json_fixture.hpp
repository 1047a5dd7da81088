#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "connectors/json_array/json_source.hpp"
#include "freight/error.hpp"
#include "freight/job_spec.hpp"
#include "support/file_writing.hpp"
#include "support/source_reading.hpp"
#include "support/temporary_folder.hpp"

namespace freight::testing {

/// A file with a JSON text, and the source over it. Change json() before the source is made.
class JsonFile {
 public:
  explicit JsonFile(std::string_view text, std::string pointer = {}) {
    spec_.source = JsonSourceSpec{.path = path(), .records_pointer = std::move(pointer)};
    spec_.destination = NullDestinationSpec{};
    write_file(path(), text);
  }

  JobSpec& spec() { return spec_; }
  JsonSourceSpec& json() { return std::get<JsonSourceSpec>(spec_.source); }
  PlanLimits& limits() { return limits_; }
  std::filesystem::path path() const { return folder_ / "input.json"; }

  std::unique_ptr<Source> make_source() const {
    return connectors::make_json_source({.spec = spec_},
                                        std::make_shared<spool::Spool>(folder_.path()));
  }
  SourceDescription describe() const {
    ConnectorContext context;
    return make_source()->describe(context);
  }

  /// The records laid out in `fields`.
  std::vector<ReadRecord> read(std::vector<std::string> fields) const {
    const auto source = make_source();
    ConnectorContext context;
    source->describe(context);
    source->use_fields(std::move(fields));
    return read_all(*source, plan_all(*source, limits_));
  }

  /// What reading all of it is refused with.
  Failure refusal() const {
    try {
      read({"a"});
    } catch (const Error& error) {
      return failure_of(error);
    }
    ADD_FAILURE() << "nothing was thrown";
    return {};
  }

 private:
  TemporaryFolder folder_;
  JobSpec spec_;
  PlanLimits limits_;
};

}  // namespace freight::testing
