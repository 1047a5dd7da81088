#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace freight::daemon {

/// Seals secrets with AES-256-GCM. The first key seals; every one opens, so that keys can be
/// changed while the secrets of the old one are still there. Thread-safe.
class MasterKey {
 public:
  /// Reads keys, one a line, each 64 hex digits. Throws Error(usage).
  static MasterKey parse(std::string_view text);
  /// Of the environment (FREIGHT_MASTER_KEY), else of `file`, else of `default_file`, which is made
  /// (mode 0600) when it is missing. Throws Error(usage).
  static MasterKey find(const std::optional<std::filesystem::path>& file,
                        const std::filesystem::path& default_file);

  /// `context` says what the secret belongs to, and has to be the same to open it.
  std::string seal(std::string_view secret, std::string_view context) const;
  /// Throws Error(missing_secret) for what was sealed with a key that is not here, or was changed.
  std::string open(std::string_view sealed, std::string_view context) const;
  /// False for what was sealed with another key than the first.
  bool is_current(std::string_view sealed) const;

 private:
  struct Key {
    /// Tells keys apart: the beginning of its digest.
    std::string id;
    std::string bytes;
  };
  std::vector<Key> keys_;
};

}  // namespace freight::daemon
