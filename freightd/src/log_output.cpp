#include "log_output.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>

#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>

#include "freight/error.hpp"
#include "freight/record_log.hpp"
#include "freight/time.hpp"
#include "rest/shapes.hpp"

namespace freight::daemon {
namespace {

std::string quoted(std::string_view text) {
  return boost::json::serialize(boost::json::string(rest::utf8_of(text)));
}

std::string json_line(LogLevel level, std::string_view message, std::span<const LogField> fields) {
  std::string line = R"({"time":")" + format_timestamp(system_clock().now()) + R"(","level":")" +
                     std::string(to_string(level)) + R"(","message":)" + quoted(message);
  for (const LogField& field : fields) line += "," + quoted(field.key) + ":" + quoted(field.value);
  return line + "}\n";
}

std::string text_line(LogLevel level, std::string_view message, std::span<const LogField> fields) {
  std::string line = format_timestamp(system_clock().now()) + " " + std::string(to_string(level)) +
                     " " + rest::utf8_of(message);
  for (const LogField& field : fields) {
    const bool plain = field.value.find_first_of(" \"=\n\r\t") == std::string_view::npos;
    line += " " + std::string(field.key) + "=" +
            (plain ? rest::utf8_of(field.value) : quoted(field.value));
  }
  for (char& character : line) {
    if (character == '\n' || character == '\r') character = ' ';
  }
  return line + "\n";
}

int open_log(const std::filesystem::path& file) {
  return ::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
}

}  // namespace

LogOutput::LogOutput(LogLineFormat format, LogLevel least,
                     std::optional<std::filesystem::path> file)
    : format_(format), least_(least), file_(std::move(file)) {
  if (!file_) return;
  descriptor_ = open_log(*file_);
  if (descriptor_ < 0) {
    throw Error(Code::usage, "cannot write the log file '" + file_->string() +
                                 "': " + std::generic_category().message(errno));
  }
}

LogOutput::~LogOutput() {
  if (file_) ::close(descriptor_);
}

void LogOutput::log(LogLevel level, std::string_view message,
                    std::span<const LogField> fields) noexcept {
  if (!writes(level)) return;
  try {
    const std::string line = format_ == LogLineFormat::json ? json_line(level, message, fields)
                                                            : text_line(level, message, fields);
    const std::lock_guard lock(mutex_);
    // A log that cannot be written must not stop the work.
    [[maybe_unused]] const auto written = ::write(descriptor_, line.data(), line.size());
  } catch (const std::exception&) {
    // Out of memory for a log line: there is nowhere to say so.
    return;
  }
}

void LogOutput::reopen() noexcept {
  if (!file_) return;
  const int opened = open_log(*file_);
  if (opened < 0) return;
  const std::lock_guard lock(mutex_);
  ::close(descriptor_);
  descriptor_ = opened;
}

}  // namespace freight::daemon
