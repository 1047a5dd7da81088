#include "mapping/values/binary.hpp"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <vector>

#include <openssl/evp.h>

#include "core/hex.hpp"

namespace freight::mapping {

using core::binary_prefix;

namespace {

/// `digits` with the prefix before them, in lower case.
Fault with_prefix(std::string_view digits, ArenaWriter& writer, std::string_view& canonical) {
  if (digits.size() % 2 != 0) return Fault::malformed;
  const std::size_t size = binary_prefix.size() + digits.size();
  char* const out = writer.reserve(size);
  char* place = std::copy(binary_prefix.begin(), binary_prefix.end(), out);
  for (const char digit : digits) {
    if (!core::hex_value(digit)) return Fault::malformed;
    *place++ = digit >= 'A' && digit <= 'F' ? static_cast<char>(digit | 0x20) : digit;
  }
  canonical = writer.commit(size);
  return Fault::none;
}

}  // namespace

Fault convert_binary(std::string_view text, ArenaWriter& writer, std::string_view& canonical) {
  if (!text.starts_with(binary_prefix)) return Fault::malformed;
  const std::string_view digits = text.substr(binary_prefix.size());
  if (digits.size() % 2 == 0 && std::all_of(digits.begin(), digits.end(), core::is_lower_hex)) {
    canonical = text;
    return Fault::none;
  }
  return with_prefix(digits, writer, canonical);
}

Fault convert_hex(std::string_view text, ArenaWriter& writer, std::string_view& canonical) {
  if (text.starts_with(binary_prefix)) return convert_binary(text, writer, canonical);
  if (text.starts_with("0x") || text.starts_with("0X")) text.remove_prefix(2);
  return with_prefix(text, writer, canonical);
}

Fault convert_base64(std::string_view text, ArenaWriter& writer, std::string_view& canonical) {
  constexpr std::string_view alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  constexpr auto longest = static_cast<std::size_t>(std::numeric_limits<int>::max());
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  const std::string_view digits = text.substr(0, text.size() - padding);
  // What decodes is lenient: it passes over blanks and takes padding anywhere.
  if (text.size() % 4 != 0 || text.size() > longest ||
      digits.find_first_not_of(alphabet) != std::string_view::npos) {
    return Fault::malformed;
  }
  std::vector<unsigned char> bytes(text.size() / 4 * 3 + 1);
  const int size =
      EVP_DecodeBlock(bytes.data(), reinterpret_cast<const unsigned char*>(text.data()),
                      static_cast<int>(text.size()));
  if (size < 0) return Fault::malformed;
  const std::string_view decoded(reinterpret_cast<const char*>(bytes.data()),
                                 static_cast<std::size_t>(size) - padding);
  const std::size_t length = binary_prefix.size() + 2 * decoded.size();
  char* const out = writer.reserve(length);
  core::write_hex(decoded, std::copy(binary_prefix.begin(), binary_prefix.end(), out));
  canonical = writer.commit(length);
  return Fault::none;
}

}  // namespace freight::mapping
