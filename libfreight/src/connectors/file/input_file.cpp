#include "connectors/file/input_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>
#include <vector>

#include "connectors/file/system_condition.hpp"
#include "core/hash.hpp"
#include "freight/error.hpp"

namespace freight::file {
namespace {

constexpr std::uint64_t fingerprint_part = 1024 * 1024;

[[noreturn]] void fail(const std::filesystem::path& path, const char* what, int error_number) {
  const std::string message = "The source " + path.string() + " cannot be " + what + ": " +
                              std::generic_category().message(error_number);
  if (is_system_condition(error_number)) {
    throw Error(Code::source_unavailable, message, {.outage = true});
  }
  if (error_number == ENOENT || error_number == ENOTDIR) {
    throw Error(Code::source_not_found,
                "The source " + path.string() +
                    " does not exist: " + std::generic_category().message(error_number),
                {.hint = "Check the path; a relative one is relative to the job file's folder."});
  }
  ErrorDetails details;
  if (error_number == EACCES || error_number == EPERM) {
    details.hint = "Give the user that runs Freight the right to read it.";
  }
  throw Error(Code::source_unreadable, message, details);
}

[[noreturn]] void fail_changed(const std::filesystem::path& path, std::uint64_t before,
                               std::uint64_t now) {
  throw Error(Code::source_changed,
              "The source " + path.string() + " had " + std::to_string(before) +
                  " bytes when it was opened and has " + std::to_string(now) + " now",
              {.hint = "Do not change a file while a job reads it; submit it again as a new job."});
}

std::uint64_t size_of(int descriptor, const std::filesystem::path& path) {
  struct stat status {};
  if (::fstat(descriptor, &status) != 0) fail(path, "examined", errno);
  if (S_ISDIR(status.st_mode)) {
    throw Error(Code::source_unreadable, "The source " + path.string() + " is a directory",
                {.hint = "Name a file in it."});
  }
  if (!S_ISREG(status.st_mode)) {
    throw Error(
        Code::source_unreadable, "The source " + path.string() + " is not a regular file",
        {.hint = "Freight reads a file in parts and again after a failure; save the data to "
                 "a file first."});
  }
  return static_cast<std::uint64_t>(status.st_size);
}

}  // namespace

InputFile::InputFile(const std::filesystem::path& path) : path_(path) {
  // Without O_NONBLOCK a pipe would wait here for somebody to write into it.
  descriptor_ = Descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!descriptor_.is_open()) fail(path_, "opened", errno);
  size_ = size_of(descriptor_.number(), path_);
}

InputFile::InputFile(std::filesystem::path name, Descriptor descriptor)
    : path_(std::move(name)),
      descriptor_(std::move(descriptor)),
      size_(size_of(descriptor_.number(), path_)) {}

InputFile::InputFile(std::shared_ptr<const InputFile> original, Descriptor descriptor,
                     PlaceIndex places)
    : InputFile(original->path(), std::move(descriptor)) {
  original_ = std::move(original);
  places_ = std::move(places);
}

void InputFile::check_size() const {
  const std::uint64_t now = size_of(descriptor_.number(), path_);
  if (now != size_) fail_changed(path_, size_, now);
  if (original_) original_->check_size();
}

void InputFile::read(std::uint64_t offset, std::span<char> bytes) const {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t count = ::pread(descriptor_.number(), bytes.data() + done, bytes.size() - done,
                                  static_cast<off_t>(offset + done));
    if (count > 0) {
      done += static_cast<std::size_t>(count);
    } else if (count == 0) {
      fail_changed(path_, size_, size_of(descriptor_.number(), path_));
    } else if (errno != EINTR) {
      fail(path_, "read", errno);
    }
  }
}

std::string InputFile::revision() const {
  struct stat status {};
  if (::fstat(descriptor_.number(), &status) != 0) fail(path_, "examined", errno);
  std::string text;
  for (const auto part :
       {static_cast<std::int64_t>(status.st_dev), static_cast<std::int64_t>(status.st_ino),
        static_cast<std::int64_t>(status.st_size), static_cast<std::int64_t>(status.st_mtim.tv_sec),
        static_cast<std::int64_t>(status.st_mtim.tv_nsec)}) {
    text += std::to_string(part) + ' ';
  }
  return text;
}

Descriptor InputFile::again() const {
  Descriptor same(::fcntl(descriptor_.number(), F_DUPFD_CLOEXEC, 0));
  if (!same.is_open()) fail(path_, "opened", errno);
  return same;
}

std::string InputFile::fingerprint() const {
  std::vector<char> bytes(std::min(size_, 2 * fingerprint_part));
  const std::span<char> all(bytes);
  if (size_ <= bytes.size()) {
    read(0, all);
  } else {
    read(0, all.first(fingerprint_part));
    read(size_ - fingerprint_part, all.last(fingerprint_part));
  }
  return "file/1 " + std::to_string(size_) + " " + core::sha256_hex({bytes.data(), bytes.size()});
}

}  // namespace freight::file
