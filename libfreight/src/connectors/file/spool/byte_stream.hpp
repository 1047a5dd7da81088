#pragma once

#include <cstddef>
#include <span>

namespace freight::spool {

/// Bytes in their order, once. Not thread-safe.
class ByteStream {
 public:
  virtual ~ByteStream() = default;

  /// Puts what comes next at the beginning of `bytes` and says how much it is: at least one byte,
  /// or 0 at the end. Throws Error(source_unreadable, source_unavailable, cancelled).
  virtual std::size_t read(std::span<char> bytes) = 0;
};

}  // namespace freight::spool
