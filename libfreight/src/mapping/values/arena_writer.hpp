#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <string_view>

#include "freight/record.hpp"

namespace freight::mapping {

/// Hands out small pieces of a TextArena without a call for each: takes it in chunks and gives the
/// rest of the last one back. Nobody else may allocate from the arena while one lives.
class ArenaWriter {
 public:
  explicit ArenaWriter(TextArena& arena) : arena_(arena) {}
  ~ArenaWriter() { give_back(); }
  ArenaWriter(const ArenaWriter&) = delete;
  ArenaWriter& operator=(const ArenaWriter&) = delete;

  /// Room for `size` bytes, to be taken with commit(); what is not taken is free again.
  char* reserve(std::size_t size) {
    if (size > static_cast<std::size_t>(end_ - next_)) refill(size);
    return next_;
  }
  std::string_view commit(std::size_t size) {
    const std::string_view text(next_, size);
    next_ += size;
    return text;
  }

  std::string_view copy(std::string_view text) {
    char* const bytes = reserve(text.size());
    if (!text.empty()) std::memcpy(bytes, text.data(), text.size());
    return commit(text.size());
  }

 private:
  static constexpr std::size_t chunk_size = std::size_t{16} * 1024;

  void give_back() {
    if (begin_ != nullptr)
      arena_.shrink_last(static_cast<std::size_t>(end_ - begin_),
                         static_cast<std::size_t>(next_ - begin_));
  }

  void refill(std::size_t size) {
    give_back();
    const std::size_t chunk = std::max(size, chunk_size);
    begin_ = arena_.allocate(chunk);
    next_ = begin_;
    end_ = begin_ + chunk;
  }

  TextArena& arena_;
  char* begin_ = nullptr;
  char* next_ = nullptr;
  char* end_ = nullptr;
};

}  // namespace freight::mapping
