#pragma once

#include "freight/job_spec.hpp"

namespace freight::csv {

/// The dialect in the form in which scanner and splitter ask for it.
///
/// Within quotes the escape character takes the next byte literally, whatever it is. Outside them
/// it takes any byte but a line end, which always ends the record. Before a byte that has no
/// meaning of its own it is a byte like others: `\N` stays `\N`.
struct Dialect {
  explicit Dialect(const CsvDialect& spec)
      : delimiter(spec.delimiter),
        has_quote(spec.quote_char.has_value()),
        quote(spec.quote_char.value_or('\n')),
        // An escape character that is the quote itself says the same as doubleQuote.
        doubled_quotes(spec.double_quote || (has_quote && spec.escape_char == spec.quote_char)),
        has_escape(spec.escape_char.has_value() && spec.escape_char != spec.quote_char),
        escape(has_escape ? *spec.escape_char : '\n'),
        has_comment(spec.comment_char.has_value()),
        comment(spec.comment_char.value_or('\n')),
        skip_initial_space(spec.skip_initial_space) {}

  /// Whether the byte before a quote tells if it opens a field.
  bool is_simple() const { return !has_escape && !skip_initial_space; }

  char delimiter;
  bool has_quote;
  /// A line feed when there is none, so that searches need no special case.
  char quote;
  bool doubled_quotes;
  bool has_escape;
  /// A line feed when there is none.
  char escape;
  bool has_comment;
  char comment;
  bool skip_initial_space;
};

}  // namespace freight::csv
