#include <algorithm>
#include <exception>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "commands/command.hpp"
#include "console.hpp"
#include "core/nearest_name.hpp"
#include "exit_status.hpp"
#include "freight/error.hpp"
#include "interruption.hpp"
#include "patience.hpp"

namespace {

using namespace freight;
using namespace freight::daemon;

std::string overview() {
  std::string text = "usage: freightd COMMAND [OPTIONS]\n\nCommands:\n";
  constexpr std::size_t width = 26;
  for (const Command& command : all_commands()) {
    std::string usage = "  " + std::string(command.name) + " " + std::string(command.arguments);
    usage.resize(std::max(usage.size() + 1, width), ' ');
    text += usage + std::string(command.summary) + "\n";
  }
  return text +
         "\n'freightd help COMMAND' shows the options of a command.\n"
         "Each option can also be set in the environment, as FREIGHT_STORAGE for --storage, or in "
         "a file\n"
         "that --config names. The command line wins over the environment, and that over the "
         "file.\n\n"
         "Exit status: 0 completed, 3 completed with rejects, 1 failed, 2 usage or job file, 4 "
         "paused by a\n"
         "limit, 130 interrupted and resumable.\n";
}

std::string help(const Command& command) {
  return "usage: freightd " + std::string(command.name) + " [OPTIONS] " +
         std::string(command.arguments) + "\n\n" + std::string(command.summary) + "\n\n" +
         describe_options(command.options);
}

const Command& find_command(const std::string& name) {
  const auto commands = all_commands();
  const auto found = std::find_if(commands.begin(), commands.end(),
                                  [&](const Command& command) { return command.name == name; });
  if (found != commands.end()) return *found;
  std::vector<std::string_view> names;
  for (const Command& command : commands) names.push_back(command.name);
  const std::string_view nearest = core::nearest_name(name, names);
  throw Error(Code::usage, "there is no command '" + name + "'",
              {.hint = nearest.empty() ? "see freightd --help"
                                       : "the nearest is '" + std::string(nearest) +
                                             "'; freightd --help shows them all"});
}

int dispatch(std::span<const std::string> words) {
  if (words.empty()) throw Error(Code::usage, "which command?", {.hint = "see freightd --help"});
  if (words[0] == "--help" || words[0] == "-h" || words[0] == "help") {
    if (words.size() > 2) throw Error(Code::usage, "usage: freightd help [COMMAND]");
    print(words.size() == 2 ? help(find_command(words[1])) : overview());
    return exit_completed;
  }
  const Command& command = find_command(words[0] == "--version" ? "version" : words[0]);
  const Options options = read_options(command.options, words.subspan(1));
  if (options.help) {
    print(help(command));
    return exit_completed;
  }
  const std::size_t arguments = options.arguments.size();
  if (arguments < command.fewest_arguments || arguments > command.most_arguments) {
    throw Error(Code::usage,
                "usage: freightd " + std::string(command.name) + " [OPTIONS] " +
                    std::string(command.arguments),
                {.hint = "see freightd " + std::string(command.name) + " --help"});
  }
  return command.run(options);
}

}  // namespace

int main(int argument_count, char** arguments) {
  watch_signals();
  const std::vector<std::string> words(arguments + 1, arguments + std::max(argument_count, 1));
  try {
    return dispatch(words);
  } catch (const OutputClosed&) {
    return exit_completed;
  } catch (const Interrupted&) {
    say("interrupted; run the same command again to go on");
    return exit_interrupted;
  } catch (const Error& error) {
    say_error(failure_of(error));
    return exit_status_of(error.code());
  } catch (const std::exception& error) {
    say_error(failure_of(error));
    return exit_failed;
  }
}
