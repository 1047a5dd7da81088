#include "mapping/transforms/json_pointer.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "freight/error.hpp"
#include "mapping/values/json_check.hpp"
#include "mapping/values/unicode.hpp"

namespace freight::mapping {
namespace {

/// Code units of \uXXXX; `text` was checked.
std::uint32_t code_unit(std::string_view text, std::size_t digits) {
  std::uint32_t unit = 0;
  std::from_chars(text.data() + digits, text.data() + digits + 4, unit, 16);
  return unit;
}

bool is_surrogate(std::uint32_t unit) { return unit >= 0xD800 && unit <= 0xDFFF; }

/// Appends the text of a string that stands between quotes as `raw`. False for what no column's
/// text may hold: U+0000 and half a surrogate pair.
bool unescape(std::string_view raw, std::string& out) {
  constexpr std::string_view letters = "bfnrt";
  constexpr std::string_view meanings = "\b\f\n\r\t";
  for (std::size_t place = 0; place < raw.size(); ++place) {
    if (raw[place] != '\\') {
      out += raw[place];
      continue;
    }
    const char kind = raw[++place];
    if (kind != 'u') {
      const std::size_t letter = letters.find(kind);
      out += letter == std::string_view::npos ? kind : meanings[letter];
      continue;
    }
    std::uint32_t code_point = code_unit(raw, place + 1);
    place += 4;
    if (is_surrogate(code_point)) {
      if (raw.substr(place + 1, 2) != "\\u" || code_point > 0xDBFF) return false;
      const std::uint32_t low = code_unit(raw, place + 3);
      if (low < 0xDC00 || low > 0xDFFF) return false;
      code_point = 0x10000 + ((code_point - 0xD800) << 10U) + (low - 0xDC00);
      place += 6;
    }
    if (code_point == 0) return false;
    append_code_point(static_cast<char32_t>(code_point), out);
  }
  return true;
}

/// Walks over JSON text that was checked: every step finds what must be there.
class Walker {
 public:
  explicit Walker(std::string_view json) : json_(json) { skip_space(); }

  /// Goes to the member's value; false when this is no object or has no such member.
  bool enter_member(std::string_view name, std::string& scratch) {
    if (json_[place_] != '{') return false;
    std::optional<std::size_t> found;
    ++place_;
    for (skip_space(); json_[place_] != '}'; skip_separator()) {
      const std::string_view raw = string();
      skip_space();
      ++place_;  // the colon
      skip_space();
      if (is_name(raw, name, scratch)) found = place_;
      skip_value();
    }
    if (found) place_ = *found;
    return found.has_value();
  }

  bool enter_element(std::size_t index) {
    if (json_[place_] != '[') return false;
    ++place_;
    for (skip_space(); json_[place_] != ']'; skip_separator()) {
      if (index-- == 0) return true;
      skip_value();
    }
    return false;
  }

  bool is_array() const { return json_[place_] == '['; }

  /// The value that it stands at.
  std::string_view value() {
    const std::size_t begin = place_;
    skip_value();
    return json_.substr(begin, place_ - begin);
  }

 private:
  void skip_space() {
    while (place_ < json_.size() && (json_[place_] == ' ' || json_[place_] == '\t' ||
                                     json_[place_] == '\n' || json_[place_] == '\r'))
      ++place_;
  }

  /// What is between two values of an object or array, or before its end.
  void skip_separator() {
    skip_space();
    if (json_[place_] != ',') return;
    ++place_;
    skip_space();
  }

  std::string_view string() {
    const std::size_t begin = ++place_;
    while (json_[place_] != '"') place_ += json_[place_] == '\\' ? 2 : 1;
    return json_.substr(begin, place_++ - begin);
  }

  void skip_value() {
    std::size_t depth = 0;
    do {
      switch (json_[place_]) {
        case '"':
          string();
          break;
        case '{':
        case '[':
          ++depth;
          ++place_;
          break;
        case '}':
        case ']':
          --depth;
          ++place_;
          break;
        case ',':
        case ':':
        case ' ':
        case '\t':
        case '\n':
        case '\r':
          ++place_;
          break;
        default:
          place_ = std::min(json_.find_first_of(",]} \t\n\r", place_), json_.size());
      }
    } while (depth != 0);
  }

  static bool is_name(std::string_view raw, std::string_view name, std::string& scratch) {
    if (raw.find('\\') == std::string_view::npos) return raw == name;
    scratch.clear();
    const bool is_text = unescape(raw, scratch);
    return is_text && scratch == name;
  }

  std::string_view json_;
  std::size_t place_ = 0;
};

}  // namespace

std::optional<std::size_t> JsonPointer::index_of(std::string_view part) {
  if (part.empty() || (part.size() > 1 && part.front() == '0')) return std::nullopt;
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), index);
  if (error != std::errc() || end != part.data() + part.size()) return std::nullopt;
  return index;
}

JsonPointer::JsonPointer(std::string_view pointer) {
  const auto refuse = [pointer] {
    throw Error(Code::invalid_value, "\"" + std::string(pointer) +
                                         "\" is no JSON pointer; one is \"/address/city\", with "
                                         "~0 for ~ and ~1 for / within a name.");
  };
  if (!pointer.empty() && pointer.front() != '/') refuse();
  for (std::size_t place = 0; place < pointer.size(); ++place) {
    if (pointer[place] == '/') {
      parts_.emplace_back();
    } else if (pointer[place] != '~') {
      parts_.back() += pointer[place];
    } else {
      const char letter = ++place < pointer.size() ? pointer[place] : '\0';
      if (letter != '0' && letter != '1') refuse();
      parts_.back() += letter == '0' ? '~' : '/';
    }
  }
}

JsonPointer::Result JsonPointer::find(std::string_view json, std::string& out) const {
  std::size_t offset = 0;
  const Fault fault = check_json(json, offset);
  if (fault != Fault::none) return {.fault = fault};
  Walker walker(json);
  const bool there = std::all_of(parts_.begin(), parts_.end(), [&](const std::string& part) {
    if (!walker.is_array()) return walker.enter_member(part, out);
    const auto index = index_of(part);
    return index && walker.enter_element(*index);
  });
  out.clear();
  if (!there) return {};
  const std::string_view value = walker.value();
  if (value == "null") return {};
  if (value.front() != '"') return {.found = true, .text = value};
  const std::string_view raw = value.substr(1, value.size() - 2);
  if (raw.find('\\') == std::string_view::npos) return {.found = true, .text = raw};
  if (!unescape(raw, out)) {
    out.clear();
    return {.fault = Fault::malformed};
  }
  return {.found = true, .text = out};
}

}  // namespace freight::mapping
