#include "mapping/transforms/text_transform.hpp"

#include <algorithm>

#include "core/hash.hpp"
#include "freight/error.hpp"
#include "mapping/values/unicode.hpp"

namespace freight::mapping {
namespace {

void collapse_whitespace(const Transform&, TransformedText& value, std::string& out) {
  out.reserve(value.text.size());
  std::string_view rest = value.text;
  while (!rest.empty()) {
    const std::size_t word = find_white_space(rest);
    out.append(rest.substr(0, word));
    rest.remove_prefix(word);
    if (rest.empty()) break;
    out += ' ';
    rest = trim_left(rest);
  }
  value.text = out;
}

void digits_only(const Transform&, TransformedText& value, std::string& out) {
  for (const char character : value.text) {
    if (character >= '0' && character <= '9') out += character;
  }
  value.text = out;
}

void replace(const Transform& transform, TransformedText& value, std::string& out) {
  std::string_view rest = value.text;
  std::size_t found = rest.find(transform.argument);
  if (found == std::string_view::npos) return;
  while (found != std::string_view::npos) {
    if (out.size() + found + transform.replacement.size() > longest_made_text)
      return value.set_too_long("\"replace\"");
    out.append(rest.substr(0, found)).append(transform.replacement);
    rest.remove_prefix(found + transform.argument.size());
    found = rest.find(transform.argument);
  }
  if (out.size() + rest.size() > longest_made_text) return value.set_too_long("\"replace\"");
  value.text = out.append(rest);
}

/// The part `index` from the front; nullopt when there are not so many.
std::optional<std::string_view> part_of(std::string_view text, std::string_view separator,
                                        std::int64_t index) {
  for (std::int64_t passed = 0; passed < index; ++passed) {
    const std::size_t found = text.find(separator);
    if (found == std::string_view::npos) return std::nullopt;
    text.remove_prefix(found + separator.size());
  }
  return text.substr(0, text.find(separator));
}

void split(const Transform& transform, TransformedText& value, std::string&) {
  const std::string_view separator = transform.argument;
  std::int64_t index = transform.index;
  if (index < 0) {
    // Separators are told apart from the front, so that both ends see the same parts.
    std::int64_t parts = 1;
    for (std::size_t at = value.text.find(separator); at != std::string_view::npos;
         at = value.text.find(separator, at + separator.size()))
      ++parts;
    index += parts;
  }
  const auto part = index < 0 ? std::nullopt : part_of(value.text, separator, index);
  if (!part) return value.set_null();
  value.text = *part;
}

void substring(const Transform& transform, TransformedText& value, std::string&) {
  std::size_t start = 0;
  if (transform.index >= 0) {
    start = static_cast<std::size_t>(transform.index);
  } else {
    const std::size_t length = count_code_points(value.text);
    // What reaches beyond the beginning begins there.
    const auto back = static_cast<std::size_t>(-transform.index);
    start = back >= length ? 0 : length - back;
  }
  value.text.remove_prefix(code_points_prefix(value.text, start));
  value.text = value.text.substr(
      0, code_points_prefix(value.text, static_cast<std::size_t>(transform.length)));
}

void truncate(const Transform& transform, TransformedText& value, std::string&) {
  const std::size_t kept =
      code_points_prefix(value.text, static_cast<std::size_t>(transform.length));
  if (kept == value.text.size()) return;
  const std::string most = std::to_string(transform.length);
  value.warnings.emplace_back(
      Diagnosis{.code = Code::too_long,
                .expected = "at most " + most + " characters",
                .message = "The value has " + std::to_string(count_code_points(value.text)) +
                           " characters and was cut to " + most + "."},
      value.text);
  value.text = value.text.substr(0, kept);
}

void pad_left(const Transform& transform, TransformedText& value, std::string& out) {
  const std::size_t length = count_code_points(value.text);
  if (length >= transform.length) return;
  const std::size_t missing = static_cast<std::size_t>(transform.length) - length;
  const std::size_t unit = transform.argument.size();
  if (missing > longest_made_text / unit || missing * unit + value.text.size() > longest_made_text)
    return value.set_too_long("\"pad_left\"");
  out.reserve(missing * unit + value.text.size());
  if (unit == 1) {
    out.assign(missing, transform.argument.front());
  } else {
    for (std::size_t index = 0; index < missing; ++index) out += transform.argument;
  }
  value.text = out.append(value.text);
}

/// A transform that is a function of its arguments and the text.
class PlainTransform final : public TextTransform {
 public:
  using Function = void (*)(const Transform&, TransformedText&, std::string&);

