#pragma once

#include <memory>
#include <string_view>

#include "freight/storage.hpp"

namespace freight::storage {

/// `postgresql://…`: everything in schema `freight` of that database. Nothing rests on the state of
/// a session (each transaction brings its settings, no statement is prepared under a name), so a
/// transaction pooler may stand between.
std::unique_ptr<Storage> open_postgresql_storage(std::string_view url,
                                                 const StorageOptions& options);

}  // namespace freight::storage
