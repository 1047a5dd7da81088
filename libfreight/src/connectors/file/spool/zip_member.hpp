#pragma once

#include <filesystem>
#include <memory>

#include "connectors/file/descriptor.hpp"
#include "connectors/file/spool/byte_stream.hpp"

struct zip;
struct zip_file;

namespace freight::spool {

/// The text of the only file in a ZIP archive, checked by its check sum. Folders, and what macOS
/// adds of its own, are no files.
class ZipMember final : public ByteStream {
 public:
  /// `archive` is a regular file; `name` is for messages. Throws Error(source_unreadable) also when
  /// it holds no file, several, or one that is encrypted.
  ZipMember(file::Descriptor archive, std::filesystem::path name);

  std::size_t read(std::span<char> bytes) override;

 private:
  struct Close {
    void operator()(zip* archive) const;
    void operator()(zip_file* member) const;
  };

  const std::filesystem::path name_;
  std::unique_ptr<zip, Close> archive_;
  std::unique_ptr<zip_file, Close> member_;
};

}  // namespace freight::spool
