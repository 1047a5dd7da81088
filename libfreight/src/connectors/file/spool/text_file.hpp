#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
#include <stop_token>

#include "connectors/file/descriptor.hpp"
#include "connectors/file/spool/byte_stream.hpp"

namespace freight::spool {

/// What a text is laid out with.
struct LayOut {
  /// Of the source, for messages.
  std::filesystem::path name;
  /// Where the file is made.
  std::filesystem::path folder;
  /// How much was read of what is packed, so far.
  std::function<std::uint64_t()> packed_bytes;
  /// Called every second with the bytes of text so far.
  std::function<void(std::uint64_t text_bytes)> progress = {};
  /// Throws Error(cancelled) when it says so.
  std::stop_token stop = {};
  /// It ends there.
  std::uint64_t most_bytes = std::numeric_limits<std::uint64_t>::max();
};

/// A new file without a name that holds the text. Throws what reading it throws;
/// Error(source_unreadable) for a text that is so much larger than what it was packed in that it
/// looks like an attack; and storage_full.
file::Descriptor lay_out(ByteStream& text, const LayOut& layout);

}  // namespace freight::spool
