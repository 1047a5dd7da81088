#include "connectors/sql/source/source_error.hpp"

#include <algorithm>

#include "connectors/sql/destination/failure_details.hpp"
#include "core/nearest_name.hpp"
#include "core/utf8.hpp"

namespace freight::sql {
namespace {

using database::Condition;

// "line 2, column 7", both from 1; columns in code points.
std::string place(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, std::min(offset, text.size()));
  const auto line = std::count(before.begin(), before.end(), '\n') + 1;
  const std::size_t begin = before.rfind('\n');
  const std::string_view rest = begin == std::string_view::npos ? before : before.substr(begin + 1);
  const auto column = std::count_if(rest.begin(), rest.end(), [](char letter) {
    return (static_cast<unsigned char>(letter) & 0xC0U) != 0x80U;
  });
  return "line " + std::to_string(line) + ", column " + std::to_string(column + 1);
}

}  // namespace

Error source_error(const database::DatabaseFailure& failure, std::string_view doing) {
  const std::string message = failure_message(failure, doing);
  ErrorDetails details = failure_details(failure);
  switch (failure.condition) {
    case Condition::busy:
    case Condition::unavailable:
      details.outage = true;
      if (failure.has_no_room()) {
        return {Code::source_unavailable, Category::throttled, message, details};
      }
      return {Code::source_unavailable, message, details};
    case Condition::serialization:
    case Condition::timeout:
      return {Code::source_unavailable, message, details};
    case Condition::denied:
      if (details.hint.empty() && message.find("row-level security") != std::string::npos) {
        details.hint =
            "Read as a role that the policies do not bind (BYPASSRLS), or say "
            "\"row_security\": \"allow\" in the source to read only what they show.";
      }
      return {Code::source_denied, message, details};
    case Condition::missing:
      return {Code::source_not_found, message, details};
    default:
      if (may_pass(failure)) return {Code::source_unavailable, message, details};
      return {Code::source_unreadable, message, details};
  }
}

Error refused_sql(const RefusedSql& refused) {
  std::string message = std::string(refused.key) + " cannot be used";
  if (refused.offset) message += " (" + place(refused.text, *refused.offset) + ')';
  return {Code::source_unreadable,
          message + ": " + refused.reason,
          {.hint = refused.hint, .sqlstate = refused.sqlstate}};
}

std::string name_after(std::string_view words, std::string_view marker) {
  const std::size_t found = words.find(marker);
  if (found == std::string_view::npos) return {};
  std::string_view name = words.substr(found + marker.size());
  if (name.starts_with('"')) {
    name.remove_prefix(1);
    return std::string(name.substr(0, name.find('"')));
  }
  return std::string(name.substr(0, name.find(' ')));
}

std::string suggestion(std::string_view name, std::span<const std::string> names) {
  const std::string_view nearest = core::nearest_name(name, names);
  return nearest.empty() ? "" : "Did you mean '" + std::string(nearest) + "'?";
}

bool may_read_on(const ConnectorContext& context) {
  return !context.stop.stop_requested() && std::chrono::steady_clock::now() < context.deadline();
}

void check_reading(const ConnectorContext& context) {
  if (context.stop.stop_requested()) {
    throw Error(Code::cancelled, "The source was asked to stop reading.");
  }
  if (!may_read_on(context)) {
    throw Error(Code::lease_lost, "The lease ran out while the source was read.");
  }
}

}  // namespace freight::sql
