#pragma once

#include <string_view>

#include "database/database_error.hpp"
#include "freight/error.hpp"

namespace freight::storage {

/// The error of the storage at `display_url` for what its database said. Transient (storage_busy,
/// storage_unavailable) when the same call may be made again.
Error storage_error(const database::DatabaseError& error, std::string_view display_url);

}  // namespace freight::storage
