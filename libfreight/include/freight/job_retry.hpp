#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "freight/ids.hpp"
#include "freight/job.hpp"

namespace freight {

/// @addtogroup running
/// @{

/// What of an ended job is tried again.
enum class RetryScope : std::uint8_t {
  /// What is pending: batches that were given up or cancelled, and what was not planned yet.
  failed_batches,
  /// The open dead letters, as they were kept. Batches that were given up stay so.
  rejected_records,
  /// Both.
  all,
};

/// As it stands in requests: `failed_batches`, `rejected_records`, `all`.
std::string_view to_string(RetryScope scope);
/// nullopt for a name that is none.
std::optional<RetryScope> parse_retry_scope(std::string_view name);

/// Why nothing of a job is tried again.
enum class RetryRefusal : std::uint8_t {
  none,
  /// The job has not ended (RetryResult::status).
  not_ended,
  /// The scope holds nothing: nothing is pending, no dead letter is open.
  nothing_to_retry,
  /// rejected_records: the job ended before all of its batches had; retry them as well.
  job_incomplete,
  /// The records cannot be added any more: the destination is a file, or a table that was replaced
  /// as a whole. Only from JobEngine; a JobStore knows no destinations.
  destination_closed,
};

/// What JobStore::retry() is asked for.
struct RetryRequest {
  TenantId tenant_id;
  JobId job_id;
  RetryScope scope = RetryScope::all;
  /// As ReplayRequest.
  std::uint64_t max_records = 10'000;
  std::uint64_t max_bytes = 8'388'608;
};

/// What a retry came to. Nothing to do is no error.
struct RetryResult {
  RetryRefusal refusal = RetryRefusal::none;
  /// After the call.
  JobStatus status = JobStatus::pending;
  /// Batches that had not completed and are ready again; 0 when only planning or the finish is.
  std::uint64_t batches_requeued = 0;
  /// Dead letters that are replayed, in batches of their own.
  std::uint64_t records_requeued = 0;
};

/// Why a batch cannot be retried by itself.
enum class BatchRetryRefusal : std::uint8_t {
  none,
  not_failed,      ///< only a batch that was given up can be retried alone
  job_incomplete,  ///< other batches of the ended job are unfinished too: retry the job
  job_ending,      ///< the job is being finished or cancelled
};

/// What a retry of one batch came to.
struct BatchRetryResult {
  BatchRetryRefusal refusal = BatchRetryRefusal::none;
  BatchStatus batch_status = BatchStatus::ready;
  JobId job_id;
  JobStatus job_status = JobStatus::pending;
};

/// @}

}  // namespace freight
