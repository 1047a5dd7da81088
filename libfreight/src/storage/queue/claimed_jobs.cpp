#include "storage/queue/claimed_jobs.hpp"

#include <map>
#include <memory>
#include <string>

#include "database/query.hpp"
#include "storage/jobs/job_rows.hpp"
#include "storage/sql/json_rows.hpp"

namespace freight::storage {
namespace {

// Up to 500 of them are read together.
constexpr std::string_view of_small_jobs =
    ", s.spec, j.reconciliation FROM @rows(:rows r, tenant_id uuid, job_id uuid)"
    " JOIN freight.migration_jobs AS j ON j.tenant_id = r.tenant_id AND j.job_id = r.job_id"
    " JOIN freight.migration_job_specs AS s ON s.tenant_id = j.tenant_id AND s.job_id = j.job_id"
    " WHERE j.planned = 1 AND j.batches_total = 1 AND length(s.spec) <= 16384";

bool may_be_only_batch(const Task& task) {
  return task.kind == TaskKind::execute && task.batch_kind == BatchKind::planned &&
         task.range.first_ordinal == 0;
}

}  // namespace

void read_small_jobs(database::Session& session, SqlText& sql, std::vector<Task>& tasks) {
  JsonRows rows;
  for (const auto& task : tasks) {
    if (!may_be_only_batch(task)) continue;
    rows.begin_row();
    rows.add("tenant_id", task.tenant_id).add("job_id", task.job_id);
  }
  if (rows.empty()) return;
  std::map<JobId, std::shared_ptr<const Job>> jobs;
  JobRow row;
  database::Query query(session, "SELECT " + std::string(job_columns) + sql(of_small_jobs));
  query.with("rows", rows.take());
  row.bind(query, true);
  while (query.next()) {
    auto job = std::make_shared<const Job>(row.job());
    jobs.emplace(job->id, job);
  }
  for (auto& task : tasks) {
    const auto job = jobs.find(task.job_id);
    if (may_be_only_batch(task) && job != jobs.end()) task.job = job->second;
  }
}

}  // namespace freight::storage
