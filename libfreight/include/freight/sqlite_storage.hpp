#pragma once

#include <memory>
#include <string_view>

#include "freight/storage.hpp"

namespace freight {

/// @addtogroup asking
/// @{

/// Opens the storage in a SQLite file, as open_storage() does, for programs that link
/// Freight::sqlite alone. `url`: `sqlite:<path>`; the file is made when it is missing, its folder
/// is not. Beside it stand the files of SQLite's write-ahead log and the folder `<path>.nodes`
/// while nodes work on it. Throws Error when it cannot be opened. Thread-safe.
std::unique_ptr<Storage> open_sqlite_storage(std::string_view url,
                                             const StorageOptions& options = {});

/// @}

}  // namespace freight
