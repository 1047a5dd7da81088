#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace freight::file {

/// Sixteen bytes of text that can be asked where a byte stands: bit i of a mask is byte i.
class Block {
 public:
  static constexpr std::size_t size = 16;

#ifdef __SSE2__
  explicit Block(const char* text)
      : bytes_(_mm_loadu_si128(reinterpret_cast<const __m128i*>(text))) {}

  std::uint32_t equal(char byte) const { return mask(_mm_cmpeq_epi8(bytes_, _mm_set1_epi8(byte))); }
  std::uint32_t equal(char first, char second) const {
    return mask(_mm_or_si128(_mm_cmpeq_epi8(bytes_, _mm_set1_epi8(first)),
                             _mm_cmpeq_epi8(bytes_, _mm_set1_epi8(second))));
  }
  std::uint32_t beyond_ascii() const { return mask(bytes_); }

 private:
  static std::uint32_t mask(__m128i matches) {
    return static_cast<std::uint32_t>(_mm_movemask_epi8(matches));
  }

  __m128i bytes_;
#else
  explicit Block(const char* text) { std::memcpy(bytes_.data(), text, size); }

  std::uint32_t equal(char byte) const { return equal(byte, byte); }
  std::uint32_t equal(char first, char second) const {
    std::uint32_t mask = 0;
    for (std::size_t index = 0; index < size; ++index) {
      const bool match = bytes_[index] == first || bytes_[index] == second;
      mask |= static_cast<std::uint32_t>(match) << index;
    }
    return mask;
  }
  std::uint32_t beyond_ascii() const {
    std::uint32_t mask = 0;
    for (std::size_t index = 0; index < size; ++index) {
      mask |= (static_cast<std::uint32_t>(static_cast<unsigned char>(bytes_[index])) >> 7U)
              << index;
    }
    return mask;
  }

 private:
  std::array<char, size> bytes_;
#endif
};

/// The first of [begin, end) that is `first` or `second`; `end` when there is none.
inline const char* find_either(const char* begin, const char* end, char first, char second) {
  while (static_cast<std::size_t>(end - begin) >= Block::size) {
    const std::uint32_t matches = Block(begin).equal(first, second);
    if (matches != 0) return begin + std::countr_zero(matches);
    begin += Block::size;
  }
  while (begin != end && *begin != first && *begin != second) ++begin;
  return begin;
}

/// The first of [begin, end) that is one of four; `end` when there is none.
inline const char* find_any(const char* begin, const char* end, char first, char second, char third,
                            char fourth) {
  while (static_cast<std::size_t>(end - begin) >= Block::size) {
    const Block block(begin);
    const std::uint32_t matches = block.equal(first, second) | block.equal(third, fourth);
    if (matches != 0) return begin + std::countr_zero(matches);
    begin += Block::size;
  }
  while (begin != end && *begin != first && *begin != second && *begin != third &&
         *begin != fourth) {
    ++begin;
  }
  return begin;
}

/// The first of [begin, end) that is `byte`; `end` when there is none.
inline const char* find_byte(const char* begin, const char* end, char byte) {
  if (begin == end) return end;
  const void* const found = std::memchr(begin, byte, static_cast<std::size_t>(end - begin));
  return found == nullptr ? end : static_cast<const char*>(found);
}

}  // namespace freight::file
