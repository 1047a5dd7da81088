#include "inspect/readable_json.hpp"

#include <cstddef>

#include "core/json_text.hpp"

namespace freight::inspect {
namespace {

using core::spec::JsonArray;
using core::spec::JsonMember;
using core::spec::JsonObject;
using core::spec::JsonValue;

constexpr std::size_t line_width = 110;

class ReadableJson {
 public:
  std::string write(const JsonValue& value) {
    put(value, 0, false);
    out_ += '\n';
    return std::move(out_);
  }

 private:
  /// In one line when `flat`, or when there is room for that.
  void put(const JsonValue& value, std::size_t depth, bool flat) {
    const JsonArray* const array = value.array();
    const JsonObject* const object = value.object();
    if (array == nullptr && object == nullptr) {
      append_json(out_, value, core::spec::JsonStyle::complete);
      return;
    }
    if (!flat && depth > 0) {
      const std::size_t before = out_.size();
      put(value, depth, true);
      if (out_.size() - before + 2 * depth <= line_width) return;
      out_.resize(before);
    }
    out_ += array != nullptr ? '[' : '{';
    bool first = true;
    if (array != nullptr) {
      for (const JsonValue& element : *array) {
        begin_element(depth, flat, first);
        put(element, depth + 1, flat);
      }
    } else {
      for (const JsonMember& member : *object) {
        begin_element(depth, flat, first);
        core::append_json_string(out_, member.key);
        out_ += ": ";
        put(member.value, depth + 1, flat);
      }
    }
    if (!flat && !first) new_line(depth);
    out_ += array != nullptr ? ']' : '}';
  }

  void begin_element(std::size_t depth, bool flat, bool& first) {
    if (!first) out_ += flat ? ", " : ",";
    if (!flat) new_line(depth + 1);
    first = false;
  }

  void new_line(std::size_t depth) {
    out_ += '\n';
    out_.append(2 * depth, ' ');
  }

  std::string out_;
};

}  // namespace

std::string readable_json(const JsonValue& value) { return ReadableJson().write(value); }

}  // namespace freight::inspect
