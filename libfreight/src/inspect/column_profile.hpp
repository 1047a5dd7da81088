#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "freight/inspection.hpp"
#include "freight/record.hpp"
#include "mapping/values/arena_writer.hpp"

namespace freight::inspect {

/// Counts what the sampled values of one column are. Its memory does not depend on their number
/// beyond a limit. Not thread-safe.
class ColumnProfile {
 public:
  /// How one reading fared.
  struct Count {
    std::size_t reading = 0;
    std::uint64_t fitting = 0;
    /// Values of a short year that lie in the future.
    std::uint64_t in_future = 0;
    /// The first value that it does not take.
    std::string first_other;
  };

  /// `today` is an ISO 8601 date.
  explicit ColumnProfile(std::string today) : today_(std::move(today)) {}

  /// One record's value.
  void add(const SourceField& field, mapping::ArenaWriter& writer);

  /// Records that do not have the field at all.
  void add_absent(std::uint64_t records) { empty_ += records; }

  /// Values, words that may stand for a missing one not counted.
  std::uint64_t values() const { return values_; }
  /// Empty, null or absent.
  std::uint64_t empty() const { return empty_; }
  const std::map<std::string, std::uint64_t, std::less<>>& words() const { return words_; }
  std::uint64_t longest() const { return longest_; }
  std::uint64_t of_kind(FieldKind kind) const { return kinds_[static_cast<std::size_t>(kind)]; }
  /// Of the readings that took one of the first values, in the order of all_readings().
  const std::vector<Count>& counts() const { return counts_; }
  /// No two values were alike; false also for more values than are remembered.
  bool unique();
  /// Not all values are the same text: a column of nothing but F may be anything.
  bool has_two_values() const { return has_two_values_; }

 private:
  void try_readings(std::string_view text, mapping::ArenaWriter& writer);
  void drop_hopeless();
  void note_hash(std::uint64_t hash);
  bool has_repetition();

  std::string today_;
  std::uint64_t values_ = 0;
  std::uint64_t empty_ = 0;
  std::uint64_t longest_ = 0;
  std::array<std::uint64_t, 10> kinds_{};
  std::map<std::string, std::uint64_t, std::less<>> words_;
  std::vector<Count> counts_;
  std::uint64_t first_hash_ = 0;
  bool has_two_values_ = false;
  bool may_be_unique_ = true;
  std::vector<std::uint64_t> hashes_;
  std::size_t next_look_ = 1024;
};

}  // namespace freight::inspect
