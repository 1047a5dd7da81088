#pragma once

#include <string>
#include <variant>

#include "freight/job_spec.hpp"

namespace freight::engine {

/// The source as messages name it: with its path when it is a file.
inline std::string source_text(const JobSpec& spec) {
  return std::visit(
      [](const auto& source) -> std::string {
        if constexpr (requires { source.paths; }) {
          if (source.paths.empty()) return "the source " + source.path.string();
          return "the source " + source.paths.front().string() + ", the first of " +
                 std::to_string(source.paths.size()) + " paths,";
        }
        return "the source";
      },
      spec.source);
}

}  // namespace freight::engine
