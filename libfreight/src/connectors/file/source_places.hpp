#pragma once

#include <cstdint>
#include <string>

#include "connectors/file/input_file.hpp"

namespace freight::file {

/// Where what stands at an offset of a file's text stands in the source's own bytes: the same, but
/// for a text that was laid out in another encoding. Linear in the text passed over when the
/// offsets ascend. Not thread-safe.
class SourcePlaces {
 public:
  /// `file` must outlive this.
  explicit SourcePlaces(const InputFile& file) : file_(file) {}

  /// Throws like InputFile::read.
  std::uint64_t at(std::uint64_t offset);

 private:
  const InputFile& file_;
  /// Both of one place, as far as was counted.
  std::uint64_t offset_ = 0;
  std::uint64_t place_ = 0;
  std::string buffer_;
  std::uint64_t buffer_offset_ = 0;
};

}  // namespace freight::file
