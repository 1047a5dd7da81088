#include "connectors/file/spool/packing.hpp"

#include <algorithm>
#include <array>

namespace freight::spool {
namespace {

constexpr std::array<Packing, 6> packings{{
    {"\x1F\x8B", "compressed with gzip", Compression::gzip,
     R"(Leave "compression" at "auto", or decompress it first, with `gunzip`.)"},
    {"\x28\xB5\x2F\xFD", "compressed with zstd", Compression::zstd,
     R"(Leave "compression" at "auto", or decompress it first, with `unzstd`.)"},
    {"PK\x03\x04", "a ZIP archive, as spreadsheets (.xlsx) are, too", Compression::zip,
     R"(Leave "compression" at "auto", or save the spreadsheet as CSV.)"},
    {"PK\x05\x06", "an empty ZIP archive", std::nullopt, "Put the file into it."},
    {"\xFD"
     "7zXZ",
     "compressed with xz", std::nullopt, "Decompress it first, with `unxz`."},
    {"BZh", "compressed with bzip2", std::nullopt, "Decompress it first, with `bunzip2`."},
}};

/// Its seventh byte begins the mark of a block, which no text has there.
bool is_bzip2(std::string_view first_bytes) {
  return first_bytes.size() > 4 && first_bytes[4] == '\x31';
}

}  // namespace

std::string_view name_of(Compression compression) {
  switch (compression) {
    case Compression::gzip:
      return "gzip";
    case Compression::zstd:
      return "zstd";
    case Compression::zip:
      return "zip";
    case Compression::automatic:
      return "auto";
    case Compression::none:
      break;
  }
  return "none";
}

const Packing* packing_of(std::string_view first_bytes) {
  const auto* const found = std::find_if(
      packings.begin(), packings.end(),
      [&](const Packing& packing) { return first_bytes.starts_with(packing.first_bytes); });
  if (found == packings.end()) return nullptr;
  return found->first_bytes != "BZh" || is_bzip2(first_bytes) ? found : nullptr;
}

Compression compression_of(std::string_view first_bytes, Compression wanted,
                           const std::filesystem::path& name) {
  const Packing* const packing = packing_of(first_bytes);
  if (wanted == Compression::none || (wanted == Compression::automatic && packing == nullptr)) {
    return Compression::none;
  }
  if (wanted != Compression::automatic && (packing == nullptr || packing->compression != wanted)) {
    throw unpacking_error(
        name,
        "is " + std::string(packing == nullptr ? "not compressed" : packing->what) +
            ", but source.compression is \"" + std::string(name_of(wanted)) + "\"",
        R"(Leave "compression" at "auto", or name what the file is.)");
  }
  if (!packing->compression) {
    throw unpacking_error(name, "is " + std::string(packing->what), std::string(packing->hint));
  }
  return *packing->compression;
}

Error unpacking_error(const std::filesystem::path& name, const std::string& what,
                      const std::string& hint) {
  return {Code::source_unreadable, "The source " + name.string() + " " + what, {.hint = hint}};
}

}  // namespace freight::spool
