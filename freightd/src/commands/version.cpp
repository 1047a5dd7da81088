#include "freight/version.hpp"

#include <string>

#include "commands/command.hpp"
#include "console.hpp"
#include "exit_status.hpp"
#include "freight/backends.hpp"

namespace freight::daemon {

int version_command(const Options&) {
  std::string text = "freightd " + std::string(version()) + "\nbackends:";
  for (const std::string_view backend : built_in_backends()) text += " " + std::string(backend);
  print(text + "\n");
  return exit_completed;
}

}  // namespace freight::daemon
