#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/spec/json_value.hpp"
#include "freight/job_spec.hpp"

namespace freight::report {

/// What a job's stored spec says, read without the secrets and files that running it would need.
class StoredSpec {
 public:
  /// `json` is Job::spec.
  explicit StoredSpec(std::string_view json);

  /// Without inline records; `{}` when there is no spec.
  std::string display_json() const;
  /// A string within the spec by the keys that lead to it; empty when there is none.
  std::string text(std::string_view section, std::string_view key) const;
  std::string mode() const;
  bool has(std::string_view section) const;
  /// Of a member that is true or false; false when there is none.
  bool flag(std::string_view name) const;
  /// nullopt when the source is no CSV file.
  std::optional<CsvDialect> csv_dialect() const;
  /// Of the source's file; UTF-8 for what is none.
  Encoding encoding() const;

 private:
  const core::spec::JsonValue* section(std::string_view name) const;

  std::optional<core::spec::JsonValue> value_;
};

}  // namespace freight::report
