#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "connectors/json/object_reader.hpp"
#include "freight/job_spec.hpp"
#include "freight/record.hpp"

namespace freight::json {

/// Whether a job cares for the keys of records beyond those that it can use.
bool minds_extra_fields(const JobSpec& spec);

/// Where the members of JSON objects stand in the fields of a batch. Immutable and thread-safe.
class RecordLayout {
 public:
  /// `names` are without repetition. With `keep_extra_fields` the names of members beyond them go
  /// to RecordBatch::extra_fields, up to some for each record.
  RecordLayout(std::vector<std::string> names, bool keep_extra_fields);

  const std::shared_ptr<const std::vector<std::string>>& names() const { return names_; }

  /// Fills the fields of the batch's record `index`, absent so far. Of members of one name the last
  /// wins.
  void place(std::span<const Member> members, std::size_t index, RecordBatch& batch) const;

 private:
  std::shared_ptr<const std::vector<std::string>> names_;
  std::unordered_map<std::string_view, std::size_t> column_of_;
  bool keep_extra_fields_;
};

}  // namespace freight::json
