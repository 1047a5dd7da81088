#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "freight/job_spec.hpp"

namespace freight::daemon {

/// A job file as it was given on the command line.
struct JobFile {
  /// `-` is stdin.
  std::string path;
  std::vector<std::pair<std::string, std::string>> overrides;
  /// Of a job that stands in no file: `path` is only what it is called in messages, and relative
  /// paths are relative to the current folder.
  std::optional<std::string> text = {};
};

/// What specs may hold on the command line alone: `${env:NAME}`, and standard input.
SpecOptions command_line_spec_options();

/// What the file holds. Throws Error(usage) when it cannot be read.
std::string read_job_text(const JobFile& file);

/// How the specs of the file are to be read.
SpecOptions spec_options_of(const JobFile& file);

/// Says what is wrong with a spec, a line each.
void say_spec_errors(const std::string& of, const std::vector<SpecError>& errors);

/// Reads and checks the file. Relative paths in it are relative to its folder (stdin: the current
/// one). Says what is wrong on stderr, a line each with its pointer, and answers nullopt; throws
/// Error(usage) when the file cannot be read.
std::optional<JobSpec> read_job_file(const JobFile& file);
/// The same with what read_job_text() gave.
std::optional<JobSpec> read_job(const JobFile& file, const std::string& text);

}  // namespace freight::daemon
