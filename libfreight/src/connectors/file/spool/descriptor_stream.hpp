#pragma once

#include <cstdint>
#include <filesystem>
#include <stop_token>
#include <string>
#include <string_view>

#include "connectors/file/descriptor.hpp"
#include "connectors/file/spool/byte_stream.hpp"

namespace freight::spool {

/// What a file or a pipe holds, from where it stands.
class DescriptorStream final : public ByteStream {
 public:
  /// `name` is for messages. A wait for a pipe ends when `stop` says so.
  DescriptorStream(std::filesystem::path name, file::Descriptor descriptor, std::stop_token stop);

  std::size_t read(std::span<char> bytes) override;

  /// The next `size` bytes, or as many as there are; read() gives them again. Valid until then.
  std::string_view peek(std::size_t size);
  /// How many bytes were read of the file or pipe.
  std::uint64_t bytes_read() const { return bytes_read_; }

 private:
  std::size_t read_on(std::span<char> bytes);

  const std::filesystem::path name_;
  const file::Descriptor descriptor_;
  const std::stop_token stop_;
  std::string peeked_;
  std::uint64_t bytes_read_ = 0;
};

}  // namespace freight::spool
