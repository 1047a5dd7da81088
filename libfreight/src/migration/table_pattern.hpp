#pragma once

#include <string_view>

#include "freight/database_schema.hpp"

namespace freight::migration {

/// Whether the text may stand for several tables: `*` is any text, `?` any one byte.
bool is_pattern(std::string_view text);

/// Whether the pattern stands for this text.
bool matches(std::string_view pattern, std::string_view name);

/// Whether the pattern stands for this table. One without a schema in front means those alone that
/// are called without one.
bool means(std::string_view pattern, const DatabaseTable& table);

/// Whether the text is the name of this table, with its schema or as it is called.
bool names(std::string_view text, const DatabaseTable& table);

}  // namespace freight::migration
