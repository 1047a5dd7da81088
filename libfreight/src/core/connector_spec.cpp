#include "freight/connector_spec.hpp"

namespace freight {

std::optional<SourceFile> source_file(const SourceSpec& source) {
  return std::visit(
      [](const auto& spec) -> std::optional<SourceFile> {
        if constexpr (requires { spec.upload; }) {
          return SourceFile{.path = spec.path, .upload = spec.upload};
        } else {
          return std::nullopt;
        }
      },
      source);
}

}  // namespace freight
