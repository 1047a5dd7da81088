#include "metrics.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace freight::daemon {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 18> descriptions{{
    {"freight_acknowledge_seconds", "Time of writing down what became of batches."},
    {"freight_batch_seconds", "Time of reading, mapping and writing a batch."},
    {"freight_batches_total", "Batches by what became of the attempt."},
    {"freight_build_info", "Always 1; the version is a label."},
    {"freight_claim_seconds", "Time of claiming work from the storage."},
    {"freight_disk_free_bytes", "Room left where this node keeps files."},
    {"freight_http_connections", "Connections that are open."},
    {"freight_http_request_seconds", "Time of answering requests, by operation."},
    {"freight_http_requests_total", "Requests by operation and status."},
    {"freight_http_streams", "Streams that are open: events, downloads, uploads."},
    {"freight_jobs_ended_total", "Jobs that ended, by status."},
    {"freight_oldest_ready_seconds", "How long the oldest task has been waiting for a worker."},
    {"freight_queue_depth", "Tasks of all tenants, by state."},
    {"freight_records_total", "Records by outcome."},
    {"freight_retries_total", "Attempts that are tried again, by category of the failure."},
    {"freight_storage_errors_total", "Calls of the storage that failed."},
    {"freight_tasks_held", "Tasks that this node works for."},
    {"freight_workers", "Nodes by state."},
}};

std::string number_text(double value) {
  std::array<char, 32> text{};
  const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} ? std::string(text.data(), end) : "NaN";
}

void append_escaped(std::string& out, std::string_view value) {
  for (const char character : value) {
    if (character == '\n') {
      out += "\\n";
      continue;
    }
    if (character == '"' || character == '\\') out += '\\';
    out += character;
  }
}

std::string label_text(std::span<const MetricLabel> labels) {
  std::string text;
  for (const MetricLabel& label : labels) {
    text += (text.empty() ? "" : ",") + std::string(label.key) + "=\"";
    append_escaped(text, label.value);
    text += '"';
  }
  return text;
}

std::string with_label(const std::string& labels, const std::string& more) {
  return "{" + labels + (labels.empty() || more.empty() ? "" : ",") + more + "}";
}

std::string braced(const std::string& labels) {
  return labels.empty() ? "" : with_label(labels, "");
}

}  // namespace

template <typename Change>
void Metrics::change(Kind kind, std::string_view name, std::span<const MetricLabel> labels,
                     const Change& change) noexcept {
  try {
    const std::string text = label_text(labels);
    const std::lock_guard lock(mutex_);
    auto family = families_.find(name);
    if (family == families_.end()) family = families_.try_emplace(std::string(name)).first;
    family->second.kind = kind;
    change(family->second.series[text]);
  } catch (const std::exception&) {
    // Out of memory: a figure is missing.
    return;
  }
}

void Metrics::count(std::string_view name, std::span<const MetricLabel> labels,
                    double amount) noexcept {
  change(Kind::counter, name, labels, [&](Series& series) { series.value += amount; });
}

void Metrics::gauge(std::string_view name, std::span<const MetricLabel> labels,
                    double value) noexcept {
  change(Kind::gauge, name, labels, [&](Series& series) { series.value = value; });
}

void Metrics::observe(std::string_view name, std::span<const MetricLabel> labels,
                      double value) noexcept {
  change(Kind::histogram, name, labels, [&](Series& series) {
    series.value += value;
    ++series.observed;
    for (std::size_t at = 0; at < bounds.size(); ++at) {
      if (value <= bounds[at]) ++series.buckets[at];
    }
  });
}

std::string Metrics::text() const {
  const std::lock_guard lock(mutex_);
  std::string out;
  for (const auto& [name, family] : families_) {
    const auto* const known = std::find_if(
        descriptions.begin(), descriptions.end(),
        [&, &family_name = name](const auto& one) { return one.first == family_name; });
    if (known != descriptions.end())
      out += "# HELP " + name + " " + std::string(known->second) + "\n";
    constexpr std::array<std::string_view, 3> kinds{"counter", "gauge", "histogram"};
    out +=
        "# TYPE " + name + " " + std::string(kinds[static_cast<std::size_t>(family.kind)]) + "\n";
    for (const auto& [labels, series] : family.series) {
      if (family.kind != Kind::histogram) {
        out += name + braced(labels) + " " + number_text(series.value) + "\n";
        continue;
      }
      for (std::size_t at = 0; at < bounds.size(); ++at) {
        out += name + "_bucket" + with_label(labels, "le=\"" + number_text(bounds[at]) + "\"") +
               " " + std::to_string(series.buckets[at]) + "\n";
      }
      out += name + "_bucket" + with_label(labels, "le=\"+Inf\"") + " " +
             std::to_string(series.observed) + "\n";
      out += name + "_sum" + braced(labels) + " " + number_text(series.value) + "\n";
      out += name + "_count" + braced(labels) + " " + std::to_string(series.observed) + "\n";
    }
  }
  return out;
}

}  // namespace freight::daemon
