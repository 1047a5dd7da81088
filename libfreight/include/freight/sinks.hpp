#pragma once

#include <span>
#include <string_view>

#include "freight/cxx20.hpp"

namespace freight {

/// @addtogroup surroundings
/// @{

/// How much a log line matters, the least first.
enum class LogLevel { debug, info, warning, error };

/// One fact of a log line, for structured logs. The views are valid for the call.
struct LogField {
  std::string_view key;
  std::string_view value;
};

/// Where the library's log lines go. Implementations are thread-safe, do not throw and do not keep
/// the views. Messages never hold secrets or record values.
class LogSink {
 public:
  virtual ~LogSink() = default;
  /// One line. Called on the thread that the line is about, from several at once.
  virtual void log(LogLevel level, std::string_view message,
                   std::span<const LogField> fields) noexcept = 0;
};

/// Drops everything; the default. Lives as long as the process.
LogSink& null_log_sink();

/// One dimension of a figure. The views are valid for the call.
struct MetricLabel {
  std::string_view key;
  std::string_view value;
};

/// Where the library's figures go. Names are those of Prometheus; no label holds the name or id of
/// a tenant, job or connection. Implementations are thread-safe, do not throw and do not keep the
/// views.
///
/// An engine feeds: the counters `freight_records_total{outcome}`, `freight_batches_total{result}`
/// (completed, retried, released, failed), `freight_retries_total{category}` and
/// `freight_jobs_ended_total{status}`; the histograms `freight_claim_seconds`,
/// `freight_acknowledge_seconds` and `freight_batch_seconds`; and with each heartbeat the gauges
/// `freight_queue_depth{state}` (ready, scheduled, leased, retrying, held, dead) of all tenants and
/// `freight_tasks_held`.
class MetricSink {
 public:
  virtual ~MetricSink() = default;
  /// A counter grows by `amount`, which is not negative.
  virtual void count(std::string_view name, std::span<const MetricLabel> labels,
                     double amount) noexcept = 0;
  /// A gauge stands at `value`.
  virtual void gauge(std::string_view name, std::span<const MetricLabel> labels,
                     double value) noexcept = 0;
  /// One more observation of a histogram.
  virtual void observe(std::string_view name, std::span<const MetricLabel> labels,
                       double value) noexcept = 0;
};

/// @}

}  // namespace freight
