#include "connectors/csv/header.hpp"

#include <algorithm>
#include <optional>
#include <string_view>
#include <unordered_map>

#include "connectors/cancellation.hpp"
#include "connectors/csv/field_cursor.hpp"
#include "connectors/csv/parse_fault.hpp"
#include "connectors/csv/record_scanner.hpp"
#include "connectors/csv/rejects_columns.hpp"
#include "connectors/csv/usable_names.hpp"
#include "connectors/file/byte_order_mark.hpp"
#include "connectors/file/byte_search.hpp"
#include "connectors/file/printable.hpp"
#include "connectors/file/sliding_window.hpp"
#include "connectors/file/text_encoding.hpp"
#include "core/visible.hpp"
#include "freight/error.hpp"

namespace freight::csv {

using file::find_byte;

namespace {

/// More columns than any table has; a header beyond it is something else.
constexpr std::size_t most_columns = 100'000;

/// The record whose fields say how many columns there are, and its text.
struct FirstRecord {
  ScannedRecord place;
  std::string text;
};

class HeaderReader {
 public:
  HeaderReader(const file::InputFile& file, const JobSpec& spec, const std::stop_token& stop)
      : file_(file),
        spec_(spec),
        source_(std::get<CsvSourceSpec>(spec.source)),
        dialect_(source_.dialect),
        stop_(stop),
        window_(file, {.end = file.size(),
                       .capacity = file::window_capacity(source_.max_record_bytes,
                                                         file::SlidingWindow::default_piece)}) {}

  Header read() {
    Header header{.dialect = source_.dialect, .encoding = file::text_encoding(source_.encoding)};
    offset_ = file::byte_order_mark_size(file_, header.encoding, header.warnings);
    advance(offset_, offset_);
    if (begins_as_rejects_file() && read_rejects_names(header)) return header;
    refuse_carriage_returns_alone();
    pass_skipped_rows();
    header.data_offset = offset_;
    header.data_line = line_;
    if (source_.dialect.header) {
      read_names(header);
    } else {
      make_names(header);
    }
    if (header.names.size() > most_columns) {
      throw Error(Code::source_unreadable,
                  where(header.data_line) + " has " + std::to_string(header.names.size()) +
                      " columns; at most " + std::to_string(most_columns) + " are read",
                  {.hint = "Check dialect.delimiter."});
    }
    return header;
  }

 private:
  std::string where(std::uint64_t line) const {
    return "The source " + file_.path().string() + ", line " + std::to_string(line) + ",";
  }

  void advance(std::uint64_t keep, std::uint64_t position) {
    connectors::throw_if_cancelled(stop_);
    window_.advance(keep, position);
  }

  bool begins_as_rejects_file() const {
    std::string_view text(window_.view().data, window_.view().size);
    if (text.starts_with('"')) text.remove_prefix(1);
    return text.starts_with(rejects_columns[0]) || text.starts_with(rejects_file_column);
  }

  /// A rejects file as Freight writes it, whatever the dialect of the source that it is of.
  bool read_rejects_names(Header& header) {
    const CsvDialect written;
    const Dialect dialect(written);
    const auto record = first_record(dialect, false);
    if (!record || record->place.fault != ScanFault::none) return false;
    if (!begins_with_rejects_columns(dialect, record->text)) return false;
    header.dialect = written;
    header.encoding = Encoding::utf_8;
    refuse_broken(*record, header.encoding);
    header.names = split_names(dialect, *record);
    header.data_offset = record->place.end;
    header.data_line = line_after(*record, dialect);
    pass_over_rejects_columns(header, record->place.line);
    return true;
  }

  static bool begins_with_rejects_columns(const Dialect& dialect, std::string_view text) {
    std::vector<std::string> first;
    FieldCursor cursor(dialect, text);
    FieldSlice slice;
    while (first.size() <= rejects_columns.size() && cursor.next(slice)) {
      first.emplace_back(slice.content);
    }
    return rejects_columns_in(first) > 0;
  }

  void pass_over_rejects_columns(Header& header, std::uint64_t line) const {
    header.passed_over = rejects_columns_in(header.names);
    // Only its source had them.
    header.dialect.footer_rows = 0;
    if (header.names.size() == header.passed_over) {
      throw Error(Code::missing_header,
                  where(line) + " has the header of a rejects file, and no column after \"" +
                      std::string(rejects_columns.back()) + "\"",
                  {.hint = "The source's own columns are needed there."});
    }
    for (std::size_t index = header.passed_over; index < header.names.size(); ++index) {
      header.names[index] = name_in_source(header.names[index]);
    }
    settle_names(header, line);
    header.warnings.push_back("The source is a rejects file: its first " +
                              std::to_string(header.passed_over) + " columns are passed over.");
  }

