#include "mapping/transforms/pattern.hpp"

#include <cstdint>

#include <re2/re2.h>

#include "freight/error.hpp"

namespace freight::mapping {
namespace {

/// What a pattern's automata may take; beyond it RE2 goes on more slowly, still in linear time.
constexpr std::int64_t pattern_memory = std::int64_t{8} * 1024 * 1024;

}  // namespace

Pattern::Pattern(const std::string& text, const std::string& owner) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(pattern_memory);
  compiled_ = std::make_unique<const re2::RE2>(text, options);
  if (!compiled_->ok())
    throw Error(Code::invalid_pattern, "The pattern of " + owner +
                                           " is not a valid RE2 expression: " + compiled_->error());
}

Pattern::~Pattern() = default;
Pattern::Pattern(Pattern&&) noexcept = default;
Pattern& Pattern::operator=(Pattern&&) noexcept = default;

bool Pattern::found_in(std::string_view text) const {
  return compiled_->Match({text.data(), text.size()}, 0, text.size(), re2::RE2::UNANCHORED, nullptr,
                          0);
}

}  // namespace freight::mapping
