#include "job_file.hpp"

#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <system_error>

#include "console.hpp"
#include "freight/error.hpp"
#include "terminal_text.hpp"

namespace freight::daemon {
namespace {

constexpr std::size_t largest_file = std::size_t{64} * 1024 * 1024;
constexpr std::size_t most_errors_shown = 100;

struct Close {
  void operator()(std::FILE* file) const {
    if (file != stdin) std::fclose(file);
  }
};

[[noreturn]] void fail(const std::string& path, int error_number) {
  throw Error(Code::usage, "cannot read the job file '" + path +
                               "': " + std::generic_category().message(error_number));
}

std::string read_text(const std::string& path) {
  const std::unique_ptr<std::FILE, Close> file(path == "-" ? stdin
                                                           : std::fopen(path.c_str(), "rbe"));
  if (file == nullptr) fail(path, errno);
  std::string text;
  std::string piece(std::size_t{64} * 1024, '\0');
  while (const std::size_t size = std::fread(piece.data(), 1, piece.size(), file.get())) {
    text.append(piece, 0, size);
    if (text.size() > largest_file) {
      throw Error(Code::usage, "the job file '" + path + "' is larger than 64 MiB");
    }
  }
  if (std::ferror(file.get()) != 0) fail(path, errno);
  return text;
}

}  // namespace

SpecOptions command_line_spec_options() {
  SpecOptions options;
  options.environment = [](const std::string& name) -> std::optional<std::string> {
    const char* const value = std::getenv(name.c_str());
    if (value == nullptr) return std::nullopt;
    return value;
  };
  options.standard_input = true;
  return options;
}

SpecOptions spec_options_of(const JobFile& file) {
  SpecOptions options = command_line_spec_options();
  options.base_folder = file.path == "-" || file.text
                            ? std::filesystem::current_path()
                            : std::filesystem::absolute(file.path).parent_path();
  options.overrides = file.overrides;
  return options;
}

void say_spec_errors(const std::string& of, const std::vector<SpecError>& errors) {
  for (std::size_t index = 0; index < errors.size() && index < most_errors_shown; ++index) {
    const auto& error = errors[index];
    const std::string pointer = error.pointer.empty() ? "" : printable(error.pointer) + ": ";
    say(printable(of) + ": " + pointer + printable(error.detail) + " (" +
        std::string(to_string(error.code)) + ")");
  }
  if (errors.size() > most_errors_shown) {
    say(printable(of) + ": and " + std::to_string(errors.size() - most_errors_shown) + " more");
  }
}

std::string read_job_text(const JobFile& file) {
  return file.text ? *file.text : read_text(file.path);
}

std::optional<JobSpec> read_job_file(const JobFile& file) {
  return read_job(file, read_job_text(file));
}

std::optional<JobSpec> read_job(const JobFile& file, const std::string& text) {
  auto result = parse_job_spec(text, spec_options_of(file));
  if (!result.spec) say_spec_errors(file.path, result.errors);
  if (result.spec && result.spec->reads_standard_input() && file.path == "-" && !file.text) {
    throw Error(Code::usage, "standard input cannot be both the job and its records",
                {.hint = "put the job into a file"});
  }
  return std::move(result.spec);
}

}  // namespace freight::daemon
