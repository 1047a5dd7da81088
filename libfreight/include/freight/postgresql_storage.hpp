#pragma once

#include <memory>
#include <string_view>

#include "freight/storage.hpp"

namespace freight {

/// @addtogroup asking
/// @{

/// Opens the storage in a PostgreSQL database, as open_storage() does, for programs that link
/// Freight::postgresql alone. `url`: `postgresql://…`; everything stands in the schema `freight` of
/// that database. Nothing rests on the state of a session (each transaction brings its settings, no
/// statement is prepared under a name), so a transaction pooler may stand between. Throws Error
/// when it cannot be opened. Thread-safe.
std::unique_ptr<Storage> open_postgresql_storage(std::string_view url,
                                                 const StorageOptions& options = {});

/// @}

}  // namespace freight
