#include <re2/re2.h>

#include "core/spec/sections.hpp"

namespace freight::core::spec {

std::string pattern_problem(const std::string& pattern) {
  RE2::Options options;
  options.set_log_errors(false);  // nothing to stderr
  const RE2 compiled(pattern, options);
  return compiled.ok() ? std::string{} : compiled.error();
}

}  // namespace freight::core::spec
