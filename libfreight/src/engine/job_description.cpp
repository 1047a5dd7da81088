#include "engine/job_description.hpp"

#include "engine/write_disposition.hpp"

namespace freight::engine {
namespace {

std::optional<std::uint64_t> count_before(const JobSpec& spec, const JobConnectors& connectors,
                                          TaskAttempt& attempt) {
  // None of the rows that are there now will be left.
  if (writes_by(spec, WriteDisposition::replace)) return 0;
  if (spec.mode != JobMode::run || spec.verify_counts == VerifyCounts::never) return std::nullopt;
  attempt.side = Side::destination;
  return connectors.destination->count(spec.verify_counts == VerifyCounts::always, attempt.context);
}

bool says_more(const JobDescription& found, const Job& job) {
  return found.destination_count_before || found.warnings != job.warnings ||
         found.source_fields != job.source_fields || !found.unmapped_columns.empty() ||
         !found.unfilled_columns.empty();
}

}  // namespace

JobDescription describe(const JobSpec& spec, const JobConnectors& connectors,
                        TaskAttempt& attempt) {
  JobDescription found;
  found.destination_count_before = count_before(spec, connectors, attempt);
  found.warnings = connectors.description.warnings;
  found.warnings.insert(found.warnings.end(), connectors.preparation_warnings.begin(),
                        connectors.preparation_warnings.end());
  const std::string& loose = connectors.mapper->loosely_matched();
  if (!loose.empty()) found.warnings.push_back(loose);
  found.source_fields = connectors.description.fields;
  found.unmapped_columns = connectors.mapper->unmapped_columns();
  found.unfilled_columns = connectors.mapper->unfilled_columns();
  return found;
}

void describe_if_needed(WorkStore& store, Job& job, const JobSpec& spec,
                        const JobConnectors& connectors, TaskAttempt& attempt) {
  if (job.described) return;
  const auto found = describe(spec, connectors, attempt);
  attempt.side = Side::engine;
  if (!says_more(found, job)) return;
  store.describe_job(job.tenant_id, job.id, found);
  job.destination_count_before = found.destination_count_before;
}

}  // namespace freight::engine
