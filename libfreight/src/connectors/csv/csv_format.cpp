#include "connectors/csv/csv_format.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include "connectors/csv/field_splitter.hpp"
#include "connectors/csv/parse_fault.hpp"
#include "connectors/csv/record_scanner.hpp"
#include "connectors/csv/rejects_columns.hpp"
#include "connectors/file/text_encoding.hpp"

namespace freight::csv {
namespace {

file::Names layout_of(const std::vector<std::string>& names, std::size_t passed_over) {
  return std::make_shared<const std::vector<std::string>>(
      names.begin() + static_cast<std::ptrdiff_t>(passed_over), names.end());
}

}  // namespace

class CsvFormat::Reader final : public file::RecordReader {
 public:
  Reader(const CsvFormat& format, RecordBatch& batch)
      : format_(format),
        batch_(batch),
        splitter_(format.dialect_, format.names_.size()),
        all_fields_(format.options_.passed_over == 0 ? 0 : format.names_.size()) {}

  bool read(const file::FoundRecord& found, std::size_t index) override {
    RecordText text{found.record.raw, found.readable_end, found.place.has_quotes};
    if (format_.options_.encoding != Encoding::utf_8 && !decode(text)) return false;
    const std::size_t columns = batch_.layout->size();
    SourceField* const fields = batch_.fields.data() + index * columns;
    if (format_.options_.passed_over == 0) return splitter_.split(text, fields, batch_.arena);
    bad_cell_.reset();
    is_unknown_ = false;
    if (!splitter_.split(text, all_fields_.data(), batch_.arena)) return false;
    bad_cell_ = unescape_cells(all_fields_, format_.options_.passed_over, batch_.arena);
    if (bad_cell_) return false;
    is_unknown_ = has_unknown_cells(all_fields_, format_.options_.passed_over);
    if (is_unknown_) return false;
    std::copy_n(all_fields_.end() - static_cast<std::ptrdiff_t>(columns), columns, fields);
    return true;
  }

  RecordError error(const file::FoundRecord& found) override {
    const FaultContext context{format_.dialect_, format_.names_, format_.options_.max_record_bytes,
                               format_.options_.encoding, format_.options_.is_of_utf16};
    if (found.place.fault != file::ScanFault::none) {
      return scan_fault(found.place, found.record.raw, context);
    }
    if (is_unknown_) return unknown_cells_fault(all_fields_, format_.options_.passed_over);
    if (bad_cell_) return cell_fault(all_fields_[*bad_cell_].text(), format_.names_[*bad_cell_]);
    return parse_fault(found.record.raw, context);
  }

 private:
  /// False when a byte has no meaning.
  bool decode(RecordText& text) {
    const Encoding encoding = format_.options_.encoding;
    if (file::valid_prefix(text.text, encoding) != text.text.size()) return false;
    text.text = file::to_utf8(text.text, encoding, batch_.arena);
    text.readable_end = text.text.data() + text.text.size();
    return true;
  }

  const CsvFormat& format_;
  RecordBatch& batch_;
  FieldSplitter splitter_;
  /// Those passed over included; empty when there are none of them.
  std::vector<SourceField> all_fields_;
  /// Of a rejects file: the cell whose escapes give no text.
  std::optional<std::size_t> bad_cell_;
  /// Of a rejects file: cells of the row are missing that nobody knows.
  bool is_unknown_ = false;
};

CsvFormat::CsvFormat(const Dialect& dialect, std::vector<std::string> names, const Options& options)
    : dialect_(dialect),
      names_(std::move(names)),
      options_(options),
      layout_(layout_of(names_, options.passed_over)) {}

std::unique_ptr<file::RecordScanner> CsvFormat::make_scanner(const file::LineStart& start) const {
  return std::make_unique<RecordScanner>(
      dialect_,
      RecordScanner::Options{.max_record_bytes = options_.max_record_bytes,
                             .columns = names_.size()},
      start);
}

std::unique_ptr<file::RecordReader> CsvFormat::make_reader(RecordBatch& batch) const {
  return std::make_unique<Reader>(*this, batch);
}

file::ScannedRecord CsvFormat::scan_alone(std::string_view text) const {
  file::ScannedRecord record{.length = text.size(), .line = 1};
  // An empty line, or no record at all for want of fields.
  record.is_empty_line = text.empty() && names_.size() == 1;
  const file::Window window{.data = text.data(), .size = text.size(), .is_last = true};
  const auto scanner = make_scanner({});
  file::ScannedRecord found;
  if (scanner->next(window, found) != file::RecordScanner::Step::record) return record;
  if (found.offset != 0 || found.end < text.size()) found.fault = file::ScanFault::several_records;
  return found;
}

}  // namespace freight::csv