  PlainTransform(const Transform& transform, Function function)
      : transform_(transform), function_(function) {}

  void apply(TransformedText& value, std::string& out, ArenaWriter&) const override {
    function_(transform_, value, out);
  }

 private:
  Transform transform_;
  Function function_;
};

[[noreturn]] void refuse(const std::string& what) {
  throw Error(Code::invalid_value, "A transform of the mapping " + what + ".");
}

void check_arguments(const Transform& transform) {
  const bool separates =
      transform.kind == TransformKind::replace || transform.kind == TransformKind::split;
  if (separates && transform.argument.empty()) refuse("searches for an empty text");
  if (transform.kind == TransformKind::pad_left && count_code_points(transform.argument) != 1)
    refuse("pads with something else than one character");
  if (transform.kind == TransformKind::hash && transform.argument != "sha256")
    refuse("hashes with another function than \"sha256\"");
}

PlainTransform::Function function_of(TransformKind kind) {
  switch (kind) {
    case TransformKind::trim:
      return [](const Transform&, TransformedText& value, std::string&) {
        value.text = trim(value.text);
      };
    case TransformKind::lower:
      return [](const Transform&, TransformedText& value, std::string& out) {
        value.text = to_lower(value.text, out);
      };
    case TransformKind::upper:
      return [](const Transform&, TransformedText& value, std::string& out) {
        value.text = to_upper(value.text, out);
      };
    case TransformKind::nullify_empty:
      return [](const Transform&, TransformedText& value, std::string&) {
        if (value.text.empty()) value.set_null();
      };
    case TransformKind::hash:
      return [](const Transform&, TransformedText& value, std::string& out) {
        out.resize(core::sha256_hex_size);
        core::sha256_hex(value.text, out.data());
        value.text = out;
      };
    case TransformKind::collapse_whitespace:
      return collapse_whitespace;
    case TransformKind::digits_only:
      return digits_only;
    case TransformKind::replace:
      return replace;
    case TransformKind::split:
      return split;
    case TransformKind::substring:
      return substring;
    case TransformKind::truncate:
      return truncate;
    case TransformKind::pad_left:
      return pad_left;
    default:
      break;
  }
  throw Error(Code::internal, "A transform has no function.");
}

}  // namespace

void TransformedText::set_too_long(std::string_view maker) {
  const std::string most = std::to_string(longest_made_text / (1024 * 1024)) + " MiB";
  error =
      Diagnosis{.code = Code::too_long,
                .expected = "at most " + most,
                .message = std::string(maker) + " would make a text of more than " + most + "."};
}

std::unique_ptr<const TextTransform> make_transform(const Transform& transform,
                                                    std::chrono::minutes zone) {
  check_arguments(transform);
  switch (transform.kind) {
    case TransformKind::regex_replace:
      return make_regex_replace(transform);
    case TransformKind::parse_date:
      return make_parse_date(transform, zone);
    case TransformKind::format_date:
      return make_format_date(transform, zone);
    case TransformKind::json_pointer:
      return make_json_pointer(transform);
    default:
      return std::make_unique<const PlainTransform>(transform, function_of(transform.kind));
  }
}

TransformChain::TransformChain(const std::vector<Transform>& transforms,
                               std::chrono::minutes zone) {
  transforms_.reserve(transforms.size());
  for (const Transform& transform : transforms)
    transforms_.push_back(make_transform(transform, zone));
}

bool TransformChain::apply(TransformedText& value, Scratch& scratch, ArenaWriter& writer) const {
  // Of the two buffers the text may be a slice of the one that was written last.
  std::size_t free = 0;
  bool made = false;
  for (const auto& transform : transforms_) {
    std::string& out = scratch.texts[free];
    out.clear();
    transform->apply(value, out, writer);
    if (value.is_null || value.error) return false;
    if (out.empty()) continue;
    free = 1 - free;
    made = true;
  }
  return made;
}

}  // namespace freight::mapping
