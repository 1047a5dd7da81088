#pragma once

#include <string>
#include <vector>

#include "freight/record.hpp"

namespace freight::core {

/// A record's fields as a JSON object: what is kept as the raw text of a record whose source has
/// none. Absent fields are left out. Texts keep their bytes, also those that are no UTF-8. JSON
/// that is neither object nor array is a string here, so that it can be told from a text, a number
/// and NULL. `fields` are as many as `names`.
std::string record_json(const std::vector<std::string>& names, const SourceField* fields);

}  // namespace freight::core
