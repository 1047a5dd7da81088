#pragma once

#include <cerrno>

namespace freight::file {

/// Whether a failed call is due to a condition of the system, which may pass, not to the file.
inline bool is_system_condition(int error_number) {
  return error_number == ESTALE || error_number == ETIMEDOUT || error_number == EHOSTDOWN ||
         error_number == ENFILE || error_number == EMFILE || error_number == ENOMEM;
}

}  // namespace freight::file
