#pragma once

#include "connectors/file_output/row_format.hpp"

namespace freight::jsonl {

/// Rows as JSON objects, one a line, with the keys in the order of the columns. Numbers keep their
/// digits; NULL is null.
class JsonlRows final : public file::RowFormat {
 public:
  std::string header(const std::vector<OutputColumn>&) const override { return {}; }
  void append(const OutputBatch& rows, std::string& out) const override;
  std::unique_ptr<Counter> counter() const override;
};

}  // namespace freight::jsonl
