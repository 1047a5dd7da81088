#include <re2/re2.h>

#include "core/spec/sections.hpp"

namespace freight::core::spec {
namespace {

RE2::Options quiet() {
  RE2::Options options;
  options.set_log_errors(false);  // nothing to stderr
  return options;
}

}  // namespace

std::string pattern_problem(const std::string& pattern) {
  const RE2 compiled(pattern, quiet());
  return compiled.ok() ? std::string{} : compiled.error();
}

void check_pattern(SpecReading& reading, const SpecText& pattern, const Location& location) {
  const std::string problem = pattern_problem(pattern.value);
  if (problem.empty()) return;
  // RE2 quotes the pattern, which may not be shown when it comes from the environment.
  reading.findings.add(location, Code::invalid_pattern,
                       pattern.substituted() ? "is not a valid RE2 pattern"
                                             : "is not a valid RE2 pattern: " + problem);
}

std::string replacement_problem(const std::string& pattern, const std::string& replacement) {
  const RE2 compiled(pattern, quiet());
  std::string problem;
  return compiled.CheckRewriteString(replacement, &problem) ? std::string{} : problem;
}

}  // namespace freight::core::spec
