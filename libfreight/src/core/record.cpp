#include "freight/record.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "core/enum_names.hpp"

namespace freight {
namespace {

constexpr core::EnumNames<11> value_type_names{"string",  "integer", "number", "decimal",
                                               "boolean", "date",    "time",   "datetime",
                                               "uuid",    "json",    "binary"};
constexpr core::EnumNames<5> stage_names{"parse", "filter", "map", "validate", "write"};
constexpr core::EnumNames<5> outcome_names{"succeeded", "rejected", "skipped", "filtered",
                                           "pending"};

constexpr std::size_t smallest_block = 64 * 1024;
constexpr std::size_t largest_regular_block = 1024 * 1024;

}  // namespace

std::string_view to_string(ValueType type) { return core::enum_name(value_type_names, type); }
std::optional<ValueType> parse_value_type(std::string_view name) {
  return core::parse_enum<ValueType>(value_type_names, name);
}

std::string_view to_string(Stage stage) { return core::enum_name(stage_names, stage); }
std::optional<Stage> parse_stage(std::string_view name) {
  return core::parse_enum<Stage>(stage_names, name);
}

std::string_view to_string(Outcome outcome) { return core::enum_name(outcome_names, outcome); }
std::optional<Outcome> parse_outcome(std::string_view name) {
  return core::parse_enum<Outcome>(outcome_names, name);
}

char* TextArena::allocate(std::size_t size) {
  if (blocks_.empty() || size > blocks_.back().size - used_) {
    const std::size_t grown = blocks_.empty() ? smallest_block : blocks_.back().size * 2;
    const std::size_t block = std::max(size, std::min(grown, largest_regular_block));
    blocks_.push_back({std::make_unique_for_overwrite<char[]>(block), block});
    used_ = 0;
  }
  char* const bytes = blocks_.back().bytes.get() + used_;
  used_ += size;
  return bytes;
}

std::string_view TextArena::copy(std::string_view text) {
  char* const bytes = allocate(text.size());
  if (!text.empty()) std::memcpy(bytes, text.data(), text.size());
  return {bytes, text.size()};
}

void TextArena::shrink_last(std::size_t allocated, std::size_t used) { used_ -= allocated - used; }

void TextArena::clear() {
  used_ = 0;
  if (blocks_.size() < 2) return;
  // One block that served a whole batch before will mostly serve the next one.
  const auto largest = std::max_element(
      blocks_.begin(), blocks_.end(),
      [](const Block& left, const Block& right) { return left.size < right.size; });
  std::swap(*largest, blocks_.front());
  blocks_.resize(1);
}

void RecordBatch::clear() {
  layout.reset();
  buffer.clear();
  arena.clear();
  records.clear();
  fields.clear();
  errors.clear();
  extra_fields.clear();
  raw_from_fields = false;
}

}  // namespace freight
