#include "connectors/file/spool/gzip_stream.hpp"

#include <zlib.h>

#include <algorithm>
#include <limits>
#include <new>
#include <string>
#include <utility>

#include "connectors/file/spool/packing.hpp"

namespace freight::spool {
namespace {

/// The largest window, with gzip's header and check sum.
constexpr int gzip_window = 15 + 16;
constexpr unsigned char gzip_mark = 0x1F;

}  // namespace

GzipStream::GzipStream(ByteStream& packed, std::filesystem::path name)
    : packed_(packed), name_(std::move(name)), inflater_(std::make_unique<z_stream>()) {
  if (inflateInit2(inflater_.get(), gzip_window) != Z_OK) throw std::bad_alloc();
}

GzipStream::~GzipStream() { inflateEnd(inflater_.get()); }

std::size_t GzipStream::read(std::span<char> bytes) {
  const auto room = static_cast<uInt>(
      std::min<std::size_t>(bytes.size(), std::numeric_limits<std::int32_t>::max()));
  inflater_->next_out = reinterpret_cast<Bytef*>(bytes.data());
  inflater_->avail_out = room;
  while (inflater_->avail_out == room) {
    if (!in_member_ && !begin_member()) return 0;
    if (inflater_->avail_in == 0 && !refill()) {
      throw unpacking_error(name_,
                            "ends in the middle of its gzip data, after " +
                                std::to_string(text_bytes_) + " bytes of text",
                            "It is cut off: fetch it again.");
    }
    const int result = inflate(inflater_.get(), Z_NO_FLUSH);
    if (result == Z_MEM_ERROR) throw std::bad_alloc();
    if (result == Z_STREAM_END) {
      in_member_ = false;
    } else if (result != Z_OK && result != Z_BUF_ERROR) {
      const char* const what = inflater_->msg;
      throw unpacking_error(name_,
                            "is damaged: after " + std::to_string(text_bytes_) +
                                " bytes of text its gzip data is wrong (" +
                                (what == nullptr ? "bad data" : what) + ")",
                            "Fetch it again.");
    }
  }
  const std::size_t size = room - inflater_->avail_out;
  text_bytes_ += size;
  return size;
}

bool GzipStream::begin_member() {
  while (true) {
    if (inflater_->avail_in == 0 && !refill()) return false;
    if (*inflater_->next_in != 0 || text_bytes_ == 0) break;
    ++inflater_->next_in;
    --inflater_->avail_in;
  }
  if (*inflater_->next_in != gzip_mark) {
    throw unpacking_error(name_,
                          "holds something that is no gzip data behind the " +
                              std::to_string(text_bytes_) + " bytes of text",
                          "Decompress it first, with `gunzip`, and look at its end.");
  }
  inflateReset(inflater_.get());
  in_member_ = true;
  return true;
}

bool GzipStream::refill() {
  const std::size_t size = packed_.read(buffer_);
  inflater_->next_in = reinterpret_cast<Bytef*>(buffer_.data());
  inflater_->avail_in = static_cast<uInt>(size);
  return size > 0;
}

}  // namespace freight::spool
