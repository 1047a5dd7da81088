#include "connectors/file_output/output_path.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>
#include <system_error>

#include "connectors/file_output/file_error.hpp"
#include "core/hash.hpp"
#include "freight/error.hpp"

namespace freight::file {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view ledger_ending = ".ledger";
/// File names hold 255 bytes; the longest ending that a side file gets has less than 60.
constexpr std::size_t longest_name = 190;

fs::path resolved(const fs::path& path) {
  std::error_code failed;
  if (!fs::is_symlink(fs::symlink_status(path, failed))) return path;
  auto target = fs::weakly_canonical(path, failed);
  return failed ? path : target;
}

[[noreturn]] void refuse(const fs::path& path, const char* why, std::string hint) {
  throw Error(Code::destination_failed, "The destination " + path.string() + " " + why,
              {.hint = std::move(hint)});
}

Descriptor open_folder(const fs::path& folder) {
  Descriptor descriptor(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!descriptor.is_open()) fail_output(folder, "opened", errno);
  return descriptor;
}

/// Of a data file that is another job's: whether a process writes it right now.
bool is_held(const fs::path& data) {
  const Descriptor descriptor(::open(data.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  return descriptor.is_open() && ::flock(descriptor.number(), LOCK_EX | LOCK_NB) != 0 &&
         errno == EWOULDBLOCK;
}

}  // namespace

OutputPath::OutputPath(const fs::path& path, JobId job_id)
    : target(resolved(path)), folder(target.parent_path()) {
  auto name = target.filename().string();
  if (name.size() > longest_name) name = core::sha256_hex(name);
  prefix = "." + name + ".freight-";
  data = folder / (prefix + job_id.to_string());
  ledger = folder / (prefix + job_id.to_string() + std::string(ledger_ending));
}

void check_target(const OutputPath& path) {
  std::error_code failed;
  const auto folder = fs::status(path.folder, failed);
  if (folder.type() == fs::file_type::not_found) {
    refuse(path.target, "has no folder to stand in", "Make the folder, or check the path.");
  }
  if (folder.type() != fs::file_type::directory) {
    refuse(path.target, "is to stand in something that is not a folder", "Check the path.");
  }
  const auto target = fs::status(path.target, failed);
  if (target.type() == fs::file_type::directory) {
    refuse(path.target, "is a directory", "Name a file in it.");
  }
  if (fs::exists(target) && target.type() != fs::file_type::regular) {
    refuse(path.target, "is not a regular file",
           "The finished file replaces what has its name; name a regular file or a new one.");
  }
  if (::access(path.folder.c_str(), W_OK | X_OK) != 0) {
    fail_output(path.target, "written", errno);
  }
}

FolderLock::FolderLock(const fs::path& folder) : descriptor_(open_folder(folder)) {
  while (::flock(descriptor_.number(), LOCK_EX) != 0) {
    // A file system that knows no locks cannot tell whether others are at work.
    if (errno != EINTR) return;
  }
}

void refuse_other_jobs(const OutputPath& path) {
  std::error_code failed;
  for (fs::directory_iterator entry(path.folder, failed), end; !failed && entry != end;
       entry.increment(failed)) {
    const auto name = entry->path().filename().string();
    if (!name.starts_with(path.prefix) || name.ends_with(ledger_ending)) continue;
    if (entry->path() == path.data) continue;
    if (is_held(entry->path())) {
      throw Error(
          Code::destination_busy,
          "Job " + name.substr(path.prefix.size()) + " is writing " + path.target.string(),
          {.hint = "Wait until it has ended and retry this job, or write to another file."});
    }
    std::error_code ignored;
    if (!fs::exists(entry->path().string() + std::string(ledger_ending), ignored)) {
      fs::remove(entry->path(), ignored);
    }
  }
}

void sync_folder(const fs::path& folder) {
  const auto descriptor = open_folder(folder);
  if (::fsync(descriptor.number()) != 0) fail_output(folder, "made lasting", errno);
}

}  // namespace freight::file
