#include "freight/connector_spec.hpp"

namespace freight {

std::vector<std::filesystem::path> SourceFile::named() const {
  if (!paths.empty()) return paths;
  return upload.empty() ? std::vector{path} : std::vector<std::filesystem::path>{};
}

std::optional<SourceFile> source_file(const SourceSpec& source) {
  return std::visit(
      [](const auto& spec) -> std::optional<SourceFile> {
        if constexpr (requires { spec.upload; }) {
          return SourceFile{.path = spec.path, .paths = spec.paths, .upload = spec.upload};
        } else {
          return std::nullopt;
        }
      },
      source);
}

}  // namespace freight
