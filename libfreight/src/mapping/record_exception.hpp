#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "freight/job_store.hpp"
#include "freight/record.hpp"
#include "mapping/field_reader.hpp"

namespace freight::mapping {

/// Makes the exception rows of records: position, raw text and key values. Immutable.
class ExceptionWriter {
 public:
  struct Key {
    std::string name;
    std::optional<std::size_t> index;
  };

  ExceptionWriter(std::vector<Key> key, bool store_raw)
      : key_(std::move(key)), store_raw_(store_raw) {}

  /// Without errors. `index` is the record's in the batch.
  RecordException exception(const RecordBatch& batch, std::size_t index, Outcome outcome) const;

 private:
  std::string key_values(const SourceField* fields) const;

  std::vector<Key> key_;
  bool store_raw_;
};

}  // namespace freight::mapping
