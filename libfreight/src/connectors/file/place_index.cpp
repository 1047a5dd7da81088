#include "connectors/file/place_index.hpp"

#include <algorithm>
#include <cstddef>

namespace freight::file {

std::uint64_t utf16_bytes(std::string_view utf8) {
  std::uint64_t bytes = 0;
  for (const char character : utf8) {
    const auto byte = static_cast<unsigned char>(character);
    if (byte == 0xFF) {
      ++bytes;
    } else if (byte >= 0xF0) {
      bytes += 4;
    } else if ((byte & 0xC0U) != 0x80U) {
      bytes += 2;
    }
  }
  return bytes;
}

void PlaceIndex::add(std::string_view utf8) {
  while (!utf8.empty()) {
    const auto room = static_cast<std::size_t>(step - size_ % step);
    const std::string_view part = utf8.substr(0, room);
    place_ += utf16_bytes(part);
    size_ += part.size();
    if (size_ % step == 0) places_.push_back(place_);
    utf8.remove_prefix(part.size());
  }
}

PlaceIndex::Known PlaceIndex::before(std::uint64_t offset) const {
  const auto index =
      static_cast<std::size_t>(std::min<std::uint64_t>(offset / step, places_.size() - 1));
  return {.offset = index * step, .place = places_[index]};
}

}  // namespace freight::file
