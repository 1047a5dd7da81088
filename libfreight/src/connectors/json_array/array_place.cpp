#include "connectors/json_array/array_place.hpp"

#include <cstddef>
#include <limits>
#include <string_view>
#include <utility>

#include "connectors/file/printable.hpp"
#include "connectors/json_array/text_cursor.hpp"
#include "connectors/json_array/value_walk.hpp"
#include "core/nearest_name.hpp"
#include "freight/error.hpp"
#include "mapping/transforms/json_pointer.hpp"

namespace freight::json_array {
namespace {

constexpr std::uint64_t everything = std::numeric_limits<std::uint64_t>::max();
/// How far a hint looks for arrays.
constexpr std::uint64_t bytes_for_hint = std::uint64_t{1} << 20U;
constexpr std::size_t most_names = 20;
constexpr std::size_t most_arrays = 10;
constexpr std::size_t deepest_array = 3;

std::string in_quotes(std::string_view text) { return "\"" + file::printable(text) + "\""; }

void append_part(std::string& pointer, std::string_view part) {
  pointer += '/';
  for (const char byte : part) {
    if (byte == '~') {
      pointer += "~0";
    } else if (byte == '/') {
      pointer += "~1";
    } else {
      pointer += byte;
    }
  }
}

class ArraySearch {
 public:
  ArraySearch(const file::InputFile& file, const file::LineStart& start, const ArrayName& array,
              const std::stop_token& stop)
      : file_(file),
        start_(start),
        pointer_(array.pointer),
        stop_(stop),
        text_(file, start, everything, stop),
        walk_(text_, array.encoding) {}

  ArrayPlace run() {
    try {
      refuse_no_json();
      const mapping::JsonPointer pointer(pointer_);
      for (const std::string& part : pointer.parts()) enter(part);
      if (text_.peek_token() != '[') refuse_other();
      text_.pass();
    } catch (const WalkFault& fault) {
      throw Error(Code::source_unreadable,
                  "The source " + name() + " is no JSON up to the array of its records: on " +
                      fault.place + " " + fault.reason,
                  {.hint = "Was the file cut off while it was copied? Else correct it there."});
    }
    return {.begin = {.offset = text_.offset(), .line = text_.line()}, .enclosing = enclosing_};
  }

 private:
  std::string name() const { return file_.path().string(); }

  void refuse_no_json() {
    text_.peek_token();
    if (text_.is_at_end()) {
      throw Error(Code::source_unreadable, "The source " + name() + " is empty: it holds no JSON",
                  {.hint = "A text without records is []."});
    }
    if (walk_.kind() != "no JSON value") return;
    throw Error(Code::source_unreadable,
                "The source " + name() + " holds no JSON: it begins with " +
                    in_quotes(std::string(1, text_.peek())) + " on " + text_.place(),
                {.hint = "Type \"json\" reads an array of objects, [{…}, …]; a table of text is "
                         "read with \"type\": \"csv\"."});
  }

  /// Goes to what `part` names within the value that is next.
  void enter(const std::string& part) {
    const std::string place = text_.place();
    const std::string_view kind = walk_.kind();
    const bool is_object = kind == "an object";
    if (!is_object && kind != "an array") {
      refuse("there is " + std::string(kind) + " at " + in_quotes(reached_) + ", on " + place +
                 ", which holds nothing named " + in_quotes(part),
             "Give the pointer of the array of the records.");
    }
    enclosing_ += text_.peek();
    walk_.enter();
    if (is_object) {
      enter_member(part, place);
    } else {
      enter_element(part, place);
    }
    append_part(reached_, part);
  }

  void enter_member(const std::string& part, const std::string& place) {
    std::vector<std::string> names;
    while (auto member = walk_.next_member()) {
      if (*member == part) return;
      if (names.size() < most_names) names.push_back(std::move(*member));
      walk_.pass_value();
    }
    refuse("the object at " + in_quotes(reached_) + ", on " + place + ", has no member " +
               in_quotes(part),
           hint_of(part, names));
  }

