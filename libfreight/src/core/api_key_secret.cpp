#include "core/api_key_secret.hpp"

#include <array>

#include <openssl/rand.h>

#include "freight/error.hpp"

namespace freight::core {

std::string make_api_key_secret() {
  constexpr std::string_view alphabet =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  constexpr std::size_t length = 40;
  // Bytes from here on are dropped: they would make some characters likelier than others.
  constexpr unsigned fair_bytes = 256 / alphabet.size() * alphabet.size();
  std::string secret(api_key_prefix);
  while (secret.size() < api_key_prefix.size() + length) {
    std::array<unsigned char, 64> bytes{};
    if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) {
      throw Error(Code::internal, "OpenSSL has no randomness for a key");
    }
    for (const unsigned char byte : bytes) {
      if (byte < fair_bytes && secret.size() < api_key_prefix.size() + length) {
        secret += alphabet[byte % alphabet.size()];
      }
    }
  }
  return secret;
}

}  // namespace freight::core
