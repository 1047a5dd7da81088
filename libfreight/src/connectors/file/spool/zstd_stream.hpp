#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>

#include "connectors/file/spool/byte_stream.hpp"

struct ZSTD_DCtx_s;

namespace freight::spool {

/// The text of a zstd file, of all its frames (RFC 8878). Takes windows of at most 128 MiB, as the
/// `zstd` program does by default.
class ZstdStream final : public ByteStream {
 public:
  /// `packed` must outlive this; `name` is for messages.
  ZstdStream(ByteStream& packed, std::filesystem::path name);
  ~ZstdStream() override;
  ZstdStream(const ZstdStream&) = delete;
  ZstdStream& operator=(const ZstdStream&) = delete;

  std::size_t read(std::span<char> bytes) override;

 private:
  ByteStream& packed_;
  const std::filesystem::path name_;
  ZSTD_DCtx_s* const context_;
  std::array<char, 65'536> buffer_{};
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  bool in_frame_ = false;
  std::uint64_t text_bytes_ = 0;
};

}  // namespace freight::spool
