#pragma once

#include <cstdint>
#include <vector>

#include "freight/dead_letters.hpp"
#include "freight/engine/work.hpp"
#include "freight/job_store.hpp"
#include "storage/sql/locked_jobs.hpp"

namespace freight::storage {

/// The rejects that a transaction adds to dead_letters, or updates there when they were rejected
/// before; and the ranges of those that are too many to be kept whole. Counts into the locked jobs;
/// the caller writes these back.
class DeadLetterWriter {
 public:
  DeadLetterWriter(database::Session& session, SqlText& sql) : session_(session), sql_(sql) {}

  /// Begins the rejects of one batch, which come in ordinal order.
  struct BatchFacts {
    LockedJob* job = nullptr;
    std::uint64_t sequence = 0;
    BatchKind kind = BatchKind::planned;
    std::uint64_t max_stored = 0;
  };
  void begin_batch(const BatchFacts& batch);
  /// False when only the number is kept: the reject is part of a range then.
  bool add(const RecordException& exception);
  /// A reject of which nothing more is known than what `exception` says, without its raw text.
  void add_stub(const RecordException& exception);
  /// The ranges of the batch.
  std::vector<RejectRange> end_batch();

  void flush();

 private:
  void add_row(const RecordException& exception, bool is_stub, bool waits_for_parent);
  void add_to_range(const RecordException& exception);

  database::Session& session_;
  SqlText& sql_;
  BatchFacts batch_;
  std::vector<RejectRange> batch_ranges_;
  JsonRows letters_;
  JsonRows ranges_;
};

/// Writes open dead letters of which nothing is known but the code, in place of their ranges: those
/// ranges of the job that `filter` may mean, or that hold an ordinal staged under `corrections`.
void make_stubs(database::Session& session, SqlText& sql, const JobKey& key,
                const DeadLetterFilter& filter, const std::optional<ReplayId>& corrections);

}  // namespace freight::storage
