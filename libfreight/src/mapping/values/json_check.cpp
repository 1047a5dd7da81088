#include "mapping/values/json_check.hpp"

#include <bitset>

#include "core/ascii.hpp"

namespace freight::mapping {
namespace {

using core::is_digit;

constexpr std::size_t deepest_nesting = 512;

bool is_hex(char character) {
  const char lower = static_cast<char>(character | 0x20);
  return is_digit(character) || (lower >= 'a' && lower <= 'f');
}

class JsonChecker {
 public:
  explicit JsonChecker(std::string_view text) : text_(text) {}

  std::size_t offset() const { return position_; }

  Fault check() {
    skip_space();
    if (!value()) return fault_;
    while (depth_ != 0) {
      if (!next_member()) return fault_;
    }
    skip_space();
    return position_ == text_.size() ? Fault::none : Fault::malformed;
  }

 private:
  char peek() const { return position_ < text_.size() ? text_[position_] : '\0'; }

  bool take(char wanted) {
    if (peek() != wanted) return false;
    ++position_;
    return true;
  }

  void skip_space() {
    while (peek() == ' ' || peek() == '\t' || peek() == '\n' || peek() == '\r') ++position_;
  }

  bool word(std::string_view wanted) {
    if (!text_.substr(position_).starts_with(wanted)) return false;
    position_ += wanted.size();
    return true;
  }

  /// A scalar, or the opening of an object or array.
  bool value() {
    switch (peek()) {
      case '{':
        return open(true);
      case '[':
        return open(false);
      case '"':
        return string();
      case 't':
        return word("true");
      case 'f':
        return word("false");
      case 'n':
        return word("null");
      default:
        return number();
    }
  }

  bool open(bool object) {
    if (depth_ == deepest_nesting) {
      fault_ = Fault::too_deep;
      return false;
    }
    ++position_;
    objects_[depth_++] = object;
    first_ = true;
    return true;
  }

  /// What follows within the innermost object or array: its end, or one more member.
  bool next_member() {
    const bool object = objects_[depth_ - 1];
    skip_space();
    if (take(object ? '}' : ']')) {
      --depth_;
      first_ = false;
      return true;
    }
    if (!first_) {
      if (!take(',')) return false;
      skip_space();
    }
    first_ = false;
    if (object) {
      if (!string()) return false;
      skip_space();
      if (!take(':')) return false;
      skip_space();
    }
    return value();
  }

  bool string() {
    if (!take('"')) return false;
    while (position_ < text_.size()) {
      const char character = text_[position_];
      if (static_cast<unsigned char>(character) < 0x20) return false;
      ++position_;
      if (character == '"') return true;
      if (character == '\\' && !escape()) return false;
    }
    return false;
  }

  bool escape() {
    const char letter = peek();
    if (letter == '\0' || std::string_view("\"\\/bfnrtu").find(letter) == std::string_view::npos)
      return false;
    ++position_;
    for (int digits = 0; letter == 'u' && digits < 4; ++digits) {
      if (!is_hex(peek())) return false;
      ++position_;
    }
    return true;
  }

  bool digits() {
    if (!is_digit(peek())) return false;
    while (is_digit(peek())) ++position_;
    return true;
  }

  bool number() {
    take('-');
    if (!take('0') && !digits()) return false;
    if (take('.') && !digits()) return false;
    if (take('e') || take('E')) {
      if (!take('+')) take('-');
      return digits();
    }
    return true;
  }

  std::string_view text_;
  std::size_t position_ = 0;
  std::size_t depth_ = 0;
  /// No member of the innermost object or array has been read yet.
  bool first_ = false;
  Fault fault_ = Fault::malformed;
  std::bitset<deepest_nesting> objects_;
};

}  // namespace

Fault check_json(std::string_view text, std::size_t& offset) {
  JsonChecker checker(text);
  const Fault fault = checker.check();
  offset = checker.offset();
  return fault;
}

}  // namespace freight::mapping
