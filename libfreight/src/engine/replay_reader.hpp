#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "engine/job_runtime.hpp"
#include "freight/dead_letters.hpp"

namespace freight::engine {

/// Brings the records of a replay together, wherever each comes from: a person's correction, the
/// raw text that was kept, or, where that was cut or not kept, its range of the source once more.
/// Serves one batch; not thread-safe.
class ReplayReader {
 public:
  /// `source_fields` is Job::source_fields. All must outlive this.
  ReplayReader(const JobConnectors& connectors, const ReplayBatch& replay,
               const std::vector<std::string>& source_fields);

  /// Fills `batch`, which was cleared, in ordinal order. Throws what the source throws.
  void read(RecordBatch& batch, TaskAttempt& attempt);

 private:
  void place_correction(std::size_t index, RecordBatch& batch) const;
  void place_object(std::size_t index, RecordBatch& batch) const;
  void place_texts(std::size_t index, RecordBatch& batch) const;
  bool decode(const std::vector<std::size_t>& kept, RecordBatch& batch, TaskAttempt& attempt);
  void read_again(const std::vector<std::size_t>& missing, RecordBatch& batch,
                  TaskAttempt& attempt);
  void place(std::size_t index, std::size_t found, RecordBatch& batch) const;
  void place_extra_fields(const std::vector<std::size_t>& index_of, RecordBatch& batch) const;
  std::size_t index_of_field(std::string_view name) const;

  const JobConnectors& connectors_;
  const ReplayBatch& replay_;
  const std::vector<std::string>& source_fields_;
  const std::vector<std::string>& fields_;
  /// What the source gave last.
  RecordBatch found_;
};

/// Names a replay in the ledger: the hash of its ordinals and replay numbers.
std::string replay_unit(const ReplayBatch& replay);
/// Tells two replays of the same records apart by what a person made of them.
std::string replay_content_hash(const ReplayBatch& replay);

}  // namespace freight::engine
