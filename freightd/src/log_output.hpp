#pragma once

#include <atomic>
#include <filesystem>
#include <mutex>
#include <optional>
#include <span>
#include <string_view>

#include "freight/sinks.hpp"

namespace freight::daemon {

enum class LogLineFormat { text, json };

/// Writes the log lines of the library and of the server, one a line, to stderr or a file.
/// Thread-safe.
class LogOutput final : public LogSink {
 public:
  /// Throws Error(usage) for a file that cannot be written.
  LogOutput(LogLineFormat format, LogLevel least, std::optional<std::filesystem::path> file);
  ~LogOutput() override;
  LogOutput(const LogOutput&) = delete;
  LogOutput& operator=(const LogOutput&) = delete;

  void log(LogLevel level, std::string_view message,
           std::span<const LogField> fields) noexcept override;

  bool writes(LogLevel level) const { return level >= least_; }
  void set_level(LogLevel least) { least_ = least; }
  /// Opens the file anew, as after it was renamed. Keeps the old one when that fails.
  void reopen() noexcept;

 private:
  const LogLineFormat format_;
  std::atomic<LogLevel> least_;
  const std::optional<std::filesystem::path> file_;
  std::mutex mutex_;
  int descriptor_ = 2;
};

}  // namespace freight::daemon
