#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "freight/destination.hpp"

namespace freight::file {

/// A unit of work that is in the file.
struct WrittenUnit {
  std::string unit;
  std::uint64_t first_ordinal = 0;
  std::uint64_t records = 0;
  std::string content_hash;
  std::string input_hash;
  std::uint64_t inserted = 0;
  /// Of the file, with the unit at its end.
  std::uint64_t length = 0;
};

/// What a file destination knows to be in its unfinished file: the content of the side file, one
/// JSON object a line, the first of which says whose it is. Not thread-safe.
class UnitLedger {
 public:
  static std::string head_line(JobId job_id);
  static std::string line_of(const WrittenUnit& unit);

  /// Takes in what was appended to the side file. What follows the last line end was cut off by a
  /// crash and is left out. Throws newer_format, or destination_failed for what is no ledger.
  void read(std::string_view appended);

  /// What the ledger keeps of the unit; nullopt when it is not there. Throws ledger_conflict when
  /// it is there with other records.
  std::optional<WriteResult> find(const WriteRequest& request) const;

  /// Of the side file, as far as it was understood.
  std::uint64_t bytes() const { return bytes_; }
  /// Of the data file.
  std::uint64_t length() const { return length_; }
  std::uint64_t inserted() const { return inserted_; }
  /// Behind the last record of the source whose range is in the file.
  std::uint64_t next_ordinal() const { return next_ordinal_; }

 private:
  void read_line(std::string_view line);
  void add(WrittenUnit unit);

  std::unordered_map<std::string, WrittenUnit> units_;
  std::uint64_t bytes_ = 0;
  std::uint64_t length_ = 0;
  std::uint64_t inserted_ = 0;
  std::uint64_t next_ordinal_ = 0;
};

}  // namespace freight::file
