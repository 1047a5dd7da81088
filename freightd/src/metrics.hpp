#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "freight/sinks.hpp"

namespace freight::daemon {

/// Keeps the figures of the library and of the server, and writes them as Prometheus' text
/// exposition format has it (version 0.0.4). Thread-safe.
class Metrics final : public MetricSink {
 public:
  void count(std::string_view name, std::span<const MetricLabel> labels,
             double amount) noexcept override;
  void gauge(std::string_view name, std::span<const MetricLabel> labels,
             double value) noexcept override;
  void observe(std::string_view name, std::span<const MetricLabel> labels,
               double value) noexcept override;

  std::string text() const;

 private:
  /// In seconds.
  static constexpr std::array<double, 14> bounds{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                                 0.1,    0.25,  0.5,    1.0,   2.5,  5.0,   10.0};
  enum class Kind : std::uint8_t { counter, gauge, histogram };
  struct Series {
    double value = 0;
    std::uint64_t observed = 0;
    std::array<std::uint64_t, bounds.size()> buckets{};
  };
  struct Family {
    Kind kind = Kind::counter;
    /// By the text of their labels.
    std::map<std::string, Series, std::less<>> series;
  };

  template <typename Change>
  void change(Kind kind, std::string_view name, std::span<const MetricLabel> labels,
              const Change& change) noexcept;

  mutable std::mutex mutex_;
  std::map<std::string, Family, std::less<>> families_;
};

}  // namespace freight::daemon