  /// As old programs of the Macintosh end lines: all would be one record, most likely the header.
  void refuse_carriage_returns_alone() const {
    constexpr std::uint64_t looked_at = 1U << 20U;
    if (dialect_.line_end == '\r') return;
    std::string text(std::min<std::uint64_t>(file_.size(), looked_at), '\0');
    file_.read(0, text);
    if (text.find('\n') != std::string::npos || text.find('\r') == std::string::npos) return;
    throw Error(Code::source_unreadable,
                "The source " + file_.path().string() + " has no LF, only CR, where lines end",
                {.hint = R"(Set "lineTerminator": "\r" in source.dialect.)"});
  }

  void pass_skipped_rows() {
    for (std::uint64_t row = 0; row < source_.dialect.skip_rows && offset_ < file_.size(); ++row) {
      pass_row();
      ++line_;
    }
  }

  void pass_row() {
    while (true) {
      const file::Window& view = window_.view();
      if (!view.holds(offset_)) {
        if (view.is_last && offset_ == view.end()) return;
        advance(offset_, offset_);
        continue;
      }
      const char* const end = view.data + view.size;
      const char* const found = find_byte(view.at(offset_), end, dialect_.line_end);
      offset_ = view.offset + static_cast<std::uint64_t>(found - view.data);
      if (found == end) continue;
      ++offset_;
      return;
    }
  }

  /// The first record from offset_ on that has an end; of the header: the first at all.
  std::optional<FirstRecord> first_record(const Dialect& dialect, bool skip_broken) {
    RecordScanner scanner(dialect, {.max_record_bytes = source_.max_record_bytes},
                          {.offset = offset_, .line = line_});
    ScannedRecord record;
    while (true) {
      const auto step = scanner.next(window_.view(), record);
      if (step == RecordScanner::Step::end) return std::nullopt;
      if (step == RecordScanner::Step::more) {
        const auto position = scanner.position();
        advance(scanner.is_discarding() ? position : scanner.record_start(), position);
        continue;
      }
      if (record.fault == ScanFault::none) {
        return FirstRecord{
            record, std::string(window_.view().text(record.offset, record.offset + record.length))};
      }
      if (!skip_broken) return FirstRecord{record, std::string()};
    }
  }

  void read_names(Header& header) {
    auto record = first_record(dialect_, false);
    if (!record) {
      throw Error(Code::missing_header,
                  "The source " + file_.path().string() + " is empty: it has no header",
                  {.hint = "Set dialect.header to false if the file has none."});
    }
    refuse_broken(*record, header.encoding);
    refuse_separator_line(*record);
    record->text = file::to_utf8(record->text, header.encoding);
    header.names = split_names(dialect_, *record);
    header.data_offset = record->place.end;
    header.data_line = line_after(*record, dialect_);
    if (rejects_columns_in(header.names) > 0) {
      pass_over_rejects_columns(header, record->place.line);
    } else if (source_.dialect.header_names) {
      replace_names(header, record->place.line);
    } else {
      settle_names(header, record->place.line);
      warn_of_delimiter(header);
    }
  }

  /// What spreadsheets write to tell each other the delimiter.
  void refuse_separator_line(const FirstRecord& record) const {
    constexpr std::string_view key = "sep=";
    if (!record.text.starts_with(key) || record.text.size() != key.size() + 1) return;
    const std::string delimiter =
        record.text.back() == '\t' ? "\\t" : std::string(1, record.text.back());
    refuse_header(
        record.place.line,
        "is only \"" + core::visible(record.text) + "\", which tells spreadsheets the delimiter",
        R"(Set "skipRows": 1 and "delimiter": ")" + delimiter + R"(" in source.dialect.)");
  }

  static std::uint64_t line_after(const FirstRecord& record, const Dialect& dialect) {
    const auto breaks = std::count(record.text.begin(), record.text.end(), dialect.line_end);
    return record.place.line + static_cast<std::uint64_t>(breaks) + 1;
  }

  void refuse_broken(const FirstRecord& record, Encoding encoding) const {
    if (record.place.fault == ScanFault::unterminated_quote) {
      refuse_header(record.place.line, "has a quote that is not closed");
    }
    if (record.place.fault == ScanFault::record_too_long) {
      refuse_header(record.place.line, "is longer than max_record_bytes");
    }
    const std::size_t sound = file::valid_prefix(record.text, encoding);
    if (sound < record.text.size()) {
      refuse_header(record.place.line,
                    "is not valid " + file::expected_encoding(encoding) + ": byte " +
                        file::printable_byte(record.text[sound]) + " at " + std::to_string(sound),
                    file::encoding_hint(record.text, sound, encoding));
    }
    if (record.text.find('\0') != std::string::npos) {
      refuse_header(
          record.place.line, "has a NUL byte",
          "If the file is UTF-16, set the source's \"encoding\" to \"utf-16le\" or \"utf-16be\".");
    }
  }

  [[noreturn]] void refuse_header(
      std::uint64_t line, const std::string& what,
      const std::string& hint = "Check the file and source.dialect.") const {
    throw Error(Code::source_unreadable, where(line) + " has a header that " + what,
                {.hint = hint});
  }

