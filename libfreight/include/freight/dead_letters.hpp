#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "freight/ids.hpp"
#include "freight/job.hpp"
#include "freight/source.hpp"

namespace freight {

/// @addtogroup asking
/// @{

/// Which dead letters are meant; what is not set lets every one through.
struct DeadLetterFilter {
  std::optional<DeadLetterState> state = {};
  /// The code of the first error.
  std::optional<Code> code = {};
  std::optional<std::string> column = {};
  std::optional<Stage> stage = {};
  /// The planned batch that the record belongs to.
  std::optional<BatchId> batch_id = {};
  /// The record's key as key_text() writes it.
  std::optional<std::string> key = {};
  /// Only these; an empty list means none. At most max_selected.
  std::optional<std::vector<DeadLetterId>> ids = {};

  static constexpr std::size_t max_selected = 10'000;
};

/// One page in ordinal order.
struct DeadLetterQuery {
  DeadLetterFilter filter = {};
  std::uint64_t first_ordinal = 0;
  std::uint32_t limit = 100;
};

/// The text by which people name a record: of `{"id":"4711"}` or `{"id":4711}` it is `4711`, of a
/// key of several fields their values with a comma between them. Empty for what is no JSON object.
std::string key_text(std::string_view key_values);

/// How many dead letters are alike, those of which only the number was kept included.
struct DeadLetterCount {
  Code code = Code::internal;
  std::string column;
  DeadLetterState state = DeadLetterState::open;
  std::uint64_t count = 0;
};

/// Rejects beyond `errors.max_stored`: all of these ordinals were rejected for `code`, and that is
/// all that is kept. What they were is read from the source again.
struct RejectRange {
  std::uint64_t first_ordinal = 0;
  std::uint64_t last_ordinal = 0;
  std::uint64_t batch_sequence = 0;
  Code code = Code::internal;
  std::string column;
  /// The planned range that it is part of.
  BatchRange batch = {};
};

/// What a person made of a rejected record. With neither `record` nor `texts` the record is tried
/// again as it was.
struct Correction {
  std::uint64_t ordinal = 0;
  /// The whole record anew, as a JSON object of the source's fields.
  std::string record;
  /// The whole record anew, by the position of the source's fields (Job::source_fields); nullopt
  /// where there is nothing.
  std::vector<std::optional<std::string>> texts;
};

/// Gives one correction after the other, in any order; false at the end. May throw.
using CorrectionReader = std::function<bool(Correction&)>;

/// Why a replay has nothing to do.
enum class ReplayRefusal : std::uint8_t {
  none,  ///< it was accepted
  /// The job has not ended (ReplayResult::status), so that its rejects are still its own.
  not_ended,
  /// No dead letter is open, of those that were meant.
  nothing_open,
  /// What was kept of the records that were meant has been erased.
  erased,
};

/// What a replay came to. Nothing to do is no error.
struct ReplayResult {
  ReplayRefusal refusal = ReplayRefusal::none;
  JobStatus status = JobStatus::pending;
  std::uint64_t records = 0;
  std::uint64_t batches = 0;
};

/// Names the corrections of one replay until they are used. See JobStore::stage_corrections().
using ReplayId = StrongId<struct ReplayTag>;

/// Which dead letters of a job are to be tried again, and how they are cut into batches.
struct ReplayRequest {
  TenantId tenant_id;
  JobId job_id;
  /// Its `state` is of no matter: only what is open is replayed.
  DeadLetterFilter filter = {};
  /// Only the ordinals that were staged under it, each with its correction.
  std::optional<ReplayId> corrections = {};
  /// As BatchSpec; the bytes are those of raw texts and corrections.
  std::uint64_t max_records = 10'000;
  std::uint64_t max_bytes = 8'388'608;
};

/// One record of a batch that is no planned one.
struct ReplayRecord {
  std::uint64_t ordinal = 0;
  /// How often it was tried beyond the first time, this one included.
  std::uint64_t replay_number = 0;
  std::uint64_t line = 0;
  std::uint64_t byte_offset = 0;
  std::uint64_t byte_length = 0;
  /// As in DeadLetter.
  std::string raw;
  /// A JSON object (Correction::record) or array (Correction::texts); empty when there is none.
  std::string correction;
  /// Its place in the `ranges` of the ReplayBatch.
  std::size_t range = 0;
};

/// Whose traces are to be forgotten. See JobStore::erase().
struct Erasure {
  TenantId tenant_id;
  /// The records' key as key_text() writes it. What could not be read has none and is not found.
  std::string key;
  /// Records at a time.
  std::uint32_t limit = 1000;
  /// Count all of it and change nothing.
  bool dry_run = false;
};

/// What an erasure changed, or would change.
struct ErasureResult {
  std::uint64_t records = 0;
  std::uint64_t dead_letters = 0;
  std::uint64_t log_entries = 0;
  /// Staged for a replay that did not take them yet.
  std::uint64_t corrections = 0;
  /// Jobs with such records that have not ended, whose records are left as they are.
  std::uint64_t unended_jobs = 0;
};

/// What is to be written anew, in ordinal order.
struct ReplayBatch {
  std::vector<ReplayRecord> records;
  /// The planned ranges in which the records were read first.
  std::vector<BatchRange> ranges;
};

/// @}

}  // namespace freight
