#pragma once

#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

#include "connectors/file/input_file.hpp"
#include "connectors/file/record_scanner.hpp"
#include "freight/job_spec.hpp"

namespace freight::json_array {

/// Where the array of the records stands in a file.
struct ArrayPlace {
  /// Behind its opening bracket.
  file::LineStart begin;
  /// The opening brackets of what it stands in, from the outside in.
  std::string enclosing;
};

/// Which array is meant.
struct ArrayName {
  /// A JSON pointer; empty for the whole text.
  std::string pointer;
  /// That of the text, names included.
  Encoding encoding = Encoding::utf_8;
};

/// Finds the array that is named in the text that begins at `start`. Of members of one name the
/// first counts. Reads up to the array, in little memory. Throws Error(source_unreadable) that says
/// where the pointer leads to instead, or where the text is no JSON, and cancelled.
ArrayPlace find_array(const file::InputFile& file, const file::LineStart& start,
                      const ArrayName& array, const std::stop_token& stop);

/// The pointers of the arrays of objects in the first `most_bytes` of a text, those within objects
/// only: the whole text, a member, a member of a member. Up to ten of them; what follows a fault is
/// passed over.
std::vector<std::string> arrays_of_objects(const file::InputFile& file,
                                           const file::LineStart& start, std::uint64_t most_bytes,
                                           const std::stop_token& stop);

}  // namespace freight::json_array
