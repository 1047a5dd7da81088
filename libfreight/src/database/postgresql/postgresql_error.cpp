#include "database/postgresql/postgresql_error.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace freight::database {
namespace {

constexpr std::array<std::pair<std::string_view, Condition>, 27> states{{
    {"40001", Condition::serialization}, {"40P01", Condition::serialization},
    {"55P03", Condition::busy},          {"55006", Condition::busy},
    {"57014", Condition::timeout},       {"25P03", Condition::timeout},
    {"57P01", Condition::unavailable},   {"57P02", Condition::unavailable},
    {"57P03", Condition::unavailable},   {"57P05", Condition::unavailable},
    {"53300", Condition::unavailable},  // too many connections
    {"53200", Condition::busy},         // out of memory: may pass
    {"53100", Condition::full},          {"25006", Condition::read_only},
    {"42501", Condition::denied},        {"28000", Condition::denied},
    {"28P01", Condition::denied},        {"3D000", Condition::missing},
    {"3F000", Condition::missing},       {"42P01", Condition::missing},
    {"42703", Condition::missing},       {"42883", Condition::missing},
    {"23505", Condition::unique},        {"23503", Condition::foreign_key},
    {"23502", Condition::not_null},      {"23514", Condition::check},
    {"23P01", Condition::unique},
}};

Condition condition_of(std::string_view sqlstate) {
  const auto* found = std::find_if(states.begin(), states.end(),
                                   [&](const auto& entry) { return entry.first == sqlstate; });
  if (found != states.end()) return found->second;
  if (sqlstate.starts_with("08")) return Condition::unavailable;
  if (sqlstate.starts_with("22")) return Condition::data;
  if (sqlstate.starts_with("23")) return Condition::constraint;
  if (sqlstate.starts_with("28")) return Condition::denied;
  if (sqlstate.starts_with("40")) return Condition::serialization;
  if (sqlstate.starts_with("XX")) return Condition::damaged;
  return Condition::other;
}

std::string one_line(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

bool contains_any(std::string_view text, std::initializer_list<std::string_view> parts) {
  return std::any_of(parts.begin(), parts.end(), [&](std::string_view part) {
    return text.find(part) != std::string_view::npos;
  });
}

}  // namespace

DatabaseFailure describe_postgresql(std::string_view sqlstate, std::string text, bool connected) {
  // SOCI fills a missing state with blanks.
  const bool stated = sqlstate.size() == 5 && sqlstate.find(' ') == std::string_view::npos;
  auto condition = stated ? condition_of(sqlstate) : Condition::other;
  if (!connected && condition == Condition::other) condition = Condition::unavailable;
  return {.condition = condition,
          .sqlstate = stated ? std::string(sqlstate) : std::string(),
          .native_code = 0,
          .text = one_line(std::move(text)),
          .session_lost = !connected || condition == Condition::unavailable};
}

DatabaseFailure describe_postgresql_connect(std::string text) {
  text = one_line(std::move(text));
  auto condition = Condition::unavailable;
  // The server answers in the client's language only after it let the client in; before that these
  // are English unless the server was told otherwise, and then the attempt counts as an outage.
  if (contains_any(text, {"authentication failed", "no password supplied", "no pg_hba.conf entry",
                          "permission denied for database", "is not permitted to log in"})) {
    condition = Condition::denied;
  } else if (contains_any(text, {"role \""}) && contains_any(text, {"does not exist"})) {
    condition = Condition::denied;
  } else if (contains_any(text, {"database \""}) && contains_any(text, {"does not exist"})) {
    condition = Condition::missing;
  } else if (contains_any(text, {"invalid connection option", "invalid URI", "invalid port number",
                                 "invalid sslmode", "invalid integer value"})) {
    condition = Condition::other;
  }
  const bool full = contains_any(
      text, {"too many clients", "too many connections", "remaining connection slots"});
  return {.condition = condition,
          .sqlstate = full ? "53300" : "",
          .native_code = 0,
          .text = std::move(text),
          .session_lost = true};
}

}  // namespace freight::database
