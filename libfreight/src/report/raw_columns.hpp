#pragma once

#include <optional>
#include <string>
#include <vector>

#include "freight/job.hpp"
#include "report/stored_spec.hpp"

namespace freight::report {

/// Takes the raw text of rejected records apart into the source's columns, by position for CSV and
/// by name for JSON. Not thread-safe.
class RawColumns {
 public:
  RawColumns(const StoredSpec& spec, std::vector<std::string> names);

  const std::vector<std::string>& names() const { return names_; }

  /// A value for each name; nullopt where the record has none, and everywhere when its raw text was
  /// not kept whole: half a value must not be taken for one.
  std::vector<std::optional<std::string>> split(const DeadLetter& record) const;

 private:
  void split_csv(const std::string& raw, std::vector<std::optional<std::string>>& values) const;
  void split_json(const std::string& raw, std::vector<std::optional<std::string>>& values) const;

  std::optional<CsvDialect> dialect_;
  bool is_json_;
  std::vector<std::string> names_;
};

}  // namespace freight::report
