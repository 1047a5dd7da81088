#include <time.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include <re2/re2.h>

#include "freight/error.hpp"
#include "mapping/transforms/pattern.hpp"
#include "mapping/transforms/text_transform.hpp"

namespace freight::mapping {
namespace {

/// RE2 takes linear time for one match, but a pattern such as `a(.*z)?` may look at all of the rest
/// for each of many short ones. Nothing that people mean takes a tenth of this for a value.
constexpr std::int64_t most_seconds = 10;
constexpr std::size_t matches_between_looks = 256;

std::int64_t processor_seconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return time.tv_sec;
}

std::size_t code_point_size(std::string_view text) {
  std::size_t size = 1;
  while (size < text.size() && (static_cast<unsigned char>(text[size]) & 0xC0U) == 0x80U) ++size;
  return size;
}

/// Replaces every match, from left to right and without overlap, as RE2::GlobalReplace does, but
/// into bounded memory.
class RegexReplace final : public TextTransform {
 public:
  explicit RegexReplace(const Transform& transform)
      : pattern_(transform.argument, "a \"regex_replace\"") {
    std::string problem;
    if (!pattern_.re2().CheckRewriteString(transform.replacement, &problem))
      throw Error(Code::invalid_pattern, "The replacement of a \"regex_replace\", \"" +
                                             transform.replacement +
                                             "\", does not fit its pattern: " + problem);
    compile(transform.replacement);
  }

  void apply(TransformedText& value, std::string& out, ArenaWriter&) const override {
    const std::string_view text = value.text;
    Groups groups;
    if (!find(text, 0, groups)) return;
    std::int64_t begun = 0;
    std::size_t place = 0;
    std::size_t last_end = std::string_view::npos;
    std::size_t matches = 0;
    do {
      const auto begin = static_cast<std::size_t>(groups[0].data() - text.data());
      if (!append(text.substr(place, begin - place), out))
        return value.set_too_long("\"regex_replace\"");
      place = begin;
      if (groups[0].empty() && begin == last_end) {
        // No empty match right behind another: on by one character.
        const std::size_t passed = begin == text.size() ? 0 : code_point_size(text.substr(begin));
        if (!append(text.substr(begin, passed), out))
          return value.set_too_long("\"regex_replace\"");
        place += passed;
        if (passed == 0) break;
        continue;
      }
      if (!append_replacement(groups, out)) return value.set_too_long("\"regex_replace\"");
      place += groups[0].size();
      last_end = place;
      if (++matches % matches_between_looks != 0) continue;
      const std::int64_t now = processor_seconds();
      if (matches == matches_between_looks) begun = now;
      if (now - begun > most_seconds) return set_too_slow(value);
    } while (find(text, place, groups));
    if (!append(text.substr(place), out)) return value.set_too_long("\"regex_replace\"");
    value.text = out;
  }

 private:
  /// The match and `\1` to `\9`.
  using Groups = std::array<re2::StringPiece, 10>;

  struct Piece {
    std::string literal;
    /// -1 for a literal.
    int group = -1;
  };

  void compile(std::string_view replacement) {
    for (std::size_t index = 0; index < replacement.size(); ++index) {
      char character = replacement[index];
      if (character == '\\' && replacement[++index] != '\\') {
        pieces_.push_back({{}, replacement[index] - '0'});
        groups_ = std::max(groups_, pieces_.back().group + 1);
        continue;
      }
      character = replacement[index];
      if (pieces_.empty() || pieces_.back().group >= 0) pieces_.emplace_back();
      pieces_.back().literal += character;
    }
  }

  bool find(std::string_view text, std::size_t from, Groups& groups) const {
    return pattern_.re2().Match({text.data(), text.size()}, from, text.size(), re2::RE2::UNANCHORED,
                                groups.data(), groups_);
  }

  static bool append(std::string_view text, std::string& out) {
    if (text.size() > longest_made_text - out.size()) return false;
    out.append(text);
    return true;
  }

  bool append_replacement(const Groups& groups, std::string& out) const {
    return std::all_of(pieces_.begin(), pieces_.end(), [&groups, &out](const Piece& piece) {
      if (piece.group < 0) return append(piece.literal, out);
      const re2::StringPiece& group = groups[static_cast<std::size_t>(piece.group)];
      return append({group.data(), group.size()}, out);
    });
  }

  static void set_too_slow(TransformedText& value) {
    value.error =
        Diagnosis{.code = Code::too_long,
                  .expected = "a value for which the pattern is not too slow",
                  .message = "\"regex_replace\" took more than " + std::to_string(most_seconds) +
                             " seconds of processor time for one value of " +
                             std::to_string(value.text.size()) + " bytes.",
                  .hint = "Its pattern looks far beyond each of many matches, as a(.*z)? does."};
  }

  Pattern pattern_;
  std::vector<Piece> pieces_;
  int groups_ = 1;
};

}  // namespace

std::unique_ptr<const TextTransform> make_regex_replace(const Transform& transform) {
  return std::make_unique<const RegexReplace>(transform);
}

}  // namespace freight::mapping
