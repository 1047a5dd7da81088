#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace freight::core {

/// Hex SHA-256, for identities and fingerprints.
std::string sha256_hex(std::string_view bytes);
/// The same into `out`, which has room for its digits.
inline constexpr std::size_t sha256_hex_size = 64;
void sha256_hex(std::string_view bytes, char* out);

/// XXH3-128 (Yann Collet's xxHash) over pieces: tells changed bytes from unchanged ones at memory
/// speed; no defence against somebody who wants a collision. Not thread-safe.
class ContentHash {
 public:
  ContentHash();
  ~ContentHash();
  ContentHash(ContentHash&&) noexcept;
  ContentHash& operator=(ContentHash&&) noexcept;

  void reset();
  void update(std::string_view bytes);
  /// 32 hex digits. More may be added after it.
  std::string hex() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace freight::core
