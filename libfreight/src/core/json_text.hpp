#pragma once

#include <string>
#include <string_view>

namespace freight::core {

/// Appends `text` as a JSON string, quotes included. The result is always valid JSON and UTF-8:
/// each byte that is not part of valid UTF-8 becomes U+FFFD.
void append_json_string(std::string& out, std::string_view text);

/// Appends `"name":`, with a comma before it unless it opens an object or array. Names are ours and
/// need no escaping.
void append_json_key(std::string& out, std::string_view name);

}  // namespace freight::core
