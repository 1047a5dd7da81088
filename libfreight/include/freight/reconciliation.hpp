#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "freight/job.hpp"

namespace freight {

/// What the reconciliation compares, each number from a count of its own.
struct ReconciliationFacts {
  std::uint64_t source_count = 0;
  /// Over the completed batches, not the job's counters.
  RecordCounts batch_sums;
  /// nullopt without a ledger.
  std::optional<std::uint64_t> ledger_rows;
  /// Below zero when rows were taken away meanwhile.
  std::optional<std::int64_t> destination_delta;
  /// Why there is no delta; empty when there is one.
  std::string delta_missing;
  bool exclusive = false;
  /// Several records may come to one row (merge): fewer rows than records is as it should be.
  bool may_overtake = false;
};

enum class ReconciliationStatus { verified, unverified, failed };

std::string_view to_string(ReconciliationStatus status);

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

}  // namespace freight
