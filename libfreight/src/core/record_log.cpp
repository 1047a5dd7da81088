#include "freight/record_log.hpp"

#include <array>
#include <charconv>

#include "core/enum_names.hpp"
#include "freight/error.hpp"

namespace freight {
namespace {

constexpr core::EnumNames<3> log_scope_names{"job", "batch", "record"};
constexpr core::EnumNames<4> level_names{"debug", "info", "warning", "error"};
constexpr std::uint64_t cursor_version = 1;

}  // namespace

std::string_view to_string(LogScope scope) { return core::enum_name(log_scope_names, scope); }
std::optional<LogScope> parse_log_scope(std::string_view name) {
  return core::parse_enum<LogScope>(log_scope_names, name);
}
std::string_view to_string(LogLevel level) { return core::enum_name(level_names, level); }
std::optional<LogLevel> parse_log_level(std::string_view name) {
  return core::parse_enum<LogLevel>(level_names, name);
}

std::string LogCursor::to_string() const {
  return std::to_string(cursor_version) + '.' + std::to_string(log_sequence) + '.' +
         std::to_string(place) + '.' + std::to_string(attempt);
}

LogCursor LogCursor::parse(std::string_view text) {
  std::array<std::uint64_t, 4> numbers{};
  const char* at = text.data();
  const char* const end = at + text.size();
  for (std::size_t index = 0; index < numbers.size(); ++index) {
    if (index > 0 && (at == end || *at++ != '.')) {
      throw Error(Code::invalid_value, "the cursor is not one of a log");
    }
    const auto read = std::from_chars(at, end, numbers[index]);
    if (read.ec != std::errc()) throw Error(Code::invalid_value, "the cursor is not one of a log");
    at = read.ptr;
    if (index == 0 && numbers[0] > cursor_version) {
      throw Error(Code::newer_format, "the cursor was made by a newer Freight");
    }
  }
  if (at != end) throw Error(Code::invalid_value, "the cursor is not one of a log");
  return {.log_sequence = numbers[1], .place = numbers[2], .attempt = numbers[3]};
}

}  // namespace freight
