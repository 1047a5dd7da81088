#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace freight::file {

/// A part of a file that is in memory. Owns nothing.
struct Window {
  const char* data = nullptr;
  std::size_t size = 0;
  /// Of the first byte, in the file.
  std::uint64_t offset = 0;
  /// Nothing follows.
  bool is_last = false;

  std::uint64_t end() const { return offset + size; }
  bool holds(std::uint64_t place) const { return place >= offset && place < end(); }
  const char* at(std::uint64_t place) const { return data + (place - offset); }
  std::string_view text(std::uint64_t from, std::uint64_t to) const {
    return {at(from), static_cast<std::size_t>(to - from)};
  }
};

}  // namespace freight::file
