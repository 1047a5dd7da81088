#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace freight::mapping {

// What PostgreSQL's input functions make of a text. Certain in one direction only: `false` and
// `impossible` mean that every version refuses it; the others, that the server decides.

enum class ServerNumber : std::uint8_t {
  plain,    ///< sign and digits as we read them too
  special,  ///< NaN, infinity, or a notation of newer versions: the server decides
  impossible,
};

/// The text without what C's isspace() takes for white space at the ends.
std::string_view server_trim(std::string_view text);

/// An integer's text, trimmed. `plain` gives its value when it is within 64 bits.
ServerNumber read_server_integer(std::string_view trimmed, std::optional<std::int64_t>& value);

/// A numeric's or floating-point number's text, trimmed; of `plain` the canonical decimal.
ServerNumber read_server_decimal(std::string_view trimmed, std::string_view& canonical);

bool may_be_boolean(std::string_view text);
bool may_be_uuid(std::string_view text);
/// A date, time or timestamp.
bool may_be_temporal(std::string_view text);
bool may_be_json(std::string_view text);

}  // namespace freight::mapping
