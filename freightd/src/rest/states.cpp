#include "rest/states.hpp"

#include <string_view>
#include <utility>
#include <vector>

#include <boost/json.hpp>

#include "freight/migration_store.hpp"

namespace freight::daemon::rest {

namespace {

boost::json::array names_of(const std::vector<std::string_view>& actions) {
  boost::json::array names;
  for (const std::string_view one : actions) {
    names.push_back(boost::json::string(one.data(), one.size()));
  }
  return names;
}

}  // namespace

Problem wrong_state(JobStatus status, std::string detail) {
  return {.code = Code::invalid_state,
          .detail = std::move(detail),
          .more = {{"job_status", std::string(to_string(status))},
                   {"actions", names_of(actions_of(status))}}};
}

Problem wrong_migration_state(JobStatus status, std::string detail) {
  return {.code = Code::invalid_state,
          .detail = std::move(detail),
          .more = {{"migration_status", std::string(to_string(status))},
                   {"actions", names_of(actions_of_migration(status))}}};
}

}  // namespace freight::daemon::rest
