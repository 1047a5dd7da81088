// Any text as a JSON record: what Boost.JSON takes, the record reader takes too, with the same
// values, and the other way round.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>

#include <boost/json.hpp>

#include "connectors/json/object_reader.hpp"

namespace {

using freight::Code;
using freight::FieldKind;

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

void compare(const freight::SourceField& field, const boost::json::value& value) {
  switch (field.kind) {
    case FieldKind::null:
      require(value.is_null(), "null");
      break;
    case FieldKind::string:
      require(value.is_string() && std::string_view(value.get_string()) == field.text(),
              "a string");
      break;
    case FieldKind::boolean:
      require(value.is_bool() && value.get_bool() == (field.text() == "true"), "a boolean");
      break;
    case FieldKind::integer:
      // Boost makes a double of -0.
      require(field.text() == "-0" ||
                  (value.is_int64() && std::to_string(value.get_int64()) == field.text()),
              "an integer");
      break;
    case FieldKind::decimal:
      require(value.is_number(), "a number");
      break;
    default:
      require(field.kind == FieldKind::json && value.is_structured(), "an object or array");
      break;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  freight::json::ObjectReader reader;
  freight::TextArena arena;
  const auto fault = reader.read(text, arena);

  boost::json::parse_options options;
  options.max_depth = 100'000;
  boost::json::error_code error;
  const boost::json::value value = boost::json::parse(text, error, {}, options);

  if (fault) {
    require(fault->offset <= size, "a fault is in the text");
    const bool is_too_deep = fault->reason.find("512") != std::string_view::npos;
    if (fault->code == Code::not_an_object) {
      require(error || !value.is_object(), "it is no object");
    } else if (fault->code != Code::nul_byte && !is_too_deep) {
      require(error.failed(), "what is refused is no JSON");
    }
    return 0;
  }
  if (error == boost::json::error::exponent_overflow)
    return 0;  // Digits are kept, whatever they say.
  require(!error, "what is read is JSON");
  std::map<std::string_view, freight::SourceField> last;
  for (const auto& member : reader.members()) last[member.name] = member.value;
  require(last.size() == value.get_object().size(), "every name is there");
  for (const auto& [name, field] : last) {
    const auto* const other = value.get_object().if_contains(name);
    require(other != nullptr, "the name is there");
    compare(field, *other);
  }
  return 0;
}
