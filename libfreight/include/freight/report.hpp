#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "freight/job.hpp"
#include "freight/job_store.hpp"

namespace freight {

/// What the reconciliation compares, each number from a count of its own.
struct ReconciliationFacts {
  std::uint64_t source_count = 0;
  /// Over the completed batches, not the job's counters.
  RecordCounts batch_sums;
  /// nullopt without a ledger.
  std::optional<std::uint64_t> ledger_rows;
  std::optional<std::uint64_t> destination_delta;
  /// Why there is no delta; empty when there is one.
  std::string delta_missing;
  bool exclusive = false;
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

/// Compares. Pure.
Reconciliation reconcile(const Job& job, const ReconciliationFacts& facts);

/// The report of job-spec.md section 7 as JSON (one object, no line breaks). `reconciliation` is
/// nullptr while the job runs.
std::string render_report(const Job& job, const ReconciliationFacts* facts,
                          const Reconciliation* reconciliation, std::span<const RejectGroup> rejects);

/// Streams the rejects of a job as CSV with the columns of job-spec.md section 7, in pages; `write`
/// gets the text piece by piece. Memory does not grow with their number.
void export_rejects(JobStore& store, const Job& job,
                    const std::function<void(std::string_view)>& write);

}  // namespace freight
