#include "connectors/json/object_reader.hpp"

#include <array>
#include <bitset>
#include <charconv>
#include <cstdint>
#include <limits>

#include "core/ascii.hpp"
#include "core/utf8.hpp"

namespace freight::json {
namespace {

using core::is_digit;

bool is_control(char byte) { return static_cast<unsigned char>(byte) < 0x20; }

/// -1 when it is none.
int hex_value(char digit) {
  if (is_digit(digit)) return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  return -1;
}

/// `out` has room for four bytes. Returns the end of what was written.
char* append_utf8(std::uint32_t code_point, char* out) {
  const auto continuation = [&](unsigned shift) {
    return static_cast<char>(0x80U | ((code_point >> shift) & 0x3FU));
  };
  if (code_point < 0x80) {
    *out++ = static_cast<char>(code_point);
  } else if (code_point < 0x800) {
    *out++ = static_cast<char>(0xC0U | (code_point >> 6U));
    *out++ = continuation(0);
  } else if (code_point < 0x10000) {
    *out++ = static_cast<char>(0xE0U | (code_point >> 12U));
    *out++ = continuation(6);
    *out++ = continuation(0);
  } else {
    *out++ = static_cast<char>(0xF0U | (code_point >> 18U));
    *out++ = continuation(12);
    *out++ = continuation(6);
    *out++ = continuation(0);
  }
  return out;
}

/// Reads one text. A step that finds a fault notes it and returns false; nothing goes on after
/// that.
class Parser {
 public:
  Parser(std::string_view text, TextArena& arena, std::vector<Member>& members)
      : text_(text), arena_(arena), members_(members) {}

  std::optional<Fault> run() {
    const std::size_t sound = core::valid_utf8_prefix(text_);
    if (sound != text_.size()) return Fault{Code::invalid_utf8, sound, "a byte is not valid UTF-8"};
    if (text_.size() > std::numeric_limits<std::uint32_t>::max()) {
      return Fault{Code::record_too_long, 0, "the text is longer than 4 GiB"};
    }
    pass_space();
    const std::size_t begin = place_;
    const bool is_object = at() == '{';
    SourceField other;
    if (!(is_object ? read_object() : read_value(other))) return fault_;
    pass_space();
    if (place_ != text_.size()) {
      fail("something follows the value");
      return fault_;
    }
    if (!is_object) return Fault{Code::not_an_object, begin, "the value is not an object"};
    return std::nullopt;
  }

 private:
  /// The byte to read next, NUL at the end (where NUL means nothing else: it is a fault anywhere).
  char at() const { return place_ < text_.size() ? text_[place_] : '\0'; }

  bool fail(std::string_view reason) { return fail(reason, place_); }
  bool fail(std::string_view reason, std::size_t offset, Code code = Code::invalid_json) {
    fault_ = {code, offset, reason};
    return false;
  }

  void pass_space() {
    while (place_ < text_.size() && (text_[place_] == ' ' || text_[place_] == '\t' ||
                                     text_[place_] == '\n' || text_[place_] == '\r')) {
      ++place_;
    }
  }

  bool read_object() {
    ++place_;
    pass_space();
    if (at() == '}') {
      ++place_;
      return true;
    }
    while (true) {
      if (!read_member()) return false;
      pass_space();
      if (at() == '}') {
        ++place_;
        return true;
      }
      if (at() != ',') return fail("a comma or the object's end is missing");
      ++place_;
      pass_space();
    }
  }

  bool read_member() {
    Member member;
    if (at() != '"') return fail("a name in quotes is missing");
    if (!read_string(member.name) || !pass_colon() || !read_value(member.value)) return false;
    members_.push_back(member);
    return true;
  }

  bool pass_colon() {
    pass_space();
    if (at() != ':') return fail("a colon is missing");
    ++place_;
    pass_space();
    return true;
  }

