#include "engine/job_log.hpp"

#include <string>
#include <vector>

namespace freight::engine {

void log_job(LogSink& log, LogLevel level, std::string_view message, TenantId tenant_id,
             JobId job_id, const Failure* failure, std::span<const LogField> details) {
  const auto tenant = tenant_id.to_string();
  const auto job = job_id.to_string();
  std::string text(message);
  std::vector<LogField> fields{{"tenant_id", tenant}, {"job_id", job}};
  if (failure != nullptr) {
    text += ": " + failure->message;
    fields.push_back({"code", to_string(failure->code)});
  }
  fields.insert(fields.end(), details.begin(), details.end());
  log.log(level, text, fields);
}

}  // namespace freight::engine
