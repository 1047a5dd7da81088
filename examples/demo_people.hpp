#pragma once

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The people of a small CRM as it would export them: names of many languages, quotes, line breaks
/// and empty cells in them, and on request the faults that real exports have. The same options give
/// the same bytes on every machine.
namespace freight_demo {

struct DemoOptions {
  std::uint64_t records = 1000;
  std::uint64_t seed = 1;
  /// Spread evenly over the records, each kind in turn; at most one in twenty records.
  std::uint64_t faults = 0;
  /// CRLF ends a record instead of LF.
  bool crlf = false;
  bool byte_order_mark = false;
};

/// One fault that was planted, and how Freight is to report it. Positions are those of the job
/// spec: ordinals from 0, lines from 1 with the header, offsets from the file's first byte.
struct PlantedFault {
  std::string_view kind;
  std::uint64_t ordinal = 0;
  std::uint64_t line = 0;
  std::uint64_t byte_offset = 0;
  /// Without the line end.
  std::uint64_t byte_length = 0;
  /// Empty when it is of no single column.
  std::string_view column;
  std::string_view code;
};

/// One person; a cell without a value is empty here and in the file.
struct DemoPerson {
  std::string id;
  std::string first_name;
  std::string last_name;
  std::string email;
  std::string phone;
  std::string country;
  std::string born;
  std::string balance;
  std::string active;
  /// nullopt is nothing in the file; an empty text is `""`.
  std::optional<std::string> note;
};

/// The person of a record without a fault.
DemoPerson demo_person(std::uint64_t seed, std::uint64_t ordinal);

/// The most faults that may be asked for.
std::uint64_t most_faults(std::uint64_t records);

/// Writes the CSV file; gives the faults in the order of the file.
std::vector<PlantedFault> write_people(std::ostream& out, const DemoOptions& options);

/// The faults as a JSON array, one object a line.
void write_fault_list(std::ostream& out, const std::vector<PlantedFault>& faults);

}  // namespace freight_demo
