#include "connectors/file/sliding_window.hpp"

#include <algorithm>
#include <cstring>
#include <limits>

namespace freight::file {
namespace {

/// Reading less at a time is not worth the call.
constexpr std::size_t worthwhile_piece = 64 * 1024;
constexpr std::size_t least_capacity = 4;

}  // namespace

std::size_t window_capacity(std::uint64_t max_record_bytes, std::size_t piece_bytes) {
  const std::size_t pieces = 2 * std::max(piece_bytes, least_capacity);
  return static_cast<std::size_t>(
      std::min<std::uint64_t>(max_record_bytes, std::numeric_limits<std::size_t>::max() - pieces) +
      pieces);
}

SlidingWindow::SlidingWindow(const InputFile& file, const Options& options)
    : file_(file),
      end_(options.end),
      capacity_(std::max(options.capacity, least_capacity)),
      piece_(std::clamp<std::size_t>(options.piece, 1, capacity_)),
      smallest_piece_(std::min({piece_, worthwhile_piece, capacity_ / 2})),
      view_{.offset = options.begin, .is_last = options.begin == options.end} {}

std::string_view SlidingWindow::advance(std::uint64_t keep, std::uint64_t position) {
  if (position < view_.offset || position > view_.end()) {
    view_.offset = position;
    view_.size = 0;
  }
  std::uint64_t from = keep < view_.offset ? position : keep;
  if (capacity_ - (view_.end() - from) < smallest_piece_) from = position;
  const std::size_t kept = make_room(from);
  const std::size_t piece = static_cast<std::size_t>(
      std::min<std::uint64_t>(end_ - view_.end(), std::min(allocated_ - kept, piece_)));
  char* const fresh = buffer_.get() + kept;
  file_.read(view_.end(), {fresh, piece});
  view_.size += piece;
  view_.is_last = view_.end() == end_;
  return {fresh, piece};
}

/// Drops what is before `from` and sees to it that there is room behind. Returns how much is kept.
std::size_t SlidingWindow::make_room(std::uint64_t from) {
  const std::size_t kept = static_cast<std::size_t>(view_.end() - from);
  const char* const source = view_.size == 0 ? nullptr : view_.at(from);
  const std::size_t wanted = std::min(capacity_, std::max(piece_, 2 * kept));
  if (allocated_ < wanted && allocated_ - kept < smallest_piece_ + allocated_ / 4) {
    auto larger = std::make_unique_for_overwrite<char[]>(wanted);
    if (kept != 0) std::memcpy(larger.get(), source, kept);
    buffer_ = std::move(larger);
    allocated_ = wanted;
  } else if (kept != 0) {
    std::memmove(buffer_.get(), source, kept);
  }
  view_.data = buffer_.get();
  view_.offset = from;
  view_.size = kept;
  return kept;
}

}  // namespace freight::file
