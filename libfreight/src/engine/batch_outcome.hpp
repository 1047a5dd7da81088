#pragma once

#include "engine/batch_buffers.hpp"
#include "freight/destination.hpp"
#include "freight/engine/work.hpp"
#include "freight/job_store.hpp"
#include "freight/source.hpp"
#include "mapping/record_mapper.hpp"

namespace freight::engine {

/// Throws source_changed when a source read another number of records than were planned, and
/// connector_failed when what it read cannot be true: other ordinals, or fields that are missing.
void check_read(const BatchRange& range, const RecordBatch& batch);

/// Throws connector_failed when a destination's answer cannot be true of the rows it was given:
/// more rows written than sent, or exceptions that are of no row, twice, or out of order.
void check_write_result(const WriteResult& result, const OutputBatch& rows);

/// Fills counts, exceptions and ranges: every record of the batch gets exactly one outcome. Takes
/// the exceptions out of `buffer.mapped`. `result` was checked.
void account(BatchReport& report, BatchBuffer& buffer, const mapping::RecordMapper& mapper,
             const WriteResult& result);

}  // namespace freight::engine
