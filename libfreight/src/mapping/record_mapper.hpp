#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "freight/destination.hpp"
#include "freight/job_spec.hpp"
#include "freight/job_store.hpp"
#include "freight/record.hpp"
#include "freight/source.hpp"
#include "mapping/job_facts.hpp"

namespace freight::mapping {

/// What a job fills, before the destination's catalog is known.
struct TargetColumns {
  std::vector<OutputColumn> columns;
  /// Names of `columns`.
  std::vector<std::string> primary_key;
  std::vector<std::string> required;
  /// PrepareRequest::leave_out_generated.
  bool leave_out_generated = false;
};

/// Works out the columns from the spec and the source's fields. Throws Error(missing_header,
/// extra_column) when they do not fit, naming the nearest field.
TargetColumns target_columns(const JobSpec& spec, const SourceDescription& source);

/// The fields that the job can use of a source with open fields: those that the spec names, or else
/// those that the catalog has columns for. nullopt: as the source has them.
std::optional<std::vector<std::string>> used_fields(const JobSpec& spec,
                                                    const SourceDescription& source,
                                                    const DestinationCatalog& catalog);

/// What the earlier stages made of one batch.
struct MappedBatch {
  /// Records that go on to the write stage. Values point into the RecordBatch; constants, defaults
  /// and texts of lookups into the RecordMapper.
  OutputBatch rows;
  /// Of each row: its index in RecordBatch::records.
  std::vector<std::uint32_t> record_of_row;
  /// Rejected (parse, validate, map) and warned records, in ordinal order. A warned record has
  /// outcome succeeded and is a row as well.
  std::vector<RecordException> exceptions;
  /// Runs of ordinals that the filter dropped, in their order.
  std::vector<OutcomeRange> filtered;
  std::uint64_t with_warnings = 0;

  void clear();
};

/// Takes records through filter, schema, mapping and the catalog's checks. Immutable after
/// construction and thread-safe; one serves all the batches of a job.
class RecordMapper {
 public:
  /// Throws Error(unknown_column, lossy_column) when the columns do not fit the catalog, the code
  /// of the fault when a constant or default does not, and invalid_value or invalid_pattern for
  /// what the spec cannot mean. Keeps nothing of the arguments.
  RecordMapper(const JobSpec& spec, const SourceDescription& source,
               const DestinationCatalog& catalog, const JobFacts& facts = {});
  ~RecordMapper();
  RecordMapper(RecordMapper&&) noexcept;
  RecordMapper& operator=(RecordMapper&&) noexcept;

  /// `out` was cleared. New texts go to batch.arena: at most 256 MiB of those that transforms and
  /// templates make; a record that would need more is rejected, `too_long`. Allocates nothing per
  /// good or filtered record, beside what RE2 needs to find the groups of a pattern. Throws only
  /// for `on_error: fail`.
  void map(RecordBatch& batch, MappedBatch& out) const;

  /// The exception of a row that the write stage did not accept: position, raw text and key values
  /// come from the batch. A warning that `mapped` holds for the same record is overtaken by it.
  RecordException exception_of(const RecordBatch& batch, const MappedBatch& mapped,
                               const WriteException& refused) const;

  /// Source fields that no column takes, and destination columns that the job does not fill.
  const std::vector<std::string>& unmapped_columns() const;
  const std::vector<std::string>& unfilled_columns() const;
  /// A sentence on the names that only a loose match found; empty without any.
  const std::string& loosely_matched() const;

 private:
  class Implementation;
  std::unique_ptr<const Implementation> implementation_;
};

}  // namespace freight::mapping
