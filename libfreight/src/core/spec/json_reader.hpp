#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/spec/findings.hpp"
#include "core/spec/json_value.hpp"
#include "core/spec/limits.hpp"

namespace freight::core::spec {

/// Why a text is not JSON.
struct JsonSyntaxError {
  /// `line 3, column 17: …`
  std::string detail;
  /// The text may be JSON, but is nested too deep or holds too many values.
  bool beyond_limits = false;
};

struct JsonReadOptions {
  /// The pointer, token by token, of where in a spec the text stands: the array at
  /// `/source/records` is read as JsonRecords.
  std::vector<std::string> base;
};

struct JsonReadResult {
  /// The value, when there is no syntax error.
  std::optional<JsonValue> value;
  std::optional<JsonSyntaxError> syntax_error;
};

/// Reads one JSON document (RFC 8259, a UTF-8 byte order mark is passed over), nested at most
/// max_depth deep together with `base`. Duplicate keys go to `findings`; the first value of one is
/// kept. Memory is proportional to the text.
JsonReadResult read_json(std::string_view text, const JsonReadOptions& options, Findings& findings);

}  // namespace freight::core::spec
