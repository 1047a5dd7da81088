#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "freight/time.hpp"
#include "freight/upload_store.hpp"

namespace freight::daemon {

/// The bytes of uploads: in a folder (of this machine with SQLite, or one that the operator says is
/// shared), else in the storage. Thread-safe.
class Blobs {
 public:
  /// Without `folder` the bytes are kept in the storage, and `cache` holds copies of them.
  Blobs(UploadStore& store, std::optional<std::filesystem::path> folder,
        std::filesystem::path cache);

  /// What came in.
  struct Received {
    UploadId id;
    std::uint64_t bytes = 0;
    std::string sha256;
  };
  /// `read` gives the next bytes, 0 at their end. What it throws leaves nothing behind. Throws
  /// Error(storage_full) too.
  Received receive(const std::function<std::size_t(char*, std::size_t)>& read);
  /// Drops bytes that are not known of, or not any more.
  void drop(UploadId id);
  /// Removes what a crash has left of uploads that never were whole, and copies of files that the
  /// storage keeps: those that nobody has written to since `before`.
  void sweep(Timestamp before);
  /// A file with the bytes. Throws Error(source_not_found).
  std::filesystem::path file_of(UploadId id);

  /// Where the bytes of files are; for the check of the disk.
  const std::filesystem::path& place() const { return folder_ ? *folder_ : cache_; }

 private:
  std::filesystem::path path_in(const std::filesystem::path& folder, UploadId id) const;
  Received receive_file(const std::function<std::size_t(char*, std::size_t)>& read);
  Received receive_pieces(const std::function<std::size_t(char*, std::size_t)>& read);

  UploadStore& store_;
  std::optional<std::filesystem::path> folder_;
  std::filesystem::path cache_;
};

}  // namespace freight::daemon
