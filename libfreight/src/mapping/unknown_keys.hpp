#pragma once

#include <string>
#include <unordered_set>

#include "freight/destination.hpp"
#include "freight/record.hpp"

namespace freight::mapping {

/// What is said of keys of single records that no column takes.
class UnknownKeys {
 public:
  UnknownKeys() = default;
  /// Of a job whose names could be matched loosely, and are not.
  explicit UnknownKeys(const DestinationCatalog& catalog);

  RecordError error_of(const std::string& key) const;

 private:
  /// The columns as a loose match knows them.
  std::unordered_set<std::string> folded_;
};

}  // namespace freight::mapping
