#include "engine/metrics.hpp"

#include <array>

namespace freight::engine {
namespace {

std::string_view result_of(TaskVerdict verdict) {
  switch (verdict) {
    case TaskVerdict::completed:
      return "completed";
    case TaskVerdict::retry:
      return "retried";
    case TaskVerdict::release:
      return "released";
    case TaskVerdict::failed:
      return "failed";
  }
  return "failed";
}

}  // namespace

void Metrics::count(std::string_view name, std::string_view label, std::string_view value,
                    std::uint64_t amount) const {
  if (sink_ == nullptr || amount == 0) return;
  const MetricLabel only{label, value};
  sink_->count(name, {&only, 1}, static_cast<double>(amount));
}

void Metrics::observe(std::string_view name, Duration duration) const {
  if (sink_ != nullptr) sink_->observe(name, {}, std::chrono::duration<double>(duration).count());
}

void Metrics::acknowledged(const BatchReport& report) const {
  if (sink_ == nullptr) return;
  count("freight_batches_total", "result", result_of(report.verdict), 1);
  if (report.verdict == TaskVerdict::retry && report.counted && report.failure) {
    task_retried(*report.failure);
  }
  if (report.verdict != TaskVerdict::completed) return;
  const auto& counts = report.counts;
  count("freight_records_total", "outcome", "succeeded", counts.succeeded);
  count("freight_records_total", "outcome", "rejected", counts.rejected);
  count("freight_records_total", "outcome", "skipped", counts.skipped);
  count("freight_records_total", "outcome", "filtered", counts.filtered);
}

void Metrics::task_retried(const Failure& failure) const {
  count("freight_retries_total", "category", to_string(failure.category), 1);
}

void Metrics::job_ended(JobStatus status) const {
  count("freight_jobs_ended_total", "status", to_string(status), 1);
}

void Metrics::claim_took(Duration duration) const { observe("freight_claim_seconds", duration); }
void Metrics::acknowledge_took(Duration duration) const {
  observe("freight_acknowledge_seconds", duration);
}
void Metrics::batch_took(Duration duration) const { observe("freight_batch_seconds", duration); }

void Metrics::queue(const QueueStatistics& statistics) const {
  if (sink_ == nullptr) return;
  const std::array<std::pair<std::string_view, std::uint64_t>, 6> states{
      {{"ready", statistics.ready},
       {"scheduled", statistics.scheduled},
       {"leased", statistics.leased},
       {"retrying", statistics.retrying},
       {"held", statistics.held},
       {"dead", statistics.dead}}};
  for (const auto& [state, depth] : states) {
    const MetricLabel label{"state", state};
    sink_->gauge("freight_queue_depth", {&label, 1}, static_cast<double>(depth));
  }
}

void Metrics::tasks_held(std::size_t tasks) const {
  if (sink_ != nullptr) sink_->gauge("freight_tasks_held", {}, static_cast<double>(tasks));
}

}  // namespace freight::engine
