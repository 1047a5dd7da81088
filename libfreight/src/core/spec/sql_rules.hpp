#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/spec/object_reader.hpp"

namespace freight::core::spec {

/// Reads `url` of an SQL source or destination: `sqlite:` with an absolute path, or
/// `postgresql://…` with its password. Empty after an error.
std::string read_sql_url(ObjectReader& connector, std::string& connection);

/// Reports what is wrong with a table's name at a key. `url` is the database's.
void check_table(ObjectReader& reader, std::string_view key, std::string_view name,
                 std::string_view url);

/// Reads a key that is "refuse", the default, or "allow": whether it is the latter.
bool read_allowed(ObjectReader& connector, std::string_view key);

/// Reads `key`, a list of columns; empty when it is left out.
std::vector<std::string> read_key(ObjectReader& connector);

}  // namespace freight::core::spec
