#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/csv/dialect.hpp"
#include "connectors/file/record_format.hpp"
#include "freight/job_spec.hpp"

namespace freight::csv {

/// CSV records of a dialect and a header.
class CsvFormat final : public file::RecordFormat {
 public:
  struct Options {
    std::uint64_t max_record_bytes = 0;
    Encoding encoding = Encoding::utf_8;
    /// The text was laid out of UTF-16.
    bool is_of_utf16 = false;
    /// Columns that are passed over before those of the layout: none, or those of a rejects file.
    std::size_t passed_over = 0;
  };

  /// `names` are those of all columns.
  CsvFormat(const Dialect& dialect, std::vector<std::string> names, const Options& options);

  const file::Names& layout() const override { return layout_; }
  std::unique_ptr<file::RecordScanner> make_scanner(const file::LineStart& start) const override;
  std::unique_ptr<file::RecordReader> make_reader(RecordBatch& batch) const override;
  file::ScannedRecord scan_alone(std::string_view text) const override;

 private:
  class Reader;

  Dialect dialect_;
  std::vector<std::string> names_;
  Options options_;
  file::Names layout_;
};

}  // namespace freight::csv
