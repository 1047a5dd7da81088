#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace freight::file {

/// How many bytes of a UTF-16 file a piece of its text in UTF-8 was. The text may be cut anywhere:
/// what is added to a character's first byte counts for all of it. A byte 0xFF, which no text has,
/// stands for half a unit at the file's end.
std::uint64_t utf16_bytes(std::string_view utf8);

/// Where the text of a UTF-16 file, laid out in UTF-8, stands in the file: every step of text one
/// place. Eight bytes for 64 KiB of text.
class PlaceIndex {
 public:
  static constexpr std::uint64_t step = std::uint64_t{64} * 1024;

  /// The text goes on with `utf8`.
  void add(std::string_view utf8);

  /// The step that holds `offset` of the text: where it begins there, and in the file.
  struct Known {
    std::uint64_t offset = 0;
    std::uint64_t place = 0;
  };
  Known before(std::uint64_t offset) const;

 private:
  std::vector<std::uint64_t> places_{0};
  std::uint64_t size_ = 0;
  std::uint64_t place_ = 0;
};

}  // namespace freight::file
