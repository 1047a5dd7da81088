#include "connectors/file/file_name.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <filesystem>
#include <string_view>

namespace freight::file {
namespace {

constexpr std::size_t longest_table_name = 63;

}  // namespace

std::string name_of_file(const std::string& path) {
  constexpr std::array<std::string_view, 3> packings{".gz", ".zst", ".zip"};
  std::filesystem::path file = std::filesystem::path(path).filename();
  if (std::find(packings.begin(), packings.end(), file.extension()) != packings.end()) {
    file = file.stem();
  }
  std::string name = file.stem().string();
  for (char& character : name) {
    const auto byte = static_cast<unsigned char>(character);
    const bool is_letter = (byte | 0x20U) >= 'a' && (byte | 0x20U) <= 'z';
    const bool is_digit = byte >= '0' && byte <= '9';
    if (byte < 0x80 && !is_letter && !is_digit) character = '_';
  }
  if (name.size() > longest_table_name) {
    std::size_t end = longest_table_name;
    // Not within a character of several bytes.
    while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xC0U) == 0x80U) --end;
    name.resize(end);
  }
  return name.empty() ? "records" : name;
}

}  // namespace freight::file
