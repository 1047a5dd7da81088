#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "connectors/json_array/text_cursor.hpp"
#include "freight/job_spec.hpp"

namespace freight::json_array {

/// What stands in the way of a walk; `place` is where, as TextCursor::place() has it.
struct WalkFault {
  std::string place;
  std::string reason;
};

/// Walks over the values of a JSON text without keeping them. What it passes over is only looked at
/// for where it ends. Throws WalkFault where the text is no JSON, or ends. Not thread-safe.
class ValueWalk {
 public:
  ValueWalk(TextCursor& text, Encoding encoding) : text_(text), encoding_(encoding) {}

  /// The kind of the value that is next, in words: `an object`.
  std::string_view kind();

  /// Enters the object or array that is next.
  void enter() {
    text_.pass();
    is_first_ = true;
  }
  /// Before each member of the object that was entered: its name, unescaped; nullopt behind the
  /// last, which leaves the object. Longer names than any that can be asked for are cut.
  std::optional<std::string> next_member();
  /// Before each element of the array that was entered: false behind the last.
  bool next_element();

  /// Passes over the value that is next.
  void pass_value();

 private:
  /// Whether `end` is next, with a comma passed where one has to be.
  bool is_closed(char end);
  std::string read_name();
  void pass_string(std::string* raw);
  [[noreturn]] void fail(std::string reason);

  TextCursor& text_;
  const Encoding encoding_;
  /// Nothing of what was entered last has been passed.
  bool is_first_ = true;
};

}  // namespace freight::json_array