  bool read_value(SourceField& value) {
    const std::size_t begin = place_;
    std::string_view string;
    switch (at()) {
      case '"':
        if (!read_string(string)) return false;
        value = {string.data(), static_cast<std::uint32_t>(string.size()), FieldKind::string};
        return true;
      case '{':
      case '[':
        if (!pass_nested()) return false;
        value.kind = FieldKind::json;
        break;
      case 'n':
        if (!pass_word("null")) return false;
        value = {nullptr, 0, FieldKind::null};
        return true;
      default:
        if (!pass_scalar(value.kind)) return false;
        break;
    }
    value.data = text_.data() + begin;
    value.size = static_cast<std::uint32_t>(place_ - begin);
    return true;
  }

  /// A value that is neither string nor nested.
  bool pass_scalar(FieldKind& kind) {
    kind = FieldKind::boolean;
    switch (at()) {
      case 't':
        return pass_word("true");
      case 'f':
        return pass_word("false");
      case 'n':
        return pass_word("null");
      default:
        return pass_number(kind);
    }
  }

  bool pass_word(std::string_view word) {
    if (text_.substr(place_, word.size()) != word) return fail("a value is missing");
    place_ += word.size();
    return true;
  }

  bool pass_digits() {
    if (!is_digit(at())) return false;
    while (is_digit(at())) ++place_;
    return true;
  }

  bool pass_number(FieldKind& kind) {
    const std::size_t begin = place_;
    if (at() == '-') ++place_;
    if (!is_digit(at())) return fail(place_ == begin ? "a value is missing" : "a digit is missing");
    if (at() == '0') {
      ++place_;
      if (is_digit(at())) return fail("a number has a leading zero", begin);
    } else {
      pass_digits();
    }
    kind = FieldKind::integer;
    if (at() == '.') {
      kind = FieldKind::decimal;
      ++place_;
      if (!pass_digits()) return fail("a digit is missing");
    }
    if (at() == 'e' || at() == 'E') {
      kind = FieldKind::decimal;
      ++place_;
      if (at() == '+' || at() == '-') ++place_;
      if (!pass_digits()) return fail("a digit is missing");
    }
    if (kind == FieldKind::integer && !fits_64_bits(begin)) kind = FieldKind::decimal;
    return true;
  }

  bool fits_64_bits(std::size_t begin) const {
    std::int64_t value = 0;
    const auto result = std::from_chars(text_.data() + begin, text_.data() + place_, value);
    return result.ec == std::errc();
  }

  /// The text of a string whose opening quote is next: a slice unless it has escapes.
  bool read_string(std::string_view& value) {
    const std::size_t begin = place_ + 1;
    bool has_escapes = false;
    if (!pass_string(has_escapes)) return false;
    const std::string_view raw = text_.substr(begin, place_ - 1 - begin);
    value = raw;
    if (!has_escapes) return true;
    char* const out = arena_.allocate(raw.size());
    const auto size = static_cast<std::size_t>(unescape(raw, out) - out);
    arena_.shrink_last(raw.size(), size);
    value = {out, size};
    if (value.find('\0') == std::string_view::npos) return true;
    return fail("a string holds the character U+0000, which text columns cannot hold", begin,
                Code::nul_byte);
  }

  bool pass_string(bool& has_escapes) {
    const std::size_t begin = place_++;
    while (true) {
      while (place_ < text_.size() && text_[place_] != '"' && text_[place_] != '\\' &&
             !is_control(text_[place_])) {
        ++place_;
      }
      if (place_ == text_.size()) return fail("a string is not closed", begin);
      if (is_control(text_[place_])) return fail("a control character stands in a string");
      if (text_[place_] == '"') {
        ++place_;
        return true;
      }
      has_escapes = true;
      if (!pass_escape()) return false;
    }
  }

  bool pass_escape() {
    const std::size_t begin = place_++;
    if (at() != 'u') {
      if (std::string_view("\"\\/bfnrt").find(at()) == std::string_view::npos) {
        return fail("an escape is not one of JSON", begin);
      }
      ++place_;
      return true;
    }
    const int unit = hex_unit(place_ + 1);
    if (unit < 0) return fail("four hexadecimal digits must follow \\u", begin);
    place_ += 5;
    if (unit < 0xD800 || unit > 0xDFFF) return true;
    const bool is_pair = unit < 0xDC00 && text_.substr(place_, 2) == "\\u";
    const int second = is_pair ? hex_unit(place_ + 2) : -1;
    if (second < 0xDC00 || second > 0xDFFF)
      return fail("half a surrogate pair stands alone", begin);
    place_ += 6;
    return true;
  }

