#include "connectors/file/source_places.hpp"

#include <algorithm>
#include <cstddef>
#include <string_view>

#include "connectors/file/place_index.hpp"

namespace freight::file {

std::uint64_t SourcePlaces::at(std::uint64_t offset) {
  const PlaceIndex* const index = file_.places();
  if (index == nullptr) return offset;
  const PlaceIndex::Known known = index->before(offset);
  if (offset < offset_ || known.offset > offset_) {
    offset_ = known.offset;
    place_ = known.place;
  }
  while (offset_ < offset) {
    if (offset_ < buffer_offset_ || offset_ >= buffer_offset_ + buffer_.size()) {
      buffer_.resize(static_cast<std::size_t>(
          std::min<std::uint64_t>(PlaceIndex::step, file_.size() - offset_)));
      file_.read(offset_, buffer_);
      buffer_offset_ = offset_;
    }
    const auto from = static_cast<std::size_t>(offset_ - buffer_offset_);
    const std::string_view part = std::string_view(buffer_).substr(
        from, static_cast<std::size_t>(std::min<std::uint64_t>(offset - offset_, buffer_.size())));
    place_ += utf16_bytes(part);
    offset_ += part.size();
  }
  return place_;
}

}  // namespace freight::file
