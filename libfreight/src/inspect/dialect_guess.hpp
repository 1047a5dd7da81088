#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "freight/connector_spec.hpp"
#include "inspect/head.hpp"

namespace freight::inspect {

/// How a delimited file is written, as far as its first lines tell. Of the header the dialect says
/// nothing yet.
struct DialectGuess {
  CsvDialect dialect;
  std::size_t columns = 0;
  /// The first records from the header on, each its fields as text; broken ones left out.
  std::vector<std::vector<std::string>> rows;
  /// In words, with the counts.
  std::string delimiter_evidence;
  std::string quote_evidence;
  /// Of lines before the table; empty when there are none.
  std::string skipped_evidence;
};

/// Tries the usual delimiters, quotes and escapes, each by taking the head apart with Freight's own
/// scanner, and takes what gives most lines one number of fields.
DialectGuess guess_dialect(const Head& head);

}  // namespace freight::inspect
