#include <algorithm>

#include "database/query.hpp"
#include "storage/acknowledgement.hpp"
#include "storage/job_ending.hpp"
#include "storage/sql_job_store.hpp"
#include "storage/value_texts.hpp"

// The part of SqlJobStore that writes what became of work: acknowledge and finish.

namespace freight::storage {
namespace {

using database::Session;

bool adds_work(const ShareChanges& changes) {
  return std::any_of(changes.begin(), changes.end(), [](const auto& change) {
    return change.second.queued_execute > 0 || change.second.queued_other > 0;
  });
}

}  // namespace

AcknowledgeResult SqlJobStore::acknowledge(std::span<const BatchReport> reports,
                                           const ClaimRequest& next) {
  TaskQueue::NodeCleanup cleanup;
  auto result = write([&](Session& session, EventWriter& events) {
    AcknowledgeResult answer;
    ShareChanges changes;
    cleanup = {};
    Acknowledgement acknowledgement(session, sql_, queue_, events);
    answer.lost = acknowledgement.begin(reports);
    answer.cancelled = acknowledgement.write(changes);
    if (adds_work(changes)) {
      // Claiming rests on the shares: a finish that was added just now must be in them.
      queue_.apply(session, changes);
      changes.clear();
    }
    answer.claimed = queue_.claim(session, next, changes, cleanup, events);
    queue_.apply(session, changes);
    return answer;
  });
  forget_nodes(cleanup);
  return result;
}

bool SqlJobStore::finish_job(const FinishReport& report) {
  const JobKey key{report.tenant_id, report.job_id};
  return write([&](Session& session, EventWriter& events) {
    auto job = lock_job(session, sql_, key);
    if (!job || is_final(job->status)) return false;
    if (report.token && !queue_.holds_lease(session, key.first, key.second, *report.token)) {
      return false;
    }
    if (!can_transition(job->status, report.status)) {
      throw Error(Code::invalid_state,
                  "job " + key.second.to_string() + " is " + std::string(to_string(job->status)) +
                      " and cannot become " + std::string(to_string(report.status)));
    }
    ShareChanges changes;
    JobEnding(session, sql_, queue_, events)
        .end(*job,
             {.status = report.status,
              .error = report.error,
              .warnings = report.warnings,
              .reconciliation = report.reconciliation},
             changes);
    queue_.apply(session, changes);
    return true;
  });
}

}  // namespace freight::storage
