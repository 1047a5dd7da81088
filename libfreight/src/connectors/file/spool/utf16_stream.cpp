#include "connectors/file/spool/utf16_stream.hpp"

#include <algorithm>
#include <cstring>

namespace freight::spool {
namespace {

constexpr std::size_t units_at_once = std::size_t{64} * 1024;

bool is_high(std::uint32_t unit) { return unit >= 0xD800 && unit < 0xDC00; }
bool is_low(std::uint32_t unit) { return unit >= 0xDC00 && unit < 0xE000; }

}  // namespace

std::size_t Utf16Stream::read(std::span<char> bytes) {
  while (given_ == text_.size()) {
    text_.clear();
    given_ = 0;
    if (!refill()) return 0;
  }
  const std::size_t size = std::min(bytes.size(), text_.size() - given_);
  std::memcpy(bytes.data(), text_.data() + given_, size);
  places_.add({text_.data() + given_, size});
  given_ += size;
  return size;
}

/// False when nothing follows.
bool Utf16Stream::refill() {
  if (is_at_end_) return false;
  const std::size_t kept = packed_.size();
  packed_.resize(kept + units_at_once);
  const std::size_t size = units_.read({packed_.data() + kept, units_at_once});
  packed_.resize(kept + size);
  convert();
  if (size > 0) return true;
  is_at_end_ = true;
  if (high_ != 0) append(high_);
  if (!packed_.empty()) text_ += '\xFF';
  return true;
}

/// All whole units.
void Utf16Stream::convert() {
  const std::size_t whole = packed_.size() - packed_.size() % 2;
  for (std::size_t place = 0; place < whole; place += 2) {
    const auto first = static_cast<unsigned char>(packed_[place]);
    const auto second = static_cast<unsigned char>(packed_[place + 1]);
    const std::uint32_t unit = is_big_endian_ ? (std::uint32_t{first} << 8U) | second
                                              : (std::uint32_t{second} << 8U) | first;
    if (high_ != 0 && is_low(unit)) {
      append(0x10000U + ((high_ - 0xD800U) << 10U) + (unit - 0xDC00U));
      high_ = 0;
      continue;
    }
    if (high_ != 0) append(high_);
    high_ = is_high(unit) ? unit : 0;
    if (high_ == 0) append(unit);
  }
  packed_.erase(0, whole);
}

void Utf16Stream::append(std::uint32_t code_point) {
  const auto continuation = [&](unsigned shift) {
    return static_cast<char>(0x80U | ((code_point >> shift) & 0x3FU));
  };
  if (code_point < 0x80) {
    text_ += static_cast<char>(code_point);
  } else if (code_point < 0x800) {
    text_ += static_cast<char>(0xC0U | (code_point >> 6U));
    text_ += continuation(0);
  } else if (code_point < 0x10000) {
    text_ += static_cast<char>(0xE0U | (code_point >> 12U));
    text_ += continuation(6);
    text_ += continuation(0);
  } else {
    text_ += static_cast<char>(0xF0U | (code_point >> 18U));
    text_ += continuation(12);
    text_ += continuation(6);
    text_ += continuation(0);
  }
}

}  // namespace freight::spool
