#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "freight/job_store.hpp"
#include "freight/record.hpp"
#include "mapping/field_reader.hpp"

namespace freight::mapping {

/// What an exception row keeps of its record: position, raw text and key values. Immutable.
class RecordEvidence {
 public:
  struct Key {
    std::string name;
    /// In the source's layout; nullopt for a field that the source lacks, and for a constant.
    std::optional<std::size_t> index;
    /// The text of a constant.
    std::optional<std::string> constant = {};
  };

  RecordEvidence(std::vector<Key> key, bool store_raw)
      : key_(std::move(key)), store_raw_(store_raw) {}

  /// Without errors. `index` is the record's in the batch.
  RecordException of(const RecordBatch& batch, std::size_t index, Outcome outcome) const;

 private:
  std::string key_values(const SourceField* fields) const;

  std::vector<Key> key_;
  bool store_raw_;
};

}  // namespace freight::mapping
