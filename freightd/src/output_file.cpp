#include "output_file.hpp"

#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

#include "freight/error.hpp"

namespace freight::daemon {
namespace {

std::string problem(const std::filesystem::path& path, int error_number) {
  return "cannot write '" + path.string() + "': " + std::generic_category().message(error_number);
}

}  // namespace

OutputFile::OutputFile(std::filesystem::path path)
    : path_(std::move(path)),
      temporary_path_(path_.string() + "." + std::to_string(::getpid()) + ".part") {
  file_.reset(std::fopen(temporary_path_.c_str(), "wbe"));
  if (file_ == nullptr) fail(errno);
}

OutputFile::~OutputFile() {
  if (file_ == nullptr) return;
  file_.reset();
  std::error_code ignored;  // There is nothing better to do than leave it behind.
  std::filesystem::remove(temporary_path_, ignored);
}

void OutputFile::write(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), file_.get()) != text.size()) fail(errno);
}

void OutputFile::commit() {
  if (std::fflush(file_.get()) != 0 || ::fsync(::fileno(file_.get())) != 0) fail(errno);
  if (std::rename(temporary_path_.c_str(), path_.c_str()) != 0) fail(errno);
  file_.reset();
}

void OutputFile::fail(int error_number) const {
  throw Error(Code::output_failed, problem(path_, error_number));
}

void check_output_path(const std::filesystem::path& path) {
  const auto folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
  std::error_code ignored;
  int error_number = 0;
  if (std::filesystem::is_directory(path, ignored)) {
    error_number = EISDIR;
  } else if (::access(folder.c_str(), W_OK | X_OK) != 0) {
    error_number = errno;
  }
  if (error_number != 0) throw Error(Code::usage, problem(path, error_number));
}

}  // namespace freight::daemon
