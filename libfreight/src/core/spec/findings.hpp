#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/spec/location.hpp"
#include "freight/job_spec.hpp"

namespace freight::core::spec {

/// Everything that is wrong with a spec, in the order in which it was found; bounded by max_errors.
class Findings {
 public:
  void add(const Location& location, Code code, std::string detail);
  void add(std::string pointer, Code code, std::string detail);

  bool empty() const { return errors_.empty(); }
  /// True when more would only be counted; finding out what to say of them is not worth the time.
  bool full() const;
  /// Adds those of `other`, which was found apart.
  void append(Findings other);
  /// All of them; a last one says how many there was no room for.
  std::vector<SpecError> take();

 private:
  std::vector<SpecError> errors_;
  std::size_t dropped_ = 0;
};

/// `text` as a JSON string, cut when it is long: how a message quotes what stands in the spec.
std::string in_quotes(std::string_view text);

}  // namespace freight::core::spec
