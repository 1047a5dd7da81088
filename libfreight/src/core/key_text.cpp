#include "core/spec/findings.hpp"
#include "core/spec/json_reader.hpp"
#include "core/utf8.hpp"
#include "freight/dead_letters.hpp"

namespace freight {
namespace {

/// Indexes hold no longer texts.
constexpr std::size_t longest = 512;

void append_text(std::string& out, const core::spec::JsonValue& value) {
  if (const auto* const text = value.string()) {
    out += *text;
  } else if (const auto* const digits = value.number()) {
    out += *digits;
  } else if (!value.is_null()) {
    core::spec::append_json(out, value, core::spec::JsonStyle::complete);
  }
}

}  // namespace

std::string key_text(std::string_view key_values) {
  if (key_values.empty()) return {};
  core::spec::Findings ignored;
  const auto read = core::spec::read_json(key_values, {}, ignored);
  const auto* const object = read.value ? read.value->object() : nullptr;
  if (object == nullptr) return {};
  std::string text;
  bool is_first = true;
  for (const auto& member : *object) {
    if (!is_first) text += ',';
    is_first = false;
    append_text(text, member.value);
  }
  return std::string(core::cut_utf8(text, longest));
}

}  // namespace freight
