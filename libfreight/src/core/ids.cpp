#include "freight/ids.hpp"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <random>

#include "core/hex.hpp"

namespace freight {
namespace {

constexpr std::uint64_t random_a_bits = 12;
constexpr std::uint64_t random_b_bits = 62;
constexpr std::uint64_t random_a_limit = std::uint64_t{1} << random_a_bits;
constexpr std::uint64_t random_b_limit = std::uint64_t{1} << random_b_bits;

std::mt19937_64 seeded_generator() {
  std::random_device device;
  std::seed_seq seed{device(), device(), device(), device(),
                     device(), device(), device(), device()};
  return std::mt19937_64(seed);
}

/// What makes the ids of one thread: within a millisecond (or while the clock stands behind the
/// last id) the random part goes up by a random step, RFC 9562 section 6.2 method 2.
class Generator {
 public:
  Uuid next() {
    // A fork copies this state: the child must not make its parent's ids again.
    if (const pid_t process = ::getpid(); process != process_) {
      process_ = process;
      random_ = seeded_generator();
    }
    const auto now = std::chrono::duration_cast<std::chrono::milliseconds>(
                         std::chrono::system_clock::now().time_since_epoch())
                         .count();
    const auto milliseconds = static_cast<std::uint64_t>(std::max<std::int64_t>(now, 0));
    if (milliseconds > milliseconds_) {
      begin(milliseconds);
    } else {
      step();
    }
    return current();
  }

 private:
  void begin(std::uint64_t milliseconds) {
    milliseconds_ = milliseconds;
    random_a_ = random_() % random_a_limit;
    random_b_ = random_() % random_b_limit;
  }

  void step() {
    random_b_ += 1 + random_() % std::numeric_limits<std::uint32_t>::max();
    if (random_b_ < random_b_limit) return;
    random_b_ -= random_b_limit;
    if (++random_a_ == random_a_limit) begin(milliseconds_ + 1);
  }

  Uuid current() const {
    Uuid::Bytes bytes{};
    const std::uint64_t high = milliseconds_ << 16 | std::uint64_t{7} << 12 | random_a_;
    const std::uint64_t low = std::uint64_t{2} << random_b_bits | random_b_;
    for (std::size_t index = 0; index < 8; ++index) {
      const auto shift = 56 - 8 * index;
      bytes[index] = static_cast<std::uint8_t>(high >> shift);
      bytes[index + 8] = static_cast<std::uint8_t>(low >> shift);
    }
    return Uuid(bytes);
  }

  pid_t process_ = ::getpid();
  std::mt19937_64 random_ = seeded_generator();
  std::uint64_t milliseconds_ = 0;
  std::uint64_t random_a_ = 0;
  std::uint64_t random_b_ = 0;
};

constexpr std::size_t text_length = 36;

constexpr bool is_dash(std::size_t position) {
  return position == 8 || position == 13 || position == 18 || position == 23;
}

}  // namespace

Uuid Uuid::generate() {
  thread_local Generator generator;
  return generator.next();
}

std::optional<Uuid> Uuid::parse(std::string_view text) {
  if (text.size() != text_length) return std::nullopt;
  Bytes bytes{};
  std::size_t digits = 0;
  for (std::size_t position = 0; position < text_length; ++position) {
    if (is_dash(position)) {
      if (text[position] != '-') return std::nullopt;
      continue;
    }
    const auto digit = core::hex_value(text[position]);
    if (!digit) return std::nullopt;
    auto& byte = bytes[digits / 2];
    byte = static_cast<std::uint8_t>(byte << 4 | *digit);
    ++digits;
  }
  return Uuid(bytes);
}

std::string Uuid::to_string() const {
  constexpr std::string_view hex = "0123456789abcdef";
  std::string text;
  text.reserve(text_length);
  for (const std::uint8_t byte : bytes_) {
    if (is_dash(text.size())) text += '-';
    text += hex[byte >> 4];
    text += hex[byte & 15];
  }
  return text;
}

}  // namespace freight
