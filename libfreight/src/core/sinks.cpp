#include "freight/sinks.hpp"

namespace freight {
namespace {

class NullLogSink final : public LogSink {
 public:
  void log(LogLevel, std::string_view, std::span<const LogField>) noexcept override {}
};

}  // namespace

LogSink& null_log_sink() {
  static NullLogSink sink;
  return sink;
}

}  // namespace freight
