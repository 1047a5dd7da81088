#include <string>

#include "commands/command.hpp"
#include "console.hpp"
#include "exit_status.hpp"
#include "freight/job_spec_schema.hpp"

namespace freight::daemon {

int spec_command(const Options&) {
  print(std::string(job_spec_schema()));
  return exit_completed;
}

}  // namespace freight::daemon
