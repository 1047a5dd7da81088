#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "connectors/json/object_format.hpp"
#include "freight/job_spec.hpp"

namespace freight::jsonl {

/// One JSON object a line, laid out in given fields.
class JsonlFormat final : public json::ObjectFormat {
 public:
  JsonlFormat(const JsonlSourceSpec& source, json::RecordLayout layout);

  std::unique_ptr<file::RecordScanner> make_scanner(const file::LineStart& start) const override;

 private:
  std::string_view unit() const override { return "line"; }
  std::string hint_for(std::string_view line) const override;
};

}  // namespace freight::jsonl
