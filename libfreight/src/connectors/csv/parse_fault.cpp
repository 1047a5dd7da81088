#include "connectors/csv/parse_fault.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>

#include "connectors/csv/field_cursor.hpp"
#include "connectors/file/place_index.hpp"
#include "connectors/file/printable.hpp"
#include "connectors/file/text_encoding.hpp"
#include "connectors/file/too_long.hpp"

namespace freight::csv {
namespace {

constexpr const char* unclosed_hint =
    "Close the quote, or write a quote that belongs to the text twice and put the whole field in "
    "quotes.";

/// A field of a record and which one it is, from 0.
struct NumberedField {
  std::size_t index = 0;
  FieldSlice slice;
};

/// The field in which the record's byte `offset` stands.
NumberedField field_at(std::string_view record, std::size_t offset, const Dialect& dialect) {
  FieldCursor cursor(dialect, record);
  NumberedField field;
  for (std::size_t index = 0; cursor.next(field.slice); ++index) {
    field.index = index;
    const std::size_t end =
        static_cast<std::size_t>(field.slice.raw.data() - record.data()) + field.slice.raw.size();
    if (offset <= end) break;
  }
  return field;
}

std::string name_of(std::size_t index, const FaultContext& context) {
  return index < context.names.size() ? context.names[index] : std::string();
}

/// `field 3 ("name")`
std::string words_for(std::size_t index, const FaultContext& context) {
  std::string words = "field " + std::to_string(index + 1);
  if (index < context.names.size()) words += " (\"" + context.names[index] + "\")";
  return words;
}

RecordError error_in(const NumberedField& field, Code code, const FaultContext& context) {
  return {.code = code,
          .stage = Stage::parse,
          .column = name_of(field.index, context),
          .value = file::printable(field.slice.raw, context.encoding)};
}

/// Every second byte NUL is what ASCII looks like in UTF-16.
bool looks_like_utf16(std::string_view record) {
  const auto nul_bytes = static_cast<std::size_t>(std::count(record.begin(), record.end(), '\0'));
  return record.size() >= 4 && nul_bytes * 2 + 2 >= record.size();
}

/// An offset of the record in the file's own bytes.
std::string place_text(std::string_view record, std::size_t offset, const FaultContext& context) {
  return std::to_string(context.is_of_utf16 ? file::utf16_bytes(record.substr(0, offset)) : offset);
}

RecordError nul_fault(std::string_view record, std::size_t offset, const FaultContext& context) {
  const NumberedField field = field_at(record, offset, context.dialect);
  RecordError error = error_in(field, Code::nul_byte, context);
  error.expected = "text without NUL";
  error.message = "A NUL byte stands in " + words_for(field.index, context) + ", at byte " +
                  place_text(record, offset, context) + " of the record";
  error.hint =
      looks_like_utf16(record)
          ? "The text looks like UTF-16: set \"encoding\": \"utf-16le\" or \"utf-16be\" in the "
            "source."
          : "Text columns cannot hold NUL: take it out of the file.";
  return error;
}

RecordError encoding_fault(std::string_view record, std::size_t offset,
                           const FaultContext& context) {
  const NumberedField field = field_at(record, offset, context.dialect);
  RecordError error = error_in(field, Code::invalid_utf8, context);
  error.expected = file::expected_encoding(context.encoding);
  error.message = "The byte " + file::printable_byte(record[offset]) + " in " +
                  words_for(field.index, context) + ", at byte " +
                  place_text(record, offset, context) + " of the record, is not valid " +
                  error.expected;
  error.hint = file::encoding_hint(record, offset, context.encoding);
  return error;
}

RecordError quote_fault(const NumberedField& field, const FaultContext& context) {
  RecordError error = error_in(field, Code::misplaced_quote, context);
  if (field.slice.ends_in_escape) {
    error.expected = "a character after the escape character";
    error.message =
        "The file ends behind an escape character, in " + words_for(field.index, context);
    return error;
  }
  if (field.slice.is_quoted) {
    error.expected = "a delimiter or line end after the closing quote";
    error.message = "Text follows the closing quote of " + words_for(field.index, context);
  } else {
    error.expected = "quotes only around a whole field";
    error.message = "A quote stands inside " + words_for(field.index, context) +
                    ", which does not begin with one";
  }
  const std::string quote(1, context.dialect.quote);
  if (context.dialect.doubled_quotes) {
    error.hint =
        "Put the whole field in quotes and write a quote within it twice: " + quote + quote;
  } else if (context.dialect.has_escape) {
    error.hint = "Put the whole field in quotes and write " +
                 std::string(1, context.dialect.escape) + quote + " for a quote within it.";
  }
  return error;
}

std::string count_words(std::size_t count) {
  return std::to_string(count) + (count == 1 ? " field" : " fields");
}

RecordError count_fault(std::string_view record, std::size_t count, const FaultContext& context) {
  const std::size_t columns = context.names.size();
  const bool too_many = count > columns;
  RecordError error{.code = too_many ? Code::too_many_fields : Code::too_few_fields,
                    .stage = Stage::parse,
                    .value = std::nullopt,
                    .expected = count_words(columns)};
  error.message = "The record has " + count_words(count) + " instead of " + std::to_string(columns);
  if (too_many && count == columns + 1 && record.ends_with(context.dialect.delimiter)) {
    error.message += "; it ends in a delimiter, behind which stands one more, empty field";
    error.hint =
        "If every record ends so, set \"trailing_delimiter\": \"allow\" in source.dialect.";
  } else if (too_many) {
    error.hint = "A text that contains the delimiter must stand in quotes.";
  } else {
    error.column = name_of(count, context);
    error.message += "; the first one without a value is " + words_for(count, context);
    error.hint =
        "An empty field needs its delimiter too; a line break within a field needs quotes.";
  }
  return error;
}

}  // namespace

RecordError parse_fault(std::string_view record, const FaultContext& context) {
  const std::size_t nul = std::min(record.find('\0'), record.size());
  const std::size_t invalid = file::valid_prefix(record, context.encoding);
  if (nul < invalid) return nul_fault(record, nul, context);
  if (invalid < record.size()) return encoding_fault(record, invalid, context);
  FieldCursor cursor(context.dialect, record);
  NumberedField field;
  std::size_t count = 0;
  for (; cursor.next(field.slice); ++count) {
    field.index = count;
    if (field.slice.is_misplaced) return quote_fault(field, context);
  }
  return count_fault(record, count, context);
}

RecordError scan_fault(const ScannedRecord& record, std::string_view head,
                       const FaultContext& context) {
  if (record.fault == ScanFault::record_too_long) {
    return file::too_long_fault({.length = record.length,
                                 .max_record_bytes = context.max_record_bytes,
                                 .head = head,
                                 .encoding = context.encoding});
  }
  if (record.fault == ScanFault::several_records) {
    return {.code = Code::too_many_fields,
            .stage = Stage::parse,
            .value = file::printable(head, context.encoding),
            .expected = "one record",
            .message = "The text is not one record alone: something stands before or after it",
            .hint = "A line break within a field needs quotes."};
  }
  const std::string limit = std::to_string(context.max_record_bytes);
  const std::size_t quote = static_cast<std::size_t>(record.quote_offset - record.offset);
  RecordError error{.code = Code::unterminated_quote, .stage = Stage::parse, .value = std::nullopt};
  std::string place = "the record";
  if (quote < head.size()) {
    const NumberedField field = field_at(head, quote, context.dialect);
    error.column = name_of(field.index, context);
    error.value = file::printable(field.slice.raw, context.encoding);
    place = words_for(field.index, context);
  }
  if (record.fault == ScanFault::stray_quote) {
    error.expected = "a closing quote before the delimiter or line end";
    error.message = "The quote that opens " + place + " on line " +
                    std::to_string(record.quote_line) +
                    " is not closed where the field ends: line " +
                    std::to_string(record.quote_line + 1) + " is a record by itself";
    error.hint = unclosed_hint;
    return error;
  }
  error.expected = "a closing quote within " + limit + " bytes";
  error.message = "The quote that opens " + place + " on line " +
                  std::to_string(record.quote_line) + " is not closed within " + limit +
                  " bytes of the record's beginning, or before the end of the file";
  error.hint = unclosed_hint;
  return error;
}

}  // namespace freight::csv
