#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "connectors/file/record_format.hpp"
#include "connectors/json/record_layout.hpp"
#include "freight/job_spec.hpp"

namespace freight::json {

/// How the text of a record is read.
struct RecordText {
  /// The file's own.
  Encoding encoding = Encoding::utf_8;
  std::uint64_t max_record_bytes = 0;
};

/// Files whose records are JSON objects, laid out in given fields. Where the objects stand is for
/// the derived class to say.
class ObjectFormat : public file::RecordFormat {
 public:
  ObjectFormat(const RecordText& text, RecordLayout layout);

  const file::Names& layout() const final { return layout_.names(); }
  std::unique_ptr<file::RecordReader> make_reader(RecordBatch& batch) const final;
  file::ScannedRecord scan_alone(std::string_view text) const final;

 protected:
  std::uint64_t max_record_bytes() const { return max_record_bytes_; }

  /// What messages call the text of a record.
  virtual std::string_view unit() const = 0;
  /// What to do about a record that is no object, or no JSON.
  virtual std::string hint_for(std::string_view raw) const = 0;

 private:
  class Reader;

  std::uint64_t max_record_bytes_;
  /// Of the text that is read.
  Encoding encoding_;
  /// It was laid out of another encoding.
  bool is_laid_out_;
  RecordLayout layout_;
};

}  // namespace freight::json
