#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "connectors/file/place_index.hpp"
#include "connectors/file/spool/byte_stream.hpp"

namespace freight::spool {

/// The text of a UTF-16 file in UTF-8, its mark included. Half of a surrogate pair becomes what
/// UTF-8 would have for it if it had it, half a unit at the end a byte 0xFF: neither is valid, so
/// that the record that holds it is rejected.
class Utf16Stream final : public ByteStream {
 public:
  /// `units` must outlive this.
  Utf16Stream(ByteStream& units, bool is_big_endian)
      : units_(units), is_big_endian_(is_big_endian) {}

  std::size_t read(std::span<char> bytes) override;

  /// Of what was read so far.
  file::PlaceIndex take_places() { return std::move(places_); }

 private:
  bool refill();
  void convert();
  void append(std::uint32_t code_point);

  ByteStream& units_;
  const bool is_big_endian_;
  std::string packed_;
  /// Converted, and how much of it was handed on.
  std::string text_;
  std::size_t given_ = 0;
  file::PlaceIndex places_;
  /// A unit that may be the first of a pair; 0 for none.
  std::uint32_t high_ = 0;
  bool is_at_end_ = false;
};

}  // namespace freight::spool
