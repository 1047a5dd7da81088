#pragma once

#include <span>
#include <string_view>

namespace freight {

enum class LogLevel { debug, info, warning, error };

struct LogField {
  std::string_view key;
  std::string_view value;
};

/// Where the library's log lines go. Implementations are thread-safe, do not throw and do not keep
/// the views. Messages never hold secrets or record values.
class LogSink {
 public:
  virtual ~LogSink() = default;
  virtual void log(LogLevel level, std::string_view message,
                   std::span<const LogField> fields) noexcept = 0;
};

/// Drops everything; the default. Lives as long as the process.
LogSink& null_log_sink();

}  // namespace freight
