#include "connectors/file_output/partial_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <string>
#include <system_error>
#include <utility>

#include "connectors/file_output/file_error.hpp"
#include "core/fault_point.hpp"
#include "freight/error.hpp"

namespace freight::file {
namespace {

namespace fs = std::filesystem;

constexpr mode_t mode_of_new_files = 0666;  // Less what the process's mask takes away.

Descriptor open_file(const fs::path& path, int flags) {
  Descriptor descriptor(
      ::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | flags, mode_of_new_files));
  if (!descriptor.is_open()) fail_output(path, "opened", errno);
  return descriptor;
}

struct stat status_of(const Descriptor& descriptor, const fs::path& path) {
  struct stat status {};
  if (::fstat(descriptor.number(), &status) != 0) fail_output(path, "examined", errno);
  return status;
}

void write_at(const Descriptor& descriptor, const fs::path& path, std::string_view bytes,
              std::uint64_t offset) {
  while (!bytes.empty()) {
    const ssize_t count =
        ::pwrite(descriptor.number(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (count < 0) {
      if (errno == EINTR) continue;
      fail_output(path, "written", errno);
    }
    bytes.remove_prefix(static_cast<std::size_t>(count));
    offset += static_cast<std::uint64_t>(count);
  }
}

void cut(const Descriptor& descriptor, const fs::path& path, std::uint64_t length) {
  if (::ftruncate(descriptor.number(), static_cast<off_t>(length)) != 0) {
    fail_output(path, "cut", errno);
  }
}

void sync(const Descriptor& descriptor, const fs::path& path) {
  if (::fdatasync(descriptor.number()) != 0) fail_output(path, "made lasting", errno);
}

void remove_file(const fs::path& path) {
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) fail_output(path, "removed", errno);
}

std::string content_from(const Descriptor& descriptor, const fs::path& path, std::uint64_t offset) {
  std::string content;
  const auto size = static_cast<std::uint64_t>(status_of(descriptor, path).st_size);
  if (size <= offset) return content;
  content.resize(size - offset);
  std::size_t done = 0;
  while (done < content.size()) {
    const ssize_t count = ::pread(descriptor.number(), content.data() + done, content.size() - done,
                                  static_cast<off_t>(offset + done));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail_output(path, "read", errno);
    if (count == 0) break;
    done += static_cast<std::size_t>(count);
  }
  content.resize(done);
  return content;
}

[[noreturn]] void fail_gone(const OutputPath& path) {
  throw Error(Code::destination_failed,
              "The unfinished file of this job beside " + path.target.string() + " is gone",
              {.hint = "Run the job again: it writes the file from the beginning."});
}

}  // namespace

PartialFile::Found PartialFile::look_for(const OutputPath& path) {
  const Descriptor ledger(::open(path.ledger.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!ledger.is_open()) {
    if (errno != ENOENT) fail_output(path.ledger, "opened", errno);
    return Found::nothing;
  }
  UnitLedger known;
  known.read(content_from(ledger, path.ledger, 0));
  // A process died while it made the files: they hold nothing.
  if (known.bytes() == 0) return Found::nothing;
  std::error_code failed;
  return fs::exists(path.data, failed) ? Found::both : Found::renamed;
}

PartialFile::PartialFile(const OutputPath& path, int flags)
    : path_(path),
      data_file_(open_file(path.data, flags)),
      ledger_file_(open_file(path.ledger, flags)) {
  // For as long as it is open: tells other jobs that this one is at work.
  while (::flock(data_file_.number(), LOCK_SH) != 0 && errno == EINTR) {
  }
}

PartialFile PartialFile::make(const OutputPath& path, JobId job_id) {
  PartialFile file(path, O_CREAT | O_TRUNC);
  const auto head = UnitLedger::head_line(job_id);
  write_at(file.ledger_file_, path.ledger, head, 0);
  sync(file.ledger_file_, path.ledger);
  sync_folder(path.folder);
  file.ledger_.read(head);
  return file;
}

PartialFile PartialFile::open(const OutputPath& path) {
  PartialFile file(path, 0);
  file.read_ledger();
  const auto size = static_cast<std::uint64_t>(status_of(file.data_file_, path.data).st_size);
  if (size < file.ledger_.length()) {
    throw Error(
        Code::destination_failed,
        "The unfinished file " + path.data.string() + " has " + std::to_string(size) +
            " bytes and had " + std::to_string(file.ledger_.length()),
        {.hint = "Somebody has cut it. Run the job again: it writes the file from the beginning."});
  }
  return file;
}

void PartialFile::remove(const OutputPath& path) {
  // The ledger first: alone it would say that the data file has its final name.
  remove_file(path.ledger);
  remove_file(path.data);
  sync_folder(path.folder);
}

PartialFile::Turn::Turn(PartialFile& file) : file_(file) {
  while (::flock(file_.ledger_file_.number(), LOCK_EX) != 0 && errno == EINTR) {
  }
  try {
    if (status_of(file_.ledger_file_, file_.path_.ledger).st_nlink == 0) fail_gone(file_.path_);
    file_.read_ledger();
  } catch (...) {
    ::flock(file_.ledger_file_.number(), LOCK_UN);
    throw;
  }
}

PartialFile::Turn::~Turn() {
  if (file_.ledger_file_.is_open()) ::flock(file_.ledger_file_.number(), LOCK_UN);
}

void PartialFile::append(WrittenUnit unit, std::string_view bytes,
                         const ConnectorContext& context) {
  write_data(bytes);
  core::fault_point("file.after_data");
  sync(data_file_, path_.data);
  if (std::chrono::steady_clock::now() >= context.deadline()) {
    throw Error(Code::lease_lost, "The write came too late for its lease");
  }
  unit.length = ledger_.length() + bytes.size();
  const auto line = UnitLedger::line_of(unit);
  cut(ledger_file_, path_.ledger, ledger_.bytes());
  write_at(ledger_file_, path_.ledger, line, ledger_.bytes());
  core::fault_point("file.before_ledger_sync");
  sync(ledger_file_, path_.ledger);
  core::fault_point("file.after_unit");
  ledger_.read(line);
}

void PartialFile::publish(std::string_view header) {
  if (ledger_.length() == 0) {
    write_data(header);
  } else {
    cut_data();
  }
  struct stat replaced {};
  // As readable as what it replaces; where that cannot be, as any new file.
  if (::stat(path_.target.c_str(), &replaced) == 0) {
    static_cast<void>(::fchmod(data_file_.number(), replaced.st_mode & 07777));
  }
  if (::fsync(data_file_.number()) != 0) fail_output(path_.data, "made lasting", errno);
  core::fault_point("file.before_rename");
  if (::rename(path_.data.c_str(), path_.target.c_str()) != 0) {
    fail_output(path_.target, "replaced", errno);
  }
  core::fault_point("file.after_rename");
  sync_folder(path_.folder);
  remove_file(path_.ledger);
  core::fault_point("file.after_publish");
}

void PartialFile::read_ledger() {
  ledger_.read(content_from(ledger_file_, path_.ledger, ledger_.bytes()));
}

void PartialFile::cut_data() { cut(data_file_, path_.data, ledger_.length()); }

void PartialFile::write_data(std::string_view bytes) {
  cut_data();
  write_at(data_file_, path_.data, bytes, ledger_.length());
}

}  // namespace freight::file
