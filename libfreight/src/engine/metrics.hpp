#pragma once

#include <chrono>

#include "freight/engine/work.hpp"
#include "freight/job_queries.hpp"
#include "freight/job_store.hpp"
#include "freight/sinks.hpp"

namespace freight::engine {

/// The figures of one engine on their way to a MetricSink, if there is one. Thread-safe.
class Metrics {
 public:
  using Duration = std::chrono::steady_clock::duration;

  explicit Metrics(MetricSink* sink) : sink_(sink) {}

  bool wanted() const { return sink_ != nullptr; }

  /// What the storage has taken.
  void acknowledged(const BatchReport& report) const;
  void task_retried(const Failure& failure) const;
  void job_ended(JobStatus status) const;

  void claim_took(Duration duration) const;
  void acknowledge_took(Duration duration) const;
  void batch_took(Duration duration) const;

  void queue(const QueueStatistics& statistics) const;
  void tasks_held(std::size_t tasks) const;

 private:
  void count(std::string_view name, std::string_view label, std::string_view value,
             std::uint64_t amount) const;
  void observe(std::string_view name, Duration duration) const;

  MetricSink* sink_;
};

}  // namespace freight::engine
