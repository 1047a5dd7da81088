#pragma once

#include <filesystem>
#include <string>

#include "connectors/file/descriptor.hpp"
#include "freight/ids.hpp"

namespace freight::file {

/// Where a job's file is written: beside its name, until it is complete.
struct OutputPath {
  /// Follows a symbolic link, so that the file behind it is replaced and not the link.
  OutputPath(const std::filesystem::path& path, JobId job_id);

  std::filesystem::path target;
  std::filesystem::path folder;
  /// What the data files of all jobs with this target begin with.
  std::string prefix;
  std::filesystem::path data;
  std::filesystem::path ledger;
};

/// Throws Error(destination_failed, destination_denied) when a file cannot stand there, or nothing
/// may be written beside it.
void check_target(const OutputPath& path);

/// Held while a job takes its place among those that write into the folder. Frees itself with the
/// process.
class FolderLock {
 public:
  explicit FolderLock(const std::filesystem::path& folder);

 private:
  Descriptor descriptor_;
};

/// Throws Error(destination_busy) when a live process writes another job's file for this target,
/// and removes what an abandoned job left half removed. Under the folder's lock.
void refuse_other_jobs(const OutputPath& path);

/// Makes what was created, renamed and removed in the folder last.
void sync_folder(const std::filesystem::path& folder);

}  // namespace freight::file
