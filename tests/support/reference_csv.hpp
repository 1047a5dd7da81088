#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "freight/codes.hpp"
#include "freight/job_spec.hpp"

namespace freight::testing {

/// What a field of the reference is: its value and how it was given; nullopt when it is absent.
struct ReferenceField {
  std::string value;
  bool is_quoted = false;

  friend bool operator==(const ReferenceField&, const ReferenceField&) = default;
};

struct ReferenceRecord {
  std::uint64_t line = 0;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
  std::optional<Code> fault;
  /// Empty of a record with a fault, or of an empty line.
  std::vector<ReferenceField> fields;
};

/// The rules of the job spec's section 2 for CSV, written down as plainly as can be: one byte after
/// the other over the whole text, without care for time. What the real reader must agree with.
class ReferenceCsv {
 public:
  ReferenceCsv(std::string_view text, const CsvSourceSpec& source, std::size_t columns)
      : text_(text), source_(source), dialect_(source.dialect), columns_(columns) {}

  /// All the records from `offset` on, which is the beginning of `line`.
  std::vector<ReferenceRecord> records(std::size_t offset, std::uint64_t line) {
    std::vector<ReferenceRecord> found;
    while (offset < text_.size()) {
      const std::size_t line_end = line_end_at(offset);
      const bool is_comment = dialect_.comment_char && text_[offset] == *dialect_.comment_char;
      std::size_t next = 0;
      if (line_end != 0) {
        if (columns_ == 1 && !dialect_.skip_blank_records)
          found.push_back({.line = line, .offset = offset});
        next = offset + line_end;
      } else if (is_comment) {
        next = after_line(offset);
      } else {
        ReferenceRecord record{.line = line, .offset = offset};
        next = parse(record);
        if (!is_passed_over(record)) found.push_back(record);
      }
      for (; offset < next; ++offset) line += text_[offset] == dialect_.line_terminator ? 1 : 0;
    }
    return found;
  }

 private:
  bool is_blank(std::string_view text) const {
    if (!dialect_.skip_blank_records) return false;
    return std::all_of(text.begin(), text.end(), [this](char byte) {
      return byte == dialect_.delimiter || byte == ' ' || byte == '\t';
    });
  }
  bool is_passed_over(const ReferenceRecord& record) const {
    if (record.fault == Code::record_too_long) return false;
    return is_blank(text_.substr(record.offset, record.length));
  }
  bool is_quote(std::size_t place) const {
    return dialect_.quote_char && text_[place] == *dialect_.quote_char;
  }
  bool is_escape(std::size_t place) const {
    return dialect_.escape_char && text_[place] == *dialect_.escape_char;
  }
  bool escape_means_something_before(char byte) const {
    return byte == dialect_.delimiter || byte == '\r' || byte == '\n' ||
           byte == *dialect_.escape_char || byte == dialect_.quote_char ||
           byte == dialect_.comment_char;
  }
  /// 0 when no line end stands there.
  std::size_t line_end_at(std::size_t place) const {
    if (place < text_.size() && text_[place] == dialect_.line_terminator) return 1;
    return dialect_.line_terminator == '\n' && text_.substr(place, 2) == "\r\n" ? 2 : 0;
  }
  std::size_t after_line(std::size_t place) const {
    const std::size_t found = text_.find(dialect_.line_terminator, place);
    return found == std::string_view::npos ? text_.size() : found + 1;
  }

  /// Ends a record with the line on which `place` is.
  std::size_t give_up(ReferenceRecord& record, Code fault, std::size_t place) const {
    const std::size_t next = after_line(place);
    std::size_t end = next;
    if (text_[next - 1] == dialect_.line_terminator) end = next - 1;
    const bool is_pair = dialect_.line_terminator == '\n' && end != next && end > record.offset &&
                         text_[end - 1] == '\r';
    if (is_pair) --end;
    record.length = end - record.offset;
    record.fault = fault;
    record.fields.clear();
    return next;
  }

  /// Of a quote that is not closed.
  std::size_t give_up_quote(ReferenceRecord& record, std::size_t quote,
                            const std::vector<std::size_t>& quotes) const {
    if (const auto next = give_up_stray(record, quotes)) return *next;
    return give_up(record, Code::unterminated_quote, quote);
  }

  /// Whether the text from `begin` to its line end is one good record of the expected fields; a
  /// line that does not end before `limit` is none.
  bool is_record(std::size_t begin, std::size_t limit) const {
    const std::size_t last = std::min(limit, text_.size());
    if (begin >= last) return false;
    const std::size_t end = after_line(begin);
    const bool has_end = text_[end - 1] == dialect_.line_terminator;
    if (has_end ? end > last : end > limit) return false;
    if (line_end_at(begin) != 0) return columns_ == 1 && !dialect_.skip_blank_records;
    std::string_view text = text_.substr(begin, end - begin - (has_end ? 1 : 0));
    if (has_end && dialect_.line_terminator == '\n' && text.ends_with('\r')) text.remove_suffix(1);
    if (is_blank(text)) return false;
    if (dialect_.comment_char && text_[begin] == *dialect_.comment_char) return false;
    ReferenceRecord line{.offset = begin};
    CsvSourceSpec unlimited = source_;
    unlimited.max_record_bytes = text_.size() + 1;
    ReferenceCsv alone(text_.substr(0, end), unlimited, columns_);
    alone.is_alone_ = true;
    alone.parse(line);
    // An escape may have taken the line end.
    return !line.fault && line.offset + line.length < end + (has_end ? 0 : 1);
  }

