#include "connectors/json/object_format.hpp"

#include <cstddef>
#include <string>
#include <utility>

#include "connectors/file/place_index.hpp"
#include "connectors/file/printable.hpp"
#include "connectors/file/text_encoding.hpp"
#include "connectors/file/too_long.hpp"
#include "connectors/json/object_reader.hpp"

namespace freight::json {

class ObjectFormat::Reader final : public file::RecordReader {
 public:
  Reader(const ObjectFormat& format, RecordBatch& batch) : format_(format), batch_(batch) {}

  bool read(const file::FoundRecord& found, std::size_t index) override {
    std::string_view text = found.record.raw;
    if (format_.encoding_ != Encoding::utf_8) {
      const std::size_t sound = file::valid_prefix(text, format_.encoding_);
      if (sound != text.size()) {
        fault_ = {.code = Code::invalid_utf8, .offset = sound};
        return false;
      }
      text = file::to_utf8(text, format_.encoding_, batch_.arena);
    }
    if (const auto fault = reader_.read(text, batch_.arena)) {
      fault_ = *fault;
      fault_.offset = file::encoded_size(text, fault_.offset, format_.encoding_);
      return false;
    }
    format_.layout_.place(reader_.members(), index, batch_);
    return true;
  }

  RecordError error(const file::FoundRecord& found) override {
    const std::string_view raw = found.record.raw;
    if (found.place.fault == file::ScanFault::record_too_long) {
      return file::too_long_fault({.length = found.place.length,
                                   .max_record_bytes = format_.max_record_bytes_,
                                   .head = raw,
                                   .encoding = format_.encoding_});
    }
    if (found.place.fault == file::ScanFault::missing_comma) {
      return {.code = Code::invalid_json,
              .stage = Stage::parse,
              .value = file::printable(raw, format_.encoding_),
              .expected = "a comma",
              .message = "The next record follows the " + std::string(format_.unit()) +
                         " without a comma between them",
              .hint = "Put a comma behind it."};
    }
    const std::uint64_t offset =
        format_.is_laid_out_ ? file::utf16_bytes(raw.substr(0, fault_.offset)) : fault_.offset;
    const std::string place = "byte " + std::to_string(offset) + " of the " +
                              std::string(format_.unit()) + " (byte " +
                              std::to_string(found.record.byte_offset + offset) + " of the file)";
    RecordError error{.code = fault_.code,
                      .stage = Stage::parse,
                      .value = file::printable(raw, format_.encoding_)};
    if (fault_.code == Code::invalid_utf8) {
      error.expected = file::expected_encoding(format_.encoding_);
      error.message = "The byte " + file::printable_byte(raw[fault_.offset]) + ", " + place +
                      ", is not valid " + error.expected;
      error.hint = file::encoding_hint(raw, fault_.offset, format_.encoding_);
      return error;
    }
    error.expected = "a JSON object";
    error.message = "At " + place + " " + std::string(fault_.reason);
    error.hint = fault_.code == Code::nul_byte ? "Text columns cannot hold NUL: take it out."
                                               : format_.hint_for(raw);
    return error;
  }

 private:
  const ObjectFormat& format_;
  RecordBatch& batch_;
  ObjectReader reader_;
  /// Of the record that was refused last, in the file's own bytes.
  Fault fault_;
};

ObjectFormat::ObjectFormat(const RecordText& text, RecordLayout layout)
    : max_record_bytes_(text.max_record_bytes),
      encoding_(file::text_encoding(text.encoding)),
      is_laid_out_(encoding_ != text.encoding),
      layout_(std::move(layout)) {}

std::unique_ptr<file::RecordReader> ObjectFormat::make_reader(RecordBatch& batch) const {
  return std::make_unique<Reader>(*this, batch);
}

file::ScannedRecord ObjectFormat::scan_alone(std::string_view text) const {
  // Line breaks are white space between the parts of one object.
  file::ScannedRecord record{.length = text.size(), .line = 1};
  if (text.size() > max_record_bytes_) record.fault = file::ScanFault::record_too_long;
  return record;
}

}  // namespace freight::json
