#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace freight::core {

/// What the fingerprints of sources of many files begin with, and no others.
inline constexpr std::string_view fingerprint_of_files = "files/";

/// What BatchRange::locator says in a source of many files.
struct FileLocator {
  /// Among the files of the source, from 0.
  std::size_t file = 0;
  /// Of the file's columns, in their order, each one's place among the source's fields; empty when
  /// they are these.
  std::vector<std::uint32_t> columns = {};
  /// What people call the file; UTF-8.
  std::string name = {};

  /// One line, with a version.
  std::string to_text() const;
  /// nullopt for what is no such locator.
  static std::optional<FileLocator> from_text(std::string_view text);
};

}  // namespace freight::core
