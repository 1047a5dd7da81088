#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "connectors/file/record_format.hpp"
#include "connectors/json/record_layout.hpp"
#include "freight/job_spec.hpp"

namespace freight::jsonl {

/// One JSON object a line, laid out in given fields.
class JsonlFormat final : public file::RecordFormat {
 public:
  JsonlFormat(const JsonlSourceSpec& source, json::RecordLayout layout);

  const file::Names& layout() const override { return layout_.names(); }
  std::unique_ptr<file::RecordScanner> make_scanner(const file::LineStart& start) const override;
  std::unique_ptr<file::RecordReader> make_reader(RecordBatch& batch) const override;
  file::ScannedRecord scan_alone(std::string_view text) const override;

 private:
  class Reader;

  std::uint64_t max_record_bytes_;
  Encoding encoding_;
  json::RecordLayout layout_;
};

}  // namespace freight::jsonl
