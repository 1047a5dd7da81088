#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "connectors/file/descriptor.hpp"
#include "connectors/file/place_index.hpp"

namespace freight::file {

/// A regular file that is read at given places. Reads through a descriptor, never through a
/// mapping: a file that is cut short while it is read is an error then, not a SIGBUS, and memory
/// stays flat. Every call may come from any thread.
class InputFile {
 public:
  /// Throws Error(source_not_found, source_unreadable), or source_unavailable for what may pass.
  explicit InputFile(const std::filesystem::path& path);
  /// A file that is open; `name` is what messages call it.
  InputFile(std::filesystem::path name, Descriptor descriptor);
  /// The text of `original` in another encoding; `places` are where it stands there.
  InputFile(std::shared_ptr<const InputFile> original, Descriptor descriptor, PlaceIndex places);

  const std::filesystem::path& path() const { return path_; }
  /// In bytes, when it was opened.
  std::uint64_t size() const { return size_; }

  /// Where the text stands in the source's own bytes; nullptr when it is what the source holds.
  const PlaceIndex* places() const { return places_ ? &*places_ : nullptr; }

  /// Throws Error(source_changed) when the file is not of size() bytes any more, or the original is
  /// not what it was.
  void check_size() const;

  /// Fills `bytes` from `offset` on. Throws Error(source_changed) when the file ends before.
  void read(std::uint64_t offset, std::span<char> bytes) const;

  /// Tells this file, as it is now, from all others on this machine.
  std::string revision() const;

  /// The same open file under a number of its own.
  Descriptor again() const;

  /// Version, size and SHA-256 of the first and the last MiB.
  std::string fingerprint() const;

 private:
  std::filesystem::path path_;
  Descriptor descriptor_;
  std::uint64_t size_ = 0;
  std::shared_ptr<const InputFile> original_;
  std::optional<PlaceIndex> places_;
};

}  // namespace freight::file
