#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/csv/field_cursor.hpp"
#include "connectors/csv/record_scanner.hpp"
#include "connectors/csv/rejects_columns.hpp"
#include "connectors/file/input_file.hpp"
#include "connectors/file/sliding_window.hpp"
#include "freight/dead_letters.hpp"
#include "freight/job_store.hpp"
#include "report/raw_columns.hpp"

namespace freight::report {

/// Of a job's files that have their columns in another order than the source, by their names: what
/// RawColumns::split() takes. Empty without a store.
std::map<std::string, std::string> locators_of(JobStore* store, const Job& job);

/// Reads a rejects file that a person has corrected. Memory does not grow with it. Not thread-safe.
class RejectsFile {
 public:
  /// Throws Error(missing_header) for a file that is none of this job's, and what InputFile throws.
  RejectsFile(const std::filesystem::path& path, const Job& job,
              std::map<std::string, std::string> locators);

  /// The next record; false at the end. A row whose cells are as they were exported has no
  /// correction: its record is tried again as it stands in the source. Throws Error(invalid_value),
  /// naming the line, for a row that cannot be one of a rejects file.
  bool next(Correction& correction);

 private:
  using Cells = std::vector<std::optional<std::string>>;

  bool next_cells(Cells& cells);
  void check_header(const Cells& cells) const;
  bool is_escaped(const Cells& cells) const;
  std::string raw_of(const Cells& cells) const;
  std::uint64_t byte_length_of(const Cells& cells) const;
  bool is_untouched(const Cells& cells) const;
  void refuse_unknown_cells(const Cells& cells) const;
  /// Where the source's own columns begin.
  std::size_t own_begin() const { return first_ + csv::rejects_columns.size(); }
  [[noreturn]] void refuse(const std::string& what) const;

  file::InputFile file_;
  csv::Dialect dialect_;
  file::SlidingWindow window_;
  csv::RecordScanner scanner_;
  RawColumns raw_columns_;
  std::map<std::string, std::string> locators_;
  /// Where the columns begin that every rejects file has.
  std::size_t first_;
  std::uint64_t line_ = 1;
};

}  // namespace freight::report
