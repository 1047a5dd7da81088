#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "freight/error.hpp"
#include "freight/job_spec.hpp"

namespace freight {

inline void PrintTo(const SpecError& error, std::ostream* out) {
  *out << '[' << error.pointer << "] " << to_string(error.code) << ": " << error.detail;
}

}  // namespace freight

namespace freight::testing_spec {

/// The smallest source and destination.
inline constexpr std::string_view csv_source = R"({"type": "csv", "path": "in.csv"})";
inline constexpr std::string_view null_destination = R"({"type": "null"})";

/// A spec with a section more: `with(R"("mode": "run")")`.
inline std::string with(std::string_view more) {
  std::string text = R"({"source": )" + std::string(csv_source) + R"(, "destination": )" +
                     std::string(null_destination);
  if (!more.empty()) text += ", " + std::string(more);
  return text + "}";
}

inline std::string with_source(std::string_view source) {
  return R"({"source": )" + std::string(source) + R"(, "destination": {"type": "null"}})";
}

inline std::string with_destination(std::string_view destination) {
  return R"({"source": {"type": "csv", "path": "in.csv"}, "destination": )" +
         std::string(destination) + "}";
}

inline std::string with_field(std::string_view members) {
  return with(R"("schema": {"fields": [{"name": "f", )" + std::string(members) + "}]}");
}

inline std::string with_entry(std::string_view members) {
  return with(R"("mapping": [{"to": "t", )" + std::string(members) + "}]");
}

/// Options with a base folder and an environment.
inline SpecOptions options_with(std::map<std::string, std::string> environment = {}) {
  SpecOptions options;
  options.base_folder = "/base";
  options.environment = [environment = std::move(environment)](
                            const std::string& name) -> std::optional<std::string> {
    const auto found = environment.find(name);
    if (found == environment.end()) return std::nullopt;
    return found->second;
  };
  return options;
}

inline SpecResult parse(std::string_view json) { return parse_job_spec(json, options_with()); }

/// The spec; the test fails with all errors when there is none.
inline JobSpec parse_good(std::string_view json, const SpecOptions& options = options_with()) {
  SpecResult result = parse_job_spec(json, options);
  for (const SpecError& error : result.errors) {
    ADD_FAILURE() << testing::PrintToString(error) << "\nin " << json.substr(0, 2000);
  }
  return result.spec.value_or(JobSpec{});
}

/// `pointer code`, sorted: what a case expects and what it gets are compared as text.
inline std::vector<std::string> found_errors(const SpecResult& result) {
  std::vector<std::string> found;
  for (const SpecError& error : result.errors) {
    found.push_back(error.pointer + ' ' + std::string(to_string(error.code)));
  }
  std::sort(found.begin(), found.end());
  return found;
}

inline std::string all_details(const SpecResult& result) {
  std::string details;
  for (const SpecError& error : result.errors) details += error.detail + '\n';
  return details;
}

/// A spec and everything that must be found wrong with it.
struct WrongSpec {
  /// Of the test; letters and digits.
  std::string name;
  std::string json;
  /// As found_errors() gives them.
  std::vector<std::string> errors;
};

inline void PrintTo(const WrongSpec& wrong, std::ostream* out) { *out << wrong.json; }

class RefusedSpec : public testing::TestWithParam<WrongSpec> {
 protected:
  void expect_refused() const {
    const SpecResult result = parse_job_spec(GetParam().json, options_with());
    EXPECT_FALSE(result.spec);
    EXPECT_EQ(found_errors(result), GetParam().errors) << all_details(result);
  }
};

inline std::string name_of_case(const testing::TestParamInfo<WrongSpec>& info) {
  return info.param.name;
}

}  // namespace freight::testing_spec
