#include "inspect/text_beyond_ascii.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace freight::inspect {
namespace {

constexpr std::uint64_t piece_bytes = std::uint64_t{256} * 1024;
constexpr std::size_t most_kept = std::size_t{1} << 20U;

bool has_beyond_ascii(std::string_view line) {
  return std::any_of(line.begin(), line.end(),
                     [](char byte) { return static_cast<unsigned char>(byte) >= 0x80; });
}

/// Adds the whole lines of a piece; at the file's beginning and end the first and last one are
/// whole, too.
void keep_lines(std::string_view piece, bool is_first, bool is_last, std::string& kept) {
  while (!piece.empty()) {
    const std::size_t end = piece.find_first_of("\r\n");
    if (end == std::string_view::npos && !is_last) return;
    const std::string_view line = piece.substr(0, end);
    if (is_first && has_beyond_ascii(line) && kept.size() + line.size() < most_kept) {
      kept += line;
      kept += '\n';
    }
    is_first = true;
    piece.remove_prefix(end == std::string_view::npos ? piece.size() : end + 1);
  }
}

}  // namespace

std::string text_beyond_ascii(const file::InputFile& file, std::uint64_t most_bytes) {
  const std::uint64_t all = (file.size() + piece_bytes - 1) / piece_bytes;
  const std::uint64_t pieces = std::min(all, std::max<std::uint64_t>(most_bytes / piece_bytes, 1));
  std::string piece;
  std::string kept;
  for (std::uint64_t index = 0; index < pieces && kept.size() < most_kept; ++index) {
    // The last of them is the file's last one.
    const std::uint64_t place = pieces > 1 ? index * (all - 1) / (pieces - 1) : 0;
    const std::uint64_t offset = place * piece_bytes;
    piece.resize(static_cast<std::size_t>(std::min(piece_bytes, file.size() - offset)));
    file.read(offset, piece);
    keep_lines(piece, offset == 0, offset + piece.size() == file.size(), kept);
  }
  return kept;
}

}  // namespace freight::inspect
