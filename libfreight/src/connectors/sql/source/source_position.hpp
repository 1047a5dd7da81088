#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace freight::sql {

/// A row's key, each column in the database's own exact text.
using SourceKey = std::vector<std::string>;

/// Where planning goes on.
struct SourcePosition {
  std::uint64_t ordinal = 0;
  /// The key of the last row that was planned; nullopt at the start and without a key.
  std::optional<SourceKey> after;
  /// The greatest key when planning began: what came later is not of this job. nullopt when there
  /// was no row, and without a key.
  std::optional<SourceKey> end = {};
};

/// What a range holds: the rows with a key greater than `after` and up to `last`. Both are nullopt
/// without a key.
struct SourceRangeKeys {
  std::optional<SourceKey> after;
  std::optional<SourceKey> last;
};

/// JSON with a version, for PlanChunk::position and BatchRange::locator.
std::string encode_position(const SourcePosition& position);
std::string encode_range(const SourceRangeKeys& range);

/// The empty text is the start. Throw Error(newer_format) for a later version's text, and
/// Error(internal) for one that is not theirs; `key_columns` is how many columns a key has.
SourcePosition decode_position(std::string_view text, std::size_t key_columns);
SourceRangeKeys decode_range(std::string_view text, std::size_t key_columns);

}  // namespace freight::sql
