#include <algorithm>

#include "database/query.hpp"
#include "storage/jobs/sql_job_store.hpp"
#include "storage/queue/acknowledgement.hpp"
#include "storage/queue/job_ending.hpp"
#include "storage/sql/value_texts.hpp"

// The part of SqlJobStore that writes what became of work: acknowledge and finish.

namespace freight::storage {
namespace {

using database::Session;

bool adds_work(const ShareChanges& changes) {
  return std::any_of(changes.begin(), changes.end(), [](const auto& change) {
    return change.second.queued_execute > 0 || change.second.queued_other > 0;
  });
}

/// False when the job has ended already, by a report before this one at the latest.
bool take_ending(LockedJob& job, const FinishReport& report,
                 std::vector<JobEnding::Ending>& endings) {
  const bool ends_now = std::any_of(endings.begin(), endings.end(),
                                    [&](const auto& ending) { return ending.job == &job; });
  if (ends_now || is_final(job.status)) return false;
  if (!report.token && report.run_number != job.run_number) return false;
  if (!can_transition(job.status, report.status)) {
    throw Error(Code::invalid_state,
                "job " + report.job_id.to_string() + " is " + std::string(to_string(job.status)) +
                    " and cannot become " + std::string(to_string(report.status)));
  }
  endings.push_back({&job,
                     {.status = report.status,
                      .error = report.error,
                      .warnings = report.warnings,
                      .reconciliation = report.reconciliation}});
  return true;
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

std::vector<bool> SqlJobStore::finish_jobs(std::span<const FinishReport> reports) {
  return write([&](Session& session, EventWriter& events) {
    JsonRows keys;
    std::vector<TaskQueue::Lease> leases;
    for (const auto& report : reports) {
      keys.begin_row();
      keys.add("tenant_id", report.tenant_id).add("job_id", report.job_id);
      if (report.token) leases.push_back({{report.tenant_id, report.job_id}, *report.token});
    }
    auto jobs = lock_jobs(session, sql_, keys);
    const auto held = queue_.find_leases(session, leases);
    std::vector<bool> ended;
    std::vector<JobEnding::Ending> endings;
    for (const auto& report : reports) {
      const auto job = jobs.find({report.tenant_id, report.job_id});
      ended.push_back(job != jobs.end() && (!report.token || held.contains(*report.token)) &&
                      take_ending(job->second, report, endings));
    }
    ShareChanges changes;
    JobEnding(session, sql_, queue_, events).end(endings, changes);
    queue_.apply(session, changes);
    return ended;
  });
}

}  // namespace freight::storage