  /// The value of the four digits at `place`; -1 when they are none.
  int hex_unit(std::size_t place) const {
    if (text_.size() < 4 || place > text_.size() - 4) return -1;
    int value = 0;
    for (std::size_t index = 0; index < 4; ++index) {
      const int digit = hex_value(text_[place + index]);
      if (digit < 0) return -1;
      value = value * 16 + digit;
    }
    return value;
  }

  /// `raw` was passed by pass_string(), so every escape in it is sound. Never longer than `raw`.
  char* unescape(std::string_view raw, char* out) const {
    std::size_t place = static_cast<std::size_t>(raw.data() - text_.data());
    const std::size_t end = place + raw.size();
    while (place != end) {
      if (text_[place] != '\\') {
        *out++ = text_[place++];
        continue;
      }
      const char kind = text_[place + 1];
      place += 2;
      if (kind != 'u') {
        *out++ = plain_escape(kind);
        continue;
      }
      auto code_point = static_cast<std::uint32_t>(hex_unit(place));
      place += 4;
      if (code_point >= 0xD800 && code_point <= 0xDFFF) {
        const auto low = static_cast<std::uint32_t>(hex_unit(place + 2));
        code_point = 0x10000U + ((code_point - 0xD800U) << 10U) + (low - 0xDC00U);
        place += 6;
      }
      out = append_utf8(code_point, out);
    }
    return out;
  }

  static char plain_escape(char kind) {
    switch (kind) {
      case 'b':
        return '\b';
      case 'f':
        return '\f';
      case 'n':
        return '\n';
      case 'r':
        return '\r';
      case 't':
        return '\t';
      default:
        return kind;
    }
  }

  /// An object or array within the record, which is itself the first level.
  bool pass_nested() {
    std::bitset<ObjectReader::deepest> is_array;
    std::size_t depth = 1;
    while (true) {  // at a value
      if (at() == '{' || at() == '[') {
        if (depth == ObjectReader::deepest) return fail("the value is nested deeper than 512");
        is_array[depth++] = at() == '[';
        ++place_;
        pass_space();
        const bool is_empty = at() == (is_array[depth - 1] ? ']' : '}');
        if (!is_empty) {
          if (!is_array[depth - 1] && !pass_name()) return false;
          continue;
        }
      } else if (!pass_leaf()) {
        return false;
      }
      if (!pass_ends(is_array, depth)) return false;
      if (depth == 1) return true;
      if (!is_array[depth - 1] && !pass_name()) return false;
    }
  }

  bool pass_leaf() {
    FieldKind kind = FieldKind::absent;
    bool has_escapes = false;
    return at() == '"' ? pass_string(has_escapes) : pass_scalar(kind);
  }

  bool pass_name() {
    bool has_escapes = false;
    if (at() != '"') return fail("a name in quotes is missing");
    return pass_string(has_escapes) && pass_colon();
  }

  /// What follows a nested value: ends of arrays and objects, then a comma unless all are closed.
  bool pass_ends(const std::bitset<ObjectReader::deepest>& is_array, std::size_t& depth) {
    while (depth > 1) {
      pass_space();
      if (at() == ',') {
        ++place_;
        pass_space();
        return true;
      }
      if (at() != (is_array[depth - 1] ? ']' : '}')) {
        return fail(is_array[depth - 1] ? "a comma or the array's end is missing"
                                        : "a comma or the object's end is missing");
      }
      ++place_;
      --depth;
    }
    return true;
  }

  std::string_view text_;
  TextArena& arena_;
  std::vector<Member>& members_;
  std::size_t place_ = 0;
  Fault fault_;
};

}  // namespace

std::optional<Fault> ObjectReader::read(std::string_view text, TextArena& arena) {
  members_.clear();
  return Parser(text, arena, members_).run();
}

}  // namespace freight::json
