#include "core/hash.hpp"

#include <xxhash.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <new>
#include <span>

#include <openssl/evp.h>

#include "core/hex.hpp"
#include "freight/error.hpp"

namespace freight::core {
namespace {

void put_hex(std::span<const unsigned char> bytes, char* out) {
  write_hex({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, out);
}

}  // namespace

std::string sha256_hex(std::string_view bytes) {
  std::string text(sha256_hex_size, '\0');
  sha256_hex(bytes, text.data());
  return text;
}

void sha256_hex(std::string_view bytes, char* out) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(), nullptr) != 1) {
    throw Error(Code::internal, "OpenSSL cannot compute SHA-256");
  }
  put_hex({digest.data(), sha256_hex_size / 2}, out);
}

struct ContentHash::State {
  State() : xxh3(XXH3_createState()) {
    if (xxh3 == nullptr) throw std::bad_alloc();
  }
  ~State() { XXH3_freeState(xxh3); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  XXH3_state_t* xxh3;
};

ContentHash::ContentHash() : state_(std::make_unique<State>()) { reset(); }
ContentHash::~ContentHash() = default;
ContentHash::ContentHash(ContentHash&&) noexcept = default;
ContentHash& ContentHash::operator=(ContentHash&&) noexcept = default;

void ContentHash::reset() { XXH3_128bits_reset(state_->xxh3); }

void ContentHash::update(std::string_view bytes) {
  XXH3_128bits_update(state_->xxh3, bytes.data(), bytes.size());
}

std::string ContentHash::hex() const {
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(state_->xxh3));
  std::string text(2 * sizeof canonical.digest, '\0');
  put_hex(canonical.digest, text.data());
  return text;
}

}  // namespace freight::core
