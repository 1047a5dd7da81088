#pragma once

#include <filesystem>
#include <fstream>
#include <ios>
#include <stdexcept>
#include <string_view>

namespace freight::testing {

inline void write_file(const std::filesystem::path& path, std::string_view text) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(text.data(), static_cast<std::streamsize>(text.size()));
  file.close();
  if (!file) throw std::runtime_error("cannot write " + path.string());
}

}  // namespace freight::testing
