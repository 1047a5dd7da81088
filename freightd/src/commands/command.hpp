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
  /// How many arguments there must be that are no options.
  std::size_t argument_count;
  /// The exit status; may throw Error and Interrupted.
  int (*run)(const Options& options);
};

/// In the order in which --help shows them.
std::span<const Command> all_commands();

int run_command(const Options& options);
int validate_command(const Options& options);
int storage_command(const Options& options);
int version_command(const Options& options);

}  // namespace freight::daemon
