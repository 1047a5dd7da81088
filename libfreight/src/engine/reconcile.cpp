#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <boost/json.hpp>

#include "freight/reconciliation.hpp"

namespace freight {
namespace {

std::uint64_t total(const WrittenCounts& written) {
  return written.inserted + written.updated + written.unchanged;
}

/// Gathers sentences of the form "what: expected x, found y".
class Comparison {
 public:
  explicit Comparison(std::vector<std::string>& differences) : differences_(differences) {}

  template <typename Number>
  bool same(const std::string& what, Number expected, Number found) {
    if (expected == found) return true;
    differences_.push_back(what + ": expected " + std::to_string(expected) + ", found " +
                           std::to_string(found));
    return false;
  }

 private:
  std::vector<std::string>& differences_;
};

bool counters_agree(Comparison& compare, const RecordCounts& counters, const RecordCounts& sums) {
  bool same = compare.same("records read by the job's counter", sums.read, counters.read);
  same &=
      compare.same("records succeeded by the job's counter", sums.succeeded, counters.succeeded);
  same &= compare.same("records rejected by the job's counter", sums.rejected, counters.rejected);
  same &= compare.same("records skipped by the job's counter", sums.skipped, counters.skipped);
  same &= compare.same("records filtered by the job's counter", sums.filtered, counters.filtered);
  return same;
}

}  // namespace

std::string_view to_string(ReconciliationStatus status) {
  switch (status) {
    case ReconciliationStatus::verified:
      return "verified";
    case ReconciliationStatus::unverified:
      return "unverified";
    case ReconciliationStatus::failed:
      return "failed";
  }
  return "failed";
}

Reconciliation reconcile(const Job& job, const ReconciliationFacts& facts) {
  Reconciliation result;
  Comparison compare(result.differences);
  const auto& sums = facts.batch_sums;

  bool accounted = compare.same("records with an outcome", sums.read, sums.accounted());
  accounted &= compare.same("records read, of those in the source", facts.source_count, sums.read);
  accounted &= counters_agree(compare, job.records, sums);
  result.accounted = accounted;

  bool holds = accounted;
  if (facts.ledger_rows) {
    // Rows that were there with equal values were not written.
    holds &= compare.same("rows in the ledger, of those written",
                          job.written.inserted + job.written.updated, *facts.ledger_rows);
  }
  // A trigger that swallows rows, say. Other ways to keep a record may be right: no failure.
  const bool all_kept = !(facts.ledger_rows || facts.destination_delta) ||
                        (facts.may_overtake && total(job.written) <= sums.succeeded) ||
                        compare.same("rows written, of the records that succeeded", sums.succeeded,
                                     total(job.written));
  bool delta_agrees = false;
  if (facts.destination_delta) {
    delta_agrees =
        compare.same("rows that the destination has more than before",
                     static_cast<std::int64_t>(job.written.inserted), *facts.destination_delta);
    if (facts.exclusive) holds &= delta_agrees;
  }

  if (!holds) {
    result.status = ReconciliationStatus::failed;
  } else if (delta_agrees && all_kept) {
    result.status = ReconciliationStatus::verified;
  } else {
    result.status = ReconciliationStatus::unverified;
  }
  return result;
}

std::string render_reconciliation(const ReconciliationFacts& facts,
                                  const Reconciliation& reconciliation) {
  boost::json::object object;
  object["status"] = to_string(reconciliation.status);
  object["accounting"] = reconciliation.accounted ? "ok" : "failed";
  object["source_count"] = facts.source_count;
  object["ledger_rows"] = facts.ledger_rows ? boost::json::value(*facts.ledger_rows) : nullptr;
  object["destination_delta"] =
      facts.destination_delta ? boost::json::value(*facts.destination_delta) : nullptr;
  boost::json::array differences;
  for (const auto& difference : reconciliation.differences) {
    differences.emplace_back(difference);
  }
  if (!facts.delta_missing.empty()) {
    differences.emplace_back("the destination's rows were not compared: " + facts.delta_missing);
  }
  object["differences"] = std::move(differences);
  return boost::json::serialize(object);
}

}  // namespace freight
