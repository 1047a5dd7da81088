#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "freight/error.hpp"
#include "freight/time.hpp"
#include "freight/upload_store.hpp"

namespace freight::daemon {

/// A file to look into; it is removed with this when it was made for it.
class BlobView {
 public:
  BlobView(std::filesystem::path path, bool is_whole)
      : path_(std::move(path)), is_whole_(is_whole) {}
  ~BlobView();
  BlobView(const BlobView&) = delete;
  BlobView& operator=(const BlobView&) = delete;

  const std::filesystem::path& path() const { return path_; }
  /// It is the upload, and no beginning of it.
  bool is_whole() const { return is_whole_; }

 private:
  std::filesystem::path path_;
  bool is_whole_;
};

/// The error without the folder where uploads are, which is none of the tenants' business; `folder`
/// ends with a slash, and may be empty.
Error without_folder(const Error& error, const std::string& folder);

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
  /// The same for a look: of an upload that would have to be fetched and has more than `most` bytes
  /// only the first of them, up to the end of a line, in a file that goes with the BlobView.
  BlobView view(const Upload& upload, std::uint64_t most);

  /// Where the bytes of files are; for the check of the disk.
  const std::filesystem::path& place() const { return folder_ ? *folder_ : cache_; }

 private:
  std::filesystem::path path_in(const std::filesystem::path& folder, UploadId id) const;
  Received receive_file(const std::function<std::size_t(char*, std::size_t)>& read);
  Received receive_pieces(const std::function<std::size_t(char*, std::size_t)>& read);
  void fetch(UploadId id, const std::filesystem::path& path, std::uint64_t most);

  UploadStore& store_;
  std::optional<std::filesystem::path> folder_;
  std::filesystem::path cache_;
};

}  // namespace freight::daemon