  static std::string hint_of(const std::string& part, const std::vector<std::string>& names) {
    if (names.empty()) return "It has no members.";
    const std::string_view nearest = core::nearest_name(part, names);
    if (!nearest.empty()) return "Did you mean " + in_quotes(nearest) + "?";
    std::string list;
    for (const std::string& member : names) list += (list.empty() ? "" : ", ") + in_quotes(member);
    return "It has " + list + (names.size() == most_names ? " and more." : ".");
  }

  void enter_element(const std::string& part, const std::string& place) {
    const auto index = mapping::JsonPointer::index_of(part);
    std::size_t elements = 0;
    while (walk_.next_element()) {
      if (index && elements == *index) return;
      ++elements;
      walk_.pass_value();
    }
    const std::string what = "the array at " + in_quotes(reached_) + ", on " + place + ", has ";
    refuse(what + std::to_string(elements) + " elements and no " + in_quotes(part),
           "Elements are counted from 0; for the array itself leave the number out.");
  }

  [[noreturn]] void refuse(const std::string& what, std::string hint) const {
    throw Error(Code::source_unreadable,
                "The records_pointer " + in_quotes(pointer_) + " leads to nothing in the source " +
                    name() + ": " + what,
                {.hint = std::move(hint)});
  }

  /// What the pointer leads to is no array.
  [[noreturn]] void refuse_other() {
    const std::string kind(walk_.kind());
    const std::string place = text_.place();
    const std::string what = pointer_.empty() ? "The source " + name() + " is "
                                              : "The records_pointer " + in_quotes(pointer_) +
                                                    " leads, in the source " + name() + ", to ";
    throw Error(Code::source_unreadable, what + kind + ", not an array of objects, on " + place,
                {.hint = hint_for_other(kind == "an object")});
  }

  std::string hint_for_other(bool is_object) const {
    std::string list;
    for (const std::string& array : arrays_of_objects(file_, start_, bytes_for_hint, stop_)) {
      list += (list.empty() ? "" : " or ") + in_quotes(array);
    }
    if (!list.empty()) return "An array of objects is at \"records_pointer\": " + list + ".";
    return is_object ? "Objects one a line are read with \"type\": \"jsonl\"; an array within the "
                       "object is named by \"records_pointer\"."
                     : "Name the array of the records with \"records_pointer\".";
  }

  const file::InputFile& file_;
  const file::LineStart start_;
  const std::string pointer_;
  const std::stop_token& stop_;
  TextCursor text_;
  ValueWalk walk_;
  std::string enclosing_;
  /// The pointer to what is next.
  std::string reached_;
};

class ArrayList {
 public:
  explicit ArrayList(TextCursor& text) : text_(text), walk_(text, Encoding::utf_8) {}

  std::vector<std::string> run() {
    try {
      look_at({}, 0);
    } catch (const WalkFault&) {
      // Also where the part of the text that is looked at ends.
    }
    return std::move(arrays_);
  }

 private:
  void look_at(const std::string& pointer, std::size_t depth) {
    const char byte = text_.peek_token();
    if (byte == '[') {
      look_at_array(pointer);
    } else if (byte == '{' && depth < deepest_array) {
      walk_.enter();
      while (const auto member = walk_.next_member()) {
        std::string inner = pointer;
        append_part(inner, *member);
        look_at(inner, depth + 1);
      }
    } else {
      walk_.pass_value();
    }
  }

  void look_at_array(const std::string& pointer) {
    walk_.enter();
    bool is_first = true;
    while (walk_.next_element()) {
      const bool is_object = text_.peek_token() == '{';
      if (is_first && is_object && arrays_.size() < most_arrays) arrays_.push_back(pointer);
      is_first = false;
      walk_.pass_value();
    }
  }

  TextCursor& text_;
  ValueWalk walk_;
  std::vector<std::string> arrays_;
};

}  // namespace

ArrayPlace find_array(const file::InputFile& file, const file::LineStart& start,
                      const ArrayName& array, const std::stop_token& stop) {
  return ArraySearch(file, start, array, stop).run();
}

std::vector<std::string> arrays_of_objects(const file::InputFile& file,
                                           const file::LineStart& start, std::uint64_t most_bytes,
                                           const std::stop_token& stop) {
  TextCursor text(file, start, start.offset + most_bytes, stop);
  return ArrayList(text).run();
}

}  // namespace freight::json_array
