#include "engine/reject_limits.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace freight::engine {
namespace {

Failure limit_met(std::string message, const ErrorLimits& limits, const char* key) {
  Failure failure;
  failure.code = Code::too_many_rejects;
  failure.category = code_info(failure.code).category;
  failure.message = std::move(message);
  failure.details.hint =
      limits.on_limit == OnLimit::pause
          ? "look at what was rejected; resuming the job begins the limit anew"
          : "look at what was rejected and retry the job, or raise errors." + std::string(key);
  return failure;
}

std::string percent(double ratio) {
  std::string text = std::to_string(ratio * 100);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text + " %";
}

}  // namespace

bool has_reject_limits(const ErrorLimits& limits) {
  return limits.max_rejects.has_value() || limits.max_reject_ratio.has_value();
}

std::optional<Failure> too_many_rejects(const Job& job, const ErrorLimits& limits) {
  const auto uncounted = job.limits_from_rejected + job.waiting_for_parents;
  const auto rejected = job.records.rejected - std::min(uncounted, job.records.rejected);
  const auto read = job.records.read - std::min(job.limits_from_read, job.records.read);
  const auto found = std::to_string(rejected) + " of " + std::to_string(read) +
                     (job.limits_from_read > 0 ? " further records" : " records") +
                     " were rejected; ";
  if (limits.max_rejects && rejected > *limits.max_rejects) {
    return limit_met(found + "errors.max_rejects is " + std::to_string(*limits.max_rejects), limits,
                     "max_rejects");
  }
  if (limits.max_reject_ratio && read > 0 && read >= limits.min_sample &&
      static_cast<double>(rejected) > *limits.max_reject_ratio * static_cast<double>(read)) {
    return limit_met(found + "errors.max_reject_ratio is " + percent(*limits.max_reject_ratio),
                     limits, "max_reject_ratio");
  }
  return std::nullopt;
}

}  // namespace freight::engine
