#include "connectors/file_output/file_error.hpp"

#include <cerrno>
#include <string>
#include <system_error>

#include "connectors/file/system_condition.hpp"
#include "freight/error.hpp"

namespace freight::file {
namespace {

bool is_full(int error_number) {
  return error_number == ENOSPC || error_number == EDQUOT || error_number == EFBIG;
}

}  // namespace

void fail_output(const std::filesystem::path& path, const char* what, int error_number) {
  const std::string message = "The destination " + path.string() + " cannot be " + what + ": " +
                              std::generic_category().message(error_number);
  if (is_full(error_number)) {
    throw Error(Code::destination_full, message,
                {.hint = "Make room on its disk, or write to another one."});
  }
  if (error_number == EACCES || error_number == EPERM || error_number == EROFS) {
    throw Error(Code::destination_denied, message,
                {.hint = "Give the user that runs Freight the right to write into the folder."});
  }
  if (is_system_condition(error_number)) {
    throw Error(Code::destination_unavailable, message, {.outage = true});
  }
  throw Error(Code::destination_failed, message);
}

}  // namespace freight::file
