#include "core/spec/record_text.hpp"

#include <algorithm>
#include <utility>

#include "core/json_text.hpp"
#include "core/spec/limits.hpp"
#include "core/spec/location.hpp"

namespace freight::core::spec {

void RecordText::begin_value() {
  if (frames_.empty()) return;
  Frame& frame = frames_.back();
  if (!frame.is_object && frame.values > 0) text_ += ',';
  ++frame.values;
}

void RecordText::begin(bool is_object) {
  begin_value();
  text_ += is_object ? '{' : '[';
  frames_.push_back({is_object, 0, keys_.size()});
}

void RecordText::begin_object() { begin(true); }
void RecordText::begin_array() { begin(false); }

void RecordText::end_object() {
  find_duplicates();
  keys_.resize(frames_.back().first_key);
  frames_.pop_back();
  text_ += '}';
}

void RecordText::end_array() {
  frames_.pop_back();
  text_ += ']';
}

void RecordText::key(std::string_view name) {
  if (frames_.back().values > 0) text_ += ',';
  const std::size_t begin = text_.size();
  append_json_string(text_, name);
  keys_.push_back({begin, text_.size() - begin});
  text_ += ':';
}

void RecordText::string(std::string_view text) {
  begin_value();
  append_json_string(text_, text);
}

void RecordText::literal(std::string_view text) {
  begin_value();
  text_ += text;
}

std::string RecordText::take() {
  // A copy of the right size: the buffer keeps its memory for the next record.
  std::string value(text_);
  text_.clear();
  return value;
}

std::vector<std::string> RecordText::take_duplicates() { return std::exchange(duplicates_, {}); }

std::string_view RecordText::written(const Slice& slice) const {
  return std::string_view(text_).substr(slice.begin, slice.size);
}

/// Equal keys are written alike, so comparing what is written is enough.
void RecordText::find_duplicates() {
  const auto first = keys_.begin() + static_cast<std::ptrdiff_t>(frames_.back().first_key);
  if (keys_.end() - first < 2) return;
  std::sort(first, keys_.end(), [this](const Slice& left, const Slice& right) {
    return written(left) < written(right);
  });
  for (auto key = first + 1; key < keys_.end(); ++key) {
    if (written(*key) != written(*(key - 1))) continue;
    const bool known = key - first >= 2 && written(*key) == written(*(key - 2));
    if (!known && duplicates_.size() < max_errors) duplicates_.push_back(pointer_of(*key));
  }
}

std::string RecordText::pointer_of(const Slice& key) const {
  std::string pointer;
  for (std::size_t depth = 0; depth + 1 < frames_.size(); ++depth) {
    const Frame& frame = frames_[depth];
    if (frame.is_object) {
      // The key under which the next frame stands is the last one of this frame.
      const std::string_view name = written(keys_[frames_[depth + 1].first_key - 1]);
      append_pointer_key(pointer, name.substr(1, name.size() - 2));
    } else {
      pointer += '/' + std::to_string(frame.values - 1);
    }
  }
  const std::string_view name = written(key);
  append_pointer_key(pointer, name.substr(1, name.size() - 2));
  return pointer;
}

}  // namespace freight::core::spec
