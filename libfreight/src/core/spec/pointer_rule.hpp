#pragma once

#include <string_view>

namespace freight::core::spec {

/// Whether `text` is a JSON pointer (RFC 6901).
bool is_json_pointer(std::string_view text);

}  // namespace freight::core::spec