  /// The end of the record at the first of these quotes (that were open at a line end) after whose
  /// line there is a record.
  std::optional<std::size_t> give_up_stray(ReferenceRecord& record,
                                           const std::vector<std::size_t>& quotes) const {
    for (const std::size_t quote : quotes) {
      if (is_alone_ || !is_record(after_line(quote), record.offset + source_.max_record_bytes))
        continue;
      return give_up(record, Code::unterminated_quote, quote);
    }
    return std::nullopt;
  }

  std::size_t finish(ReferenceRecord& record, std::size_t end, bool is_misplaced,
                     const std::vector<std::size_t>& quotes) const {
    const bool has_more = record.fields.size() == columns_ + 1;
    if (dialect_.allow_trailing_delimiter && has_more && record.fields.back() == ReferenceField{})
      record.fields.pop_back();
    if (is_misplaced || record.fields.size() != columns_) {
      if (const auto next = give_up_stray(record, quotes)) return *next;
    }
    record.length = end - record.offset;
    const std::string_view text = is_alone_ ? "" : text_.substr(record.offset, record.length);
    record.fault = check(text, is_misplaced, record.fields.size());
    if (record.fault) record.fields.clear();
    return end + line_end_at(end);
  }

  std::optional<Code> check(std::string_view text, bool is_misplaced, std::size_t count) const {
    for (std::size_t place = 0; place < text.size();) {
      if (text[place] == '\0') return Code::nul_byte;
      const std::size_t length = character_length(text.substr(place));
      if (length == 0) return Code::invalid_utf8;
      place += length;
    }
    if (is_misplaced) return Code::misplaced_quote;
    if (count > columns_) return Code::too_many_fields;
    if (count < columns_) return Code::too_few_fields;
    return std::nullopt;
  }

  static std::size_t character_length(std::string_view text) {
    const auto byte = [&](std::size_t index) { return static_cast<unsigned char>(text[index]); };
    const unsigned first = byte(0);
    if (first < 0x80) return 1;
    const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC0 || first > 0xF7 || text.size() < length) return 0;
    std::uint32_t value = first & (0xFFU >> (length + 1));
    for (std::size_t index = 1; index < length; ++index) {
      if ((byte(index) & 0xC0U) != 0x80) return 0;
      value = (value << 6U) | (byte(index) & 0x3FU);
    }
    constexpr std::uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    if (value < least[length] || value > 0x10FFFF) return 0;
    return value >= 0xD800 && value <= 0xDFFF ? 0 : length;
  }

  std::size_t parse(ReferenceRecord& record) const {
    const std::uint64_t limit = record.offset + source_.max_record_bytes;
    std::size_t place = record.offset;
    bool is_misplaced = false;
    std::vector<std::size_t> quotes;
    while (true) {  // a field
      ReferenceField field;
      while (dialect_.skip_initial_space && place < text_.size() && place < limit &&
             text_[place] == ' ') {
        ++place;
      }
      if (place < text_.size() && place < limit && is_quote(place)) {
        const std::size_t opened = place++;
        field.is_quoted = true;
        while (true) {
          if (place > opened + 1 && text_[place - 1] == dialect_.line_terminator) {
            if (quotes.empty() || quotes.back() != opened) quotes.push_back(opened);
            if (is_misplaced) {
              if (const auto next = give_up_stray(record, quotes)) return *next;
            }
          }
          if (place >= text_.size() || place >= limit) return give_up_quote(record, opened, quotes);
          if (is_escape(place) && !is_quote(place)) {
            if (place + 1 >= text_.size() || place + 1 >= limit)
              return give_up_quote(record, opened, quotes);
            if (!escape_means_something_before(text_[place + 1])) field.value += text_[place];
            field.value += text_[place + 1];
            place += 2;
          } else if (is_quote(place)) {
            const bool is_doubled =
                dialect_.double_quote && place + 1 < text_.size() && is_quote(place + 1);
            if (!is_doubled) break;
            if (place + 1 >= limit) return give_up_quote(record, opened, quotes);
            field.value += text_[place];
            place += 2;
          } else {
            field.value += text_[place++];
          }
        }
        ++place;
        is_misplaced |=
            place < text_.size() && line_end_at(place) == 0 && text_[place] != dialect_.delimiter;
      }
      while (true) {
        if (place == text_.size() || line_end_at(place) != 0) {
          record.fields.push_back(field);
          return finish(record, place, is_misplaced, quotes);
        }
        if (place >= limit) return give_up(record, Code::record_too_long, std::max(place, limit));
        if (text_[place] == dialect_.delimiter) break;
        if (is_escape(place)) {
          const std::size_t taken = place + 1;
          // Nothing is left for it to take, or no room.
          const bool is_last = taken == text_.size() || (taken >= limit && line_end_at(taken) != 0);
          is_misplaced |= is_last;
          if (!is_last) {
            if (taken >= limit) return give_up(record, Code::record_too_long, limit);
            if (!escape_means_something_before(text_[taken])) field.value += text_[place];
            const std::size_t length = std::max<std::size_t>(1, line_end_at(taken));
            field.value += text_.substr(taken, length);
            place = taken + length;
            continue;
          }
        }
        is_misplaced |= is_quote(place);
        field.value += text_[place++];
      }
      record.fields.push_back(field);
      ++place;
    }
  }

  std::string_view text_;
  const CsvSourceSpec& source_;
  const CsvDialect& dialect_;
  std::size_t columns_;
  /// Only the shape of one line is asked for.
  bool is_alone_ = false;
};

}  // namespace freight::testing
