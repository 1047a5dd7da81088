#include "engine/job_choice.hpp"

#include <algorithm>
#include <variant>

namespace freight::engine {
namespace {

bool is_completed(const Job& job) {
  return job.status == JobStatus::completed || job.status == JobStatus::completed_with_errors;
}

/// Nothing was planned and the input is not known: any input will do.
bool is_of_any_input(const Job& job) { return job.fingerprint.empty() && job.batches_total == 0; }

template <typename Condition>
const Job* first_of(std::span<const Job> jobs, Condition condition) {
  const auto found = std::find_if(jobs.begin(), jobs.end(), condition);
  return found == jobs.end() ? nullptr : &*found;
}

}  // namespace

JobChoice choose_job(std::span<const Job> jobs, std::string_view fingerprint) {
  const auto same_input = [&](const Job& job) { return job.fingerprint == fingerprint; };
  if (const Job* const job =
          first_of(jobs, [](const Job& candidate) { return !is_final(candidate.status); })) {
    return {
        same_input(*job) || is_of_any_input(*job) ? JobAction::resume : JobAction::source_changed,
        job};
  }
  if (const Job* const job = first_of(jobs, same_input)) {
    return {is_completed(*job) ? JobAction::show : JobAction::requeue, job};
  }
  if (jobs.empty()) return {};
  if (is_of_any_input(jobs.front())) return {JobAction::requeue, &jobs.front()};
  if (is_completed(jobs.front()) || jobs.front().batches_completed == 0) return {};
  return {JobAction::source_changed, &jobs.front()};
}

bool runs_always(const JobSpec& spec) {
  const auto* const destination = std::get_if<SqlDestinationSpec>(&spec.destination);
  return std::holds_alternative<SqlSourceSpec>(spec.source) && destination != nullptr &&
         destination->write_disposition != WriteDisposition::append;
}

bool wrote_nothing(const Job& job) {
  return job.error && job.error->code == Code::all_rejected &&
         job.records.read == job.records.rejected;
}

bool may_take_refused(const Job& job, const JobSpec& spec) {
  const auto* const destination = std::get_if<SqlDestinationSpec>(&spec.destination);
  return job.records.rejected > 0 && destination != nullptr &&
         destination->write_disposition != WriteDisposition::replace;
}

}  // namespace freight::engine
