#include "connectors/file/spool/zstd_stream.hpp"

#include <zstd.h>

#include <new>
#include <string>
#include <utility>

#include "connectors/file/spool/packing.hpp"

namespace freight::spool {

ZstdStream::ZstdStream(ByteStream& packed, std::filesystem::path name)
    : packed_(packed), name_(std::move(name)), context_(ZSTD_createDCtx()) {
  if (context_ == nullptr) throw std::bad_alloc();
}

ZstdStream::~ZstdStream() { ZSTD_freeDCtx(context_); }

std::size_t ZstdStream::read(std::span<char> bytes) {
  ZSTD_outBuffer text{.dst = bytes.data(), .size = bytes.size(), .pos = 0};
  while (text.pos == 0) {
    if (begin_ == end_) {
      begin_ = 0;
      end_ = packed_.read(buffer_);
      if (end_ == 0 && !in_frame_) return 0;
      if (end_ == 0) {
        throw unpacking_error(name_,
                              "ends in the middle of its zstd data, after " +
                                  std::to_string(text_bytes_) + " bytes of text",
                              "It is cut off: fetch it again.");
      }
    }
    ZSTD_inBuffer packed{.src = buffer_.data(), .size = end_, .pos = begin_};
    const std::size_t result = ZSTD_decompressStream(context_, &text, &packed);
    begin_ = packed.pos;
    if (ZSTD_isError(result) != 0) {
      throw unpacking_error(name_,
                            "cannot be unpacked: after " + std::to_string(text_bytes_) +
                                " bytes of text its zstd data is wrong (" +
                                ZSTD_getErrorName(result) + ")",
                            "Fetch it again, or decompress it first, with `unzstd`.");
    }
    in_frame_ = result != 0;
  }
  text_bytes_ += text.pos;
  return text.pos;
}

}  // namespace freight::spool
