#pragma once

#include <string>
#include <string_view>

#include "database/database_error.hpp"
#include "freight/error.hpp"

namespace freight::sql {

/// "cannot read people in sqlite:/data/crm.db: database is locked"; `doing` is what was under way.
std::string failure_message(const database::DatabaseFailure& failure, std::string_view doing);

/// What an error tells beside its message, whichever side of the job the database is on.
ErrorDetails failure_details(const database::DatabaseFailure& failure);

/// Errors of the server's machine and of its insides may be gone the next time: they are tried
/// again, as often as the job's retry policy says.
bool may_pass(const database::DatabaseFailure& failure);

}  // namespace freight::sql
