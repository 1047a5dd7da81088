#include "core/spec/findings.hpp"

#include <iterator>
#include <utility>

#include "core/json_text.hpp"
#include "core/spec/limits.hpp"
#include "core/utf8.hpp"

namespace freight::core::spec {

void Findings::add(const Location& location, Code code, std::string detail) {
  if (full()) {
    ++dropped_;
    return;
  }
  add(location.pointer(), code, std::move(detail));
}

void Findings::add(std::string pointer, Code code, std::string detail) {
  if (full()) {
    ++dropped_;
    return;
  }
  errors_.push_back({std::move(pointer), code, std::move(detail)});
}

bool Findings::full() const { return errors_.size() >= max_errors; }

void Findings::append(Findings other) {
  for (SpecError& error : other.errors_) {
    add(std::move(error.pointer), error.code, std::move(error.detail));
  }
  dropped_ += other.dropped_;
}

std::vector<SpecError> Findings::take() {
  if (dropped_ > 0) {
    errors_.push_back(
        {"", Code::invalid_spec,
         std::to_string(dropped_) + " more errors are not shown; correct these first"});
    dropped_ = 0;
  }
  return std::exchange(errors_, {});
}

std::string in_quotes(std::string_view text) {
  constexpr std::size_t max_shown_bytes = 60;
  const std::string_view shown = cut_utf8(text, max_shown_bytes);
  std::string result;
  append_json_string(result, shown);
  if (shown.size() < text.size()) result += "…";
  return result;
}

}  // namespace freight::core::spec
