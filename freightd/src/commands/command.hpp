#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "options.hpp"

namespace freight::daemon {

/// One word after `freightd`.
struct Command {
  std::string_view name;
  /// What follows the name, for --help.
  std::string_view arguments;
  std::string_view summary;
  OptionSet options;
  /// How many arguments there may be that are no options.
  std::size_t fewest_arguments;
  std::size_t most_arguments;
  /// The exit status; may throw Error and Interrupted.
  int (*run)(const Options& options);
};

/// In the order in which --help shows them.
std::span<const Command> all_commands();

int run_command(const Options& options);
int validate_command(const Options& options);
int preview_command(const Options& options);
int init_command(const Options& options);
int jobs_command(const Options& options);
int report_command(const Options& options);
int rejects_command(const Options& options);
int replay_command(const Options& options);
int retry_command(const Options& options);
int log_command(const Options& options);
int cancel_command(const Options& options);
int pause_command(const Options& options);
int resume_command(const Options& options);
int delete_command(const Options& options);
int tenant_command(const Options& options);
int key_command(const Options& options);
int spec_command(const Options& options);
int storage_command(const Options& options);
int serve_command(const Options& options);
int prune_command(const Options& options);
int erase_command(const Options& options);
int reseal_command(const Options& options);
int worker_command(const Options& options);
int version_command(const Options& options);

}  // namespace freight::daemon