  std::vector<std::string> split_names(const Dialect& dialect, const FirstRecord& record) const {
    std::vector<std::string> names;
    FieldCursor cursor(dialect, record.text);
    FieldSlice slice;
    while (cursor.next(slice)) {
      if (slice.is_misplaced) {
        refuse_header(record.place.line, "has a misplaced quote in name " +
                                             std::to_string(names.size() + 1) + ", " +
                                             file::printable(slice.raw));
      }
      // The first name is one, however short it is; so is the last that headerNames counts.
      const bool is_counted =
          source_.dialect.header_names && source_.dialect.header_names->size() > names.size();
      if (!names.empty() && !is_counted && cursor.is_trailing(slice)) break;
      names.push_back(FieldCursor::text_of(dialect, slice));
    }
    return names;
  }

  void replace_names(Header& header, std::uint64_t line) const {
    const auto& names = *source_.dialect.header_names;
    if (names.size() != header.names.size()) {
      throw Error(Code::missing_header,
                  where(line) + " has a header of " + std::to_string(header.names.size()) +
                      " names, but dialect.headerNames has " + std::to_string(names.size()),
                  {.hint = "Name every column in dialect.headerNames, or check the delimiter."});
    }
    header.names = names;
  }

  /// Of the source's own columns.
  void settle_names(Header& header, std::uint64_t line) const {
    const std::size_t from = header.passed_over;
    if (source_.dialect.auto_header_names) {
      std::string changed = make_usable(
          header.names, {.from = from, .case_sensitive = source_.dialect.case_sensitive_header});
      if (!changed.empty()) header.warnings.push_back(std::move(changed));
    }
    refuse_unclear_names(header.names, from, line);
  }

  void refuse_unclear_names(const std::vector<std::string>& names, std::size_t from,
                            std::uint64_t line) const {
    const std::string hint =
        "Set dialect.headerNames to \"auto\", which makes names of them, or name the columns "
        "there.";
    std::unordered_map<std::string_view, std::size_t> seen;
    for (std::size_t index = from; index < names.size(); ++index) {
      if (names[index].find_first_not_of(" \t") == std::string::npos) {
        throw Error(
            Code::duplicate_header,
            where(line) + " has a header whose name " + std::to_string(index + 1) + " is empty",
            {.hint = index + 1 == names.size() && index > 0
                         ? "The header ends in a delimiter: if all records do, set "
                           "\"trailing_delimiter\": \"allow\" in source.dialect. " +
                               hint
                         : hint});
      }
      if (names[index].find_first_of("\r\n") != std::string::npos) {
        throw Error(
            Code::source_unreadable,
            where(line) + " has a header with a line end in its name " + std::to_string(index + 1) +
                ", \"" + core::visible(file::printable(names[index])) + "\"",
            {.hint = R"(If lines end in CR alone, set dialect.lineTerminator to "\r"; else )"
                     "name the columns in dialect.headerNames."});
      }
      const auto [other, is_new] = seen.emplace(names[index], index);
      if (!is_new) {
        throw Error(Code::duplicate_header,
                    where(line) + " has a header with \"" +
                        core::visible(file::printable(names[index])) + "\" twice, as names " +
                        std::to_string(other->second + 1) + " and " + std::to_string(index + 1),
                    {.hint = hint});
      }
    }
  }

  void warn_of_delimiter(Header& header) const {
    if (header.names.size() != 1) return;
    for (const char other : {',', ';', '\t', '|'}) {
      if (other == dialect_.delimiter || header.names[0].find(other) == std::string::npos) continue;
      header.warnings.push_back(
          "The header has a single name that contains " +
          (other == '\t' ? std::string("a tab") : "'" + std::string(1, other) + "'") +
          ": is dialect.delimiter right?");
      return;
    }
  }

  void make_names(Header& header) {
    if (source_.dialect.header_names) {
      header.names = *source_.dialect.header_names;
    } else if (spec_.schema && !spec_.schema->fields.empty()) {
      for (const SchemaField& field : spec_.schema->fields) header.names.push_back(field.name);
    } else {
      const std::size_t count = count_columns();
      for (std::size_t index = 1; index <= std::min(count, most_columns + 1); ++index) {
        header.names.push_back("column_" + std::to_string(index));
      }
    }
  }

  std::size_t count_columns() {
    const auto record = first_record(dialect_, true);
    // Lines without anything in them are records of one field, too.
    if (!record) return offset_ == file_.size() ? 0 : 1;
    FieldCursor cursor(dialect_, record->text);
    FieldSlice slice;
    std::size_t count = 0;
    while (cursor.next(slice)) {
      if (count == 0 || !cursor.is_trailing(slice)) ++count;
    }
    return count;
  }

  const file::InputFile& file_;
  const JobSpec& spec_;
  const CsvSourceSpec& source_;
  Dialect dialect_;
  const std::stop_token& stop_;
  file::SlidingWindow window_;
  std::uint64_t offset_ = 0;
  std::uint64_t line_ = 1;
};

}  // namespace

Header read_header(const file::InputFile& file, const JobSpec& spec, const std::stop_token& stop) {
  return HeaderReader(file, spec, stop).read();
}

}  // namespace freight::csv
