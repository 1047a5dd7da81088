#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "freight/record.hpp"

namespace freight::mapping {

/// The names of the extra fields of each record that has some, taken in record order.
class ExtraFields {
 public:
  explicit ExtraFields(const RecordBatch& batch) {
    for (const auto& field : batch.extra_fields) fields_.push_back(&field);
    std::stable_sort(fields_.begin(), fields_.end(), [](const auto* left, const auto* right) {
      return left->first < right->first;
    });
  }

  template <typename Take>
  void take(std::size_t record, const Take& take) {
    while (next_ < fields_.size() && fields_[next_]->first <= record) {
      if (fields_[next_]->first == record) take(fields_[next_]->second);
      ++next_;
    }
  }

 private:
  std::vector<const std::pair<std::uint32_t, std::string>*> fields_;
  std::size_t next_ = 0;
};

}  // namespace freight::mapping
