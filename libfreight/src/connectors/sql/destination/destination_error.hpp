#pragma once

#include <string_view>

#include "database/database_error.hpp"
#include "freight/error.hpp"

namespace freight::sql {

/// What the engine is told of a failed database: `doing` says what was under way, as in "cannot
/// write to customers". An unreachable server or a locked file is an outage, not an attempt; what
/// concerns single records does not come here.
Error destination_error(const database::DatabaseFailure& failure, std::string_view doing);

}  // namespace freight::sql
