#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "freight/connector_spec.hpp"
#include "freight/error.hpp"

namespace freight::spool {

/// As the spec writes it.
std::string_view name_of(Compression compression);

/// A way in which files are packed, told by their first bytes.
struct Packing {
  std::string_view first_bytes;
  /// "compressed with gzip"
  std::string_view what;
  /// nullopt: Freight does not unpack it.
  std::optional<Compression> compression;
  /// What to do about a file that is not to be unpacked, or cannot be.
  std::string_view hint;
};

/// How many bytes tell a packing.
inline constexpr std::size_t packing_bytes = 8;

/// Of a file that begins so; nullptr for one that is not packed.
const Packing* packing_of(std::string_view first_bytes);

/// How a file that begins so is unpacked when the job asks for `wanted`; never `automatic`. Throws
/// Error(source_unreadable) when the file is packed in another way, or in one that Freight does not
/// unpack.
Compression compression_of(std::string_view first_bytes, Compression wanted,
                           const std::filesystem::path& name);

/// The failure of a packed file that is not what it should be: "The source x.gz <what>".
Error unpacking_error(const std::filesystem::path& name, const std::string& what,
                      const std::string& hint);

}  // namespace freight::spool
