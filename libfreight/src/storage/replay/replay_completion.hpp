#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "freight/engine/work.hpp"
#include "freight/job_store.hpp"
#include "storage/sql/locked_jobs.hpp"

namespace freight::storage {

/// A batch that is no planned one and has completed.
struct CompletedReplay {
  LockedJob* job = nullptr;
  std::uint64_t sequence = 0;
  std::uint64_t attempt = 0;
  BatchKind kind = BatchKind::replay;
  const BatchReport* report = nullptr;
};

/// What became of the dead letters in these batches that were not rejected again; comes after those
/// that were are written. A replayed one is marked; one that only waited for its parent goes, as if
/// it had never been rejected. Each gets a log row of its own, unless the report has one for it.
void settle_replays(database::Session& session, SqlText& sql,
                    std::span<const CompletedReplay> batches, LogWriter& log);

}  // namespace freight::storage
