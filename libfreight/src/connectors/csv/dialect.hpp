#pragma once

#include <string_view>

#include "freight/job_spec.hpp"

namespace freight::csv {

/// The dialect in the form in which scanner and splitter ask for it.
///
/// The escape character takes the next byte literally, within quotes and outside them, a line end
/// (CRLF as one) too. Before a byte that has no meaning of its own it is a byte like others: `\N`
/// stays `\N`.
struct Dialect {
  explicit Dialect(const CsvDialect& spec)
      : delimiter(spec.delimiter),
        line_end(spec.line_terminator),
        has_quote(spec.quote_char.has_value()),
        quote(spec.quote_char.value_or(line_end)),
        // An escape character that is the quote itself says the same as doubleQuote.
        doubled_quotes(spec.double_quote || (has_quote && spec.escape_char == spec.quote_char)),
        has_escape(spec.escape_char.has_value() && spec.escape_char != spec.quote_char),
        escape(has_escape ? *spec.escape_char : line_end),
        has_comment(spec.comment_char.has_value()),
        comment(spec.comment_char.value_or(line_end)),
        skip_initial_space(spec.skip_initial_space),
        skip_blank_records(spec.skip_blank_records),
        allow_trailing_delimiter(spec.allow_trailing_delimiter) {}

  /// Whether the byte before a quote tells if it opens a field.
  bool is_simple() const { return !has_escape && !skip_initial_space; }

  /// Whether a record's text is none: empty fields, or blanks in them, and no record wanted of it.
  bool passes_over(std::string_view text) const {
    const char nothing[] = {delimiter, ' ', '\t'};
    return skip_blank_records &&
           text.find_first_not_of(std::string_view(nothing, sizeof nothing)) == text.npos;
  }

  char delimiter;
  /// LF, which a CR may stand before, or CR.
  char line_end;
  bool has_quote;
  /// The line end when there is none, so that searches need no special case.
  char quote;
  bool doubled_quotes;
  bool has_escape;
  /// The line end when there is none.
  char escape;
  bool has_comment;
  char comment;
  bool skip_initial_space;
  bool skip_blank_records;
  bool allow_trailing_delimiter;
};

}  // namespace freight::csv
