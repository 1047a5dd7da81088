#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace freight::daemon {

enum class ProgressStyle { automatic, bar, plain, none };

/// What the commands are told. Each option comes from the command line, or else from the
/// environment (FREIGHT_ and its name), or else from the configuration file, or else is as here.
struct Options {
  bool help = false;
  std::string storage = "sqlite:freight.db";
  /// 0: one more than there are processors.
  unsigned workers = 0;
  ProgressStyle progress = ProgressStyle::automatic;
  std::optional<std::filesystem::path> report;
  std::optional<std::filesystem::path> rejects;
  bool json = false;
  bool new_job = false;
  std::optional<std::uint64_t> limit;
  /// rejects: `-` is stdout.
  std::filesystem::path output = "-";
  /// replay: a rejects file that a person corrected.
  std::optional<std::filesystem::path> from;
  /// key: as they were written.
  std::optional<std::string> scopes;
  std::optional<std::string> expires_in;
  bool admin = false;
  /// Pointer and value of each --set.
  std::vector<std::pair<std::string, std::string>> overrides;
  /// What is no option, in its order.
  std::vector<std::string> arguments;
};

/// A set of options that a command takes; `help` and `config` belong to every one.
enum class OptionSet {
  none,
  storage,
  run,
  validate,
  preview,
  jobs,
  report,
  rejects,
  replay,
  key,
};

/// Reads what follows the command's name. Throws Error(usage).
Options read_options(OptionSet set, std::span<const std::string> arguments);

/// The options of a command as --help shows them.
std::string describe_options(OptionSet set);

}  // namespace freight::daemon
