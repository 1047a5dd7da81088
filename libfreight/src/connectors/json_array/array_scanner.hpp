#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <string>

#include "connectors/file/record_scanner.hpp"
#include "connectors/json_array/array_place.hpp"

namespace freight::json_array {

/// Where the elements of a JSON array end: each is a record, whatever it is. Of a broken element it
/// says as well as can be where the next one begins, from nothing but what follows the element's
/// first byte: an end of an array or object closes what was left open within it; a string is not
/// open any more where a line of its own begins like an element or a member; and an object in place
/// of a member's name is the next element. Nothing is looked at twice.
class ArrayScanner final : public file::RecordScanner {
 public:
  /// Begins at `start`: behind the array's opening bracket, or at an element.
  ArrayScanner(const ArrayPlace& array, std::uint64_t max_record_bytes,
               const file::LineStart& start);

  Step next(const file::Window& window, file::ScannedRecord& record) override;

  std::uint64_t position() const override { return position_; }
  std::uint64_t line() const override { return line_; }
  std::uint64_t record_start() const override { return is_in_element() ? start_ : position_; }
  bool is_discarding() const override;
  std::uint64_t work() const override { return work_; }
  void check_end(const file::InputFile& file) const override;

 private:
  enum class State : std::uint8_t {
    between,      ///< at an element, at a comma or at the array's end
    structure,    ///< in an element, outside of strings
    string,       ///< in a string of an element
    escape,       ///< behind its backslash
    string_line,  ///< where a line begins within a string, which no sound string allows
    line_quote,   ///< behind a quote there: it ends the string, or begins another
    line_brace,   ///< behind a brace there: it is the next element's, if a name or its end follows
    rest,         ///< behind the array
    rest_string,
    rest_escape,
    finished,
  };

  enum class Problem : std::uint8_t { none, open_element, open_array, open_rest, wrong_end, more };

  bool is_in_element() const { return state_ >= State::structure && state_ <= State::line_brace; }

  /// Takes the byte at position(), or looks at it again in another state. True when that ends a
  /// record.
  bool take(char byte, file::ScannedRecord& record);
  bool take_between(char byte, file::ScannedRecord& record);
  bool take_structure(char byte, file::ScannedRecord& record);
  void take_in_string(char byte);
  void take_after_break(char byte);
  bool take_after_quote(char byte, file::ScannedRecord& record);
  bool take_after_brace(char byte, file::ScannedRecord& record);
  void take_rest(char byte);
  void pass(char byte);
  void pass_plain(const file::Window& window);

  bool is_next_element(std::uint64_t offset) const;
  bool is_whole() const;
  void begin_element(std::uint64_t offset, std::uint64_t line);
  void give(file::ScannedRecord& record, std::uint64_t stop, std::uint64_t end);
  void leave_array();
  void open(bool is_array);
  void close(bool is_array);
  Step finish(file::ScannedRecord& record);
  void fail(Problem problem, std::uint64_t offset, std::uint64_t line);

  static constexpr std::size_t deepest = 512;

  const ArrayPlace& array_;
  std::uint64_t max_record_bytes_;
  State state_ = State::between;
  std::uint64_t position_;
  std::uint64_t line_;
  /// An end of the array here is no missing element.
  bool may_be_empty_;

  /// Of the element: its first byte, and what is behind its last one so far.
  std::uint64_t start_ = 0;
  std::uint64_t start_line_ = 0;
  std::uint64_t content_end_ = 0;
  /// The last byte that is no white space, outside of strings or at a string's end.
  char last_ = '\0';
  /// Of State::line_brace: where the brace is.
  std::uint64_t brace_ = 0;
  std::uint64_t brace_line_ = 0;

  /// What is open, as far as it is not too deep to be anything but a fault.
  std::bitset<deepest> is_array_;
  std::size_t depth_ = 0;
  std::size_t arrays_ = 0;
  std::uint64_t too_deep_ = 0;
  /// The element was an object or array that was closed, whatever stands behind it.
  bool was_whole_ = false;

  Problem problem_ = Problem::none;
  std::uint64_t problem_offset_ = 0;
  std::uint64_t problem_line_ = 0;
  std::uint64_t work_ = 0;
};

}  // namespace freight::json_array
