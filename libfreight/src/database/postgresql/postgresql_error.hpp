#pragma once

#include <string>
#include <string_view>

#include "database/database_error.hpp"

namespace freight::database {

/// What an SQLSTATE means. `connected` is false when the connection is gone (or never was): then
/// anything that says nothing better is an outage. `text` may be libpq's whole message.
DatabaseFailure describe_postgresql(std::string_view sqlstate, std::string text, bool connected);

/// A failed attempt to connect, for which libpq has a text but no SQLSTATE.
DatabaseFailure describe_postgresql_connect(std::string text);

}  // namespace freight::database
