#include "database/session.hpp"

#include <soci/session.h>
#include <soci/statement.h>

namespace freight::database {

Session::Session(std::unique_ptr<soci::session> session) : soci_(std::move(session)) {}

Session::~Session() = default;

std::optional<Session::TimePoint> Session::waiting_since() const {
  const auto since = waiting_since_.load();
  if (since == 0) return std::nullopt;
  return TimePoint(TimePoint::duration(since));
}

std::unique_ptr<soci::statement> Session::take_statement(const std::string& /*sql*/) {
  return nullptr;
}

void Session::keep_statement(const std::string& /*sql*/,
                             std::unique_ptr<soci::statement> /*statement*/) {}

}  // namespace freight::database
