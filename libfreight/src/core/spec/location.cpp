#include "core/spec/location.hpp"

#include "core/spec/limits.hpp"
#include "core/utf8.hpp"

namespace freight::core::spec {

std::string Location::pointer() const {
  if (parent_ == nullptr) return {};
  std::string text = parent_->pointer();
  if (is_index_) {
    text += '/';
    text += std::to_string(position_);
  } else {
    append_pointer_key(text, name_);
  }
  return text;
}

void append_pointer_key(std::string& pointer, std::string_view key) {
  const std::string_view shown = cut_utf8(key, max_pointer_key_bytes);
  pointer += '/';
  for (const char character : shown) {
    if (character == '~') {
      pointer += "~0";
    } else if (character == '/') {
      pointer += "~1";
    } else {
      pointer += character;
    }
  }
  if (shown.size() < key.size()) pointer += "…";
}

}  // namespace freight::core::spec
