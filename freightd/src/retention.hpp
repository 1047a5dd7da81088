#pragma once

#include <cstdint>

#include "blobs.hpp"
#include "freight/storage.hpp"
#include "options.hpp"

namespace freight::daemon {

/// What was deleted.
struct Pruned {
  std::uint64_t uploads = 0;
  std::uint64_t rejects = 0;
  std::uint64_t jobs = 0;
  std::uint64_t migrations = 0;
};

/// Deletes what is older than the options say. May be interrupted and run again at any time.
Pruned prune_storage(Storage& storage, Blobs& blobs, const ServerOptions& options);

}  // namespace freight::daemon
