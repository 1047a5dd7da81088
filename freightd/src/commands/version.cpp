#include "freight/version.hpp"

#include <string>
#include <string_view>
#include <utility>

#include <boost/json.hpp>

#include "commands/command.hpp"
#include "console.hpp"
#include "exit_status.hpp"
#include "freight/backends.hpp"

namespace freight::daemon {

int version_command(const Options& options) {
  if (options.json) {
    boost::json::array backends;
    for (const std::string_view backend : built_in_backends())
      backends.push_back(boost::json::string(backend.data(), backend.size()));
    print(boost::json::serialize(boost::json::object{{"version", std::string(version())},
                                                     {"backends", std::move(backends)}}) +
          "\n");
    return exit_completed;
  }
  std::string text = "freightd " + std::string(version()) + "\nbackends:";
  for (const std::string_view backend : built_in_backends()) text += " " + std::string(backend);
  print(text + "\n");
  return exit_completed;
}

}  // namespace freight::daemon
