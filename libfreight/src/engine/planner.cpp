#include "engine/planner.hpp"

#include <string>
#include <utility>
#include <vector>

#include "core/fault_point.hpp"
#include "engine/job_description.hpp"
#include "freight/error.hpp"

namespace freight::engine {
namespace {

using std::chrono::milliseconds;

/// Batches that may wait for workers; bounds the hot table, whatever the size of the source.
constexpr std::uint64_t look_ahead = 128;
/// How long a planner that is ahead sleeps: far less than workers need for the look-ahead.
constexpr milliseconds pause_when_ahead{100};
/// After so long the slot goes to the next job that wants to be planned.
constexpr milliseconds longest_turn{500};
/// Few at first, so that workers begin soon; then fewer transactions.
constexpr std::uint32_t ranges_of_first_chunk = 4;
constexpr std::uint32_t ranges_of_chunk = 16;

std::uint64_t queued_batches(const Job& job) {
  return job.batches_total - job.batches_completed - job.batches_failed;
}

/// More than these of a job are not kept; they would say the same.
constexpr std::size_t most_warnings = 20;

void add_warnings(std::vector<std::string>& warnings, std::vector<std::string> met) {
  for (std::string& warning : met) {
    if (warnings.size() > most_warnings) return;
    warnings.push_back(warnings.size() < most_warnings ? std::move(warning)
                                                       : "There are more warnings of this kind.");
  }
}

void refuse_standstill(const PlanChunk& chunk, std::string_view position) {
  if (chunk.done || chunk.position != position) return;
  throw Error(Code::connector_failed,
              "the source's plan stands still: the position after a chunk is the one before it");
}

}  // namespace

Planner::Planner(const Stores& stores, const ConnectorRegistry& registry, const Clock& clock,
                 std::function<void()> chunk_written)
    : stores_(stores),
      registry_(registry),
      clock_(clock),
      chunk_written_(std::move(chunk_written)) {}

std::optional<milliseconds> Planner::plan(const LeasedTask& leased, JobRuntime& runtime,
                                          TaskAttempt& attempt) {
  const auto& task = leased.task;
  const auto began = clock_.steady_now();
  const auto& connectors = runtime.connectors(stores_, registry_, attempt);
  const auto& spec = *runtime.spec();
  attempt.side = Side::engine;
  const auto job = stores_.jobs.find_job(task.tenant_id, task.job_id);
  if (!job) return std::nullopt;

  std::string position = task.plan_position;
  auto warnings = job->warnings;
  auto queued = queued_batches(*job);
  while (!attempt.context.stop.stop_requested() &&
         clock_.steady_now() < attempt.context.deadline()) {
    attempt.side = Side::source;
    const bool first = position.empty();
    auto chunk =
        connectors.source->plan(position,
                                {.max_records = spec.batch.max_records,
                                 .max_bytes = spec.batch.max_bytes,
                                 .max_ranges = first ? ranges_of_first_chunk : ranges_of_chunk},
                                attempt.context);
    refuse_standstill(chunk, position);

    PlanReport report;
    report.token = task.token;
    report.tenant_id = task.tenant_id;
    report.job_id = task.job_id;
    if (first) {
      add_facts(report, spec, connectors, attempt);
      warnings = *report.warnings;
    }
    if (!chunk.warnings.empty()) {
      add_warnings(warnings, std::move(chunk.warnings));
      report.warnings = warnings;
    }
    const bool ahead = queued + chunk.ranges.size() >= look_ahead;
    const bool turn_over = clock_.steady_now() - began >= longest_turn;
    report.done = chunk.done;
    report.keep_lease = !chunk.done && !ahead && !turn_over;
    report.resume_in = ahead ? pause_when_ahead : milliseconds::zero();
    report.ranges = std::move(chunk.ranges);
    report.position = std::move(chunk.position);

    attempt.side = Side::engine;
    core::fault_point("planner.before_append");
    const auto result = stores_.work.append_plan(report);
    core::fault_point("planner.after_append");
    if (result.lost) return std::nullopt;
    if (result.cancelling) throw Error(Code::lease_lost, "the job is being cancelled");
    runtime.outage.over();
    chunk_written_();
    if (report.done || result.paused) return std::nullopt;
    if (!report.keep_lease) return report.resume_in;
    queued = result.batches_queued;
    position = std::move(report.position);
  }
  throw Error(Code::cancelled, "planning was stopped");
}

void Planner::add_facts(PlanReport& report, const JobSpec& spec, const JobConnectors& connectors,
                        TaskAttempt& attempt) const {
  report.fingerprint = connectors.fingerprint;
  report.bytes_total = connectors.description.bytes_total;
  report.source_count = connectors.source->count(attempt.context);
  auto found = describe(spec, connectors, attempt);
  report.destination_count_before = found.destination_count_before;
  report.warnings = std::move(found.warnings);
  report.source_fields = std::move(found.source_fields);
  report.unmapped_columns = std::move(found.unmapped_columns);
  report.unfilled_columns = std::move(found.unfilled_columns);
}

}  // namespace freight::engine
