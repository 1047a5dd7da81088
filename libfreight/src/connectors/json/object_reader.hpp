#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "freight/codes.hpp"
#include "freight/record.hpp"

namespace freight::json {

/// Why a text is no record, and at which byte of it.
struct Fault {
  Code code = Code::invalid_json;
  std::size_t offset = 0;
  /// In words, without the place.
  std::string_view reason;
};

struct Member {
  std::string_view name;
  SourceField value;
};

/// Reads one JSON object (RFC 8259, strictly) into the fields of a record. Numbers keep their
/// digits, integers beyond 64 bits are decimals, objects and arrays stay JSON text. Nothing is
/// nested deeper than 512. Linear time, no recursion. Keeps its memory from call to call; not
/// thread-safe.
class ObjectReader {
 public:
  static constexpr std::size_t deepest = 512;

  /// Reads `text`; nullopt when it is an object. Members are slices of `text`, and of `arena` where
  /// escapes had to be taken out.
  std::optional<Fault> read(std::string_view text, TextArena& arena);

  /// Of the object that was read last, in its order. A name may occur more than once: the last
  /// wins.
  std::span<const Member> members() const { return members_; }

 private:
  std::vector<Member> members_;
};

}  // namespace freight::json
