#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>

#include "connectors/file/spool/byte_stream.hpp"

struct z_stream_s;

namespace freight::spool {

/// The text of a gzip file, of all its members (RFC 1952), each checked by its check sum.
class GzipStream final : public ByteStream {
 public:
  /// `packed` must outlive this; `name` is for messages.
  GzipStream(ByteStream& packed, std::filesystem::path name);
  ~GzipStream() override;
  GzipStream(const GzipStream&) = delete;
  GzipStream& operator=(const GzipStream&) = delete;

  std::size_t read(std::span<char> bytes) override;

 private:
  /// Between members: false at the end of the file, which may be filled up with zeros.
  bool begin_member();
  /// False at the end of the file.
  bool refill();

  ByteStream& packed_;
  const std::filesystem::path name_;
  std::unique_ptr<z_stream_s> inflater_;
  std::array<char, 65'536> buffer_{};
  bool in_member_ = false;
  std::uint64_t text_bytes_ = 0;
};

}  // namespace freight::spool
