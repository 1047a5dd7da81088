#pragma once

#include <string>
#include <string_view>

#include "freight/connector_spec.hpp"

namespace freight::inspect {

/// The encoding that a text's bytes beyond ASCII speak for.
struct EncodingGuess {
  Encoding encoding = Encoding::utf_8;
  /// Why; empty when no encoding of Freight's makes sense of the bytes.
  std::string evidence;
};

/// UTF-8 where nearly all of the bytes beyond ASCII are, else windows-1252 (which holds all that
/// ISO 8859-1 has letters for) where they make words: letters beside letters, and no signs or
/// capitals within a word.
EncodingGuess guess_encoding(std::string_view text);

}  // namespace freight::inspect
