#pragma once

#include "connectors/file_output/row_format.hpp"

namespace freight::csv {

/// Rows as CSV after RFC 4180, with LF line ends: quotes where a text needs them and around a text
/// that is empty; NULL is nothing.
class CsvRows final : public file::RowFormat {
 public:
  struct Options {
    char delimiter = ',';
    bool header = true;
  };

  explicit CsvRows(const Options& options) : options_(options) {}

  std::string header(const std::vector<OutputColumn>& columns) const override;
  void append(const OutputBatch& rows, std::string& out) const override;
  std::unique_ptr<Counter> counter() const override;

 private:
  void append_text(std::string_view text, std::string& out) const;

  Options options_;
};

}  // namespace freight::csv
