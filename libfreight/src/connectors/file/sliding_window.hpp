#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "connectors/file/input_file.hpp"
#include "connectors/file/window.hpp"

namespace freight::file {

/// Room for one record of the greatest length and what is read behind it. A window grows only as
/// far as records are long.
std::size_t window_capacity(std::uint64_t max_record_bytes, std::size_t piece_bytes);

/// A window that moves over a part of a file and holds at most `capacity` bytes. Not thread-safe.
class SlidingWindow {
 public:
  struct Options {
    /// The part of the file, in bytes from its beginning.
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
    /// The most that is held at once.
    std::size_t capacity = default_piece;
    /// The most that is read at once.
    std::size_t piece = default_piece;
  };
  static constexpr std::size_t default_piece = 1024 * 1024;

  /// `file` must outlive this. The window is empty at first.
  SlidingWindow(const InputFile& file, const Options& options);

  const Window& view() const { return view_; }

  /// Reads on, and returns what is new. What was held from `keep` on stays, unless that leaves no
  /// room: then only what follows `position` does. A `position` outside of the window moves it
  /// there. Throws like InputFile::read.
  std::string_view advance(std::uint64_t keep, std::uint64_t position);

 private:
  std::size_t make_room(std::uint64_t from);

  const InputFile& file_;
  std::uint64_t end_;
  std::size_t capacity_;
  std::size_t piece_;
  std::size_t smallest_piece_;
  std::size_t allocated_ = 0;
  std::unique_ptr<char[]> buffer_;
  Window view_;
};

}  // namespace freight::file
