#include "retention.hpp"

#include <chrono>

#include "freight/time.hpp"

namespace freight::daemon {
namespace {

Timestamp before(std::chrono::seconds age) { return system_clock().now() - age; }

std::uint64_t prune_uploads(Storage& storage, Blobs& blobs, Timestamp limit) {
  std::uint64_t pruned = 0;
  while (true) {
    const auto unused = storage.uploads().list_unused(limit);
    std::uint64_t removed = 0;
    for (const Upload& upload : unused) {
      if (storage.uploads().remove(upload.tenant_id, upload.id) != UploadRemoval::removed) continue;
      blobs.drop(upload.id);
      ++removed;
    }
    pruned += removed;
    if (removed == 0) return pruned;
  }
}

}  // namespace

Pruned prune_storage(Storage& storage, Blobs& blobs, const ServerOptions& options) {
  // No upload takes so long.
  constexpr std::chrono::hours abandoned{24};
  blobs.sweep(before(abandoned));
  Pruned pruned;
  if (options.retain_uploads)
    pruned.uploads = prune_uploads(storage, blobs, before(*options.retain_uploads));
  constexpr std::uint32_t together = 100;
  if (options.retain_rejects) {
    const auto limit = before(*options.retain_rejects);
    while (const auto more = storage.jobs().prune_rejects(limit, together * together))
      pruned.rejects += more;
  }
  if (options.retain_jobs) {
    const auto limit = before(*options.retain_jobs);
    while (const auto more = storage.jobs().prune_jobs(limit, together)) pruned.jobs += more;
    while (const auto more = storage.migrations().prune(limit, together)) {
      pruned.migrations += more;
    }
  }
  return pruned;
}

}  // namespace freight::daemon
