#include "database/session.hpp"

#include <soci/session.h>

namespace freight::database {

Session::Session(std::unique_ptr<soci::session> session) : soci_(std::move(session)) {}

Session::~Session() = default;

}  // namespace freight::database
