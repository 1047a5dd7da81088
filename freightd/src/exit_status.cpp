#include "exit_status.hpp"

namespace freight::daemon {

ExitStatus exit_status_of(JobStatus status) {
  switch (status) {
    case JobStatus::completed:
      return exit_completed;
    case JobStatus::completed_with_errors:
      return exit_with_rejects;
    case JobStatus::failed:
    case JobStatus::cancelled:
      return exit_failed;
    case JobStatus::paused:
      return exit_paused;
    default:
      return exit_interrupted;
  }
}

ExitStatus exit_status_of(Code code) {
  switch (code_info(code).exit_code) {
    case exit_usage:
      return exit_usage;
    case exit_interrupted:
      return exit_interrupted;
    default:
      // A record's code ends a command only when it ended the job: `on_error: fail`.
      return exit_failed;
  }
}

}  // namespace freight::daemon
