#include "inspect/column_profile.hpp"

#include <algorithm>
#include <functional>

#include "core/utf8.hpp"
#include "inspect/reading.hpp"
#include "mapping/values/unicode.hpp"

namespace freight::inspect {
namespace {

/// Every reading is tried on so many values; later only those that took one of them.
constexpr std::uint64_t values_for_all = 32;
constexpr std::uint64_t values_to_drop = 1024;
constexpr std::size_t most_hashes = 2'000'000;
constexpr std::size_t longest_example = 40;

}  // namespace

void ColumnProfile::add(const SourceField& field, mapping::ArenaWriter& writer) {
  if (field.kind <= FieldKind::null || field.size == 0) {
    ++empty_;
    return;
  }
  const std::string_view text = field.text();
  if (field.kind < FieldKind::integer && is_missing_word(text)) {
    ++words_[std::string(text)];
    return;
  }
  ++kinds_[static_cast<std::size_t>(field.kind)];
  ++values_;
  longest_ = std::max<std::uint64_t>(longest_, mapping::count_code_points(text));
  const std::uint64_t hash = std::hash<std::string_view>{}(text);
  if (values_ == 1) first_hash_ = hash;
  has_two_values_ = has_two_values_ || hash != first_hash_;
  note_hash(hash);
  if (field.kind < FieldKind::integer) try_readings(text, writer);
}

void ColumnProfile::try_readings(std::string_view text, mapping::ArenaWriter& writer) {
  const auto& readings = all_readings();
  if (values_ == 1) {
    counts_.resize(readings.size());
    for (std::size_t index = 0; index < counts_.size(); ++index) counts_[index].reading = index;
  }
  if (values_ == values_for_all || values_ % values_to_drop == 0) drop_hopeless();
  for (Count& count : counts_) {
    const Reading& reading = readings[count.reading];
    std::string_view canonical;
    if (!reading.takes(text, writer, canonical)) {
      if (count.first_other.empty()) count.first_other = core::cut_utf8(text, longest_example);
      continue;
    }
    ++count.fitting;
    if (reading.has_short_year() && canonical.substr(0, today_.size()) > today_) ++count.in_future;
  }
}

/// What takes none of the first values, or less than half of many, is not what the column is.
void ColumnProfile::drop_hopeless() {
  const std::uint64_t needed = values_ < values_to_drop ? 1 : values_ / 2;
  std::erase_if(counts_, [needed](const Count& count) { return count.fitting < needed; });
}

void ColumnProfile::note_hash(std::uint64_t hash) {
  if (!may_be_unique_) return;
  hashes_.push_back(hash);
  if (hashes_.size() < next_look_) return;
  next_look_ = 2 * hashes_.size();
  if (has_repetition() || hashes_.size() > most_hashes) {
    may_be_unique_ = false;
    std::vector<std::uint64_t>().swap(hashes_);
  }
}

bool ColumnProfile::has_repetition() {
  std::sort(hashes_.begin(), hashes_.end());
  return std::adjacent_find(hashes_.begin(), hashes_.end()) != hashes_.end();
}

bool ColumnProfile::unique() { return may_be_unique_ && values_ > 0 && !has_repetition(); }

}  // namespace freight::inspect
