#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "freight/job.hpp"

namespace freight {

/// @addtogroup running
/// @{

/// What the reconciliation compares, each number from a count of its own.
struct ReconciliationFacts {
  /// By another way than the reading, where there is one.
  std::uint64_t source_count = 0;
  /// Over the completed batches, not the job's counters.
  RecordCounts batch_sums;
  /// nullopt without a ledger.
  std::optional<std::uint64_t> ledger_rows;
  /// Below zero when rows were taken away meanwhile.
  std::optional<std::int64_t> destination_delta;
  /// Why there is no delta; empty when there is one.
  std::string delta_missing;
  /// Nobody else writes to the destination (`verify.exclusive`): a delta that differs fails.
  bool exclusive = false;
  /// Several records may come to one row (merge): fewer rows than records is as it should be.
  bool may_overtake = false;
};

/// `verified`: all numbers agree, the destination's own too. `unverified`: those that there are
/// agree, but the destination's is missing or differs. `failed`: records are lost, or doubled, and
/// the job fails with them.
enum class ReconciliationStatus { verified, unverified, failed };

/// The status' name, as the report has it.
std::string_view to_string(ReconciliationStatus status);

/// What a comparison came to.
struct Reconciliation {
  ReconciliationStatus status = ReconciliationStatus::failed;
  /// True when every record read has exactly one outcome and all that there are were read.
  bool accounted = false;
  /// What was expected and what was found, a sentence each.
  std::vector<std::string> differences;
};

/// Compares the facts with one another and with the job's counters. Pure.
Reconciliation reconcile(const Job& job, const ReconciliationFacts& facts);

/// The report's section `reconciliation` as a JSON object without line breaks; what
/// Job::reconciliation holds.
std::string render_reconciliation(const ReconciliationFacts& facts,
                                  const Reconciliation& reconciliation);

/// @}

}  // namespace freight
