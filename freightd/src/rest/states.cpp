#include "rest/states.hpp"

#include <utility>

#include <boost/json.hpp>

namespace freight::daemon::rest {

Problem wrong_state(JobStatus status, std::string detail) {
  boost::json::array actions;
  for (const std::string_view one : actions_of(status))
    actions.push_back(boost::json::string(one.data(), one.size()));
  return {
      .code = Code::invalid_state,
      .detail = std::move(detail),
      .more = {{"job_status", std::string(to_string(status))}, {"actions", std::move(actions)}}};
}

}  // namespace freight::daemon::rest
