#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "database/database_error.hpp"
#include "freight/connector_context.hpp"
#include "freight/error.hpp"

namespace freight::sql {

/// What the engine is told of a source's database that failed: `doing` says what was under way, as
/// in "cannot read people in sqlite:/data/crm.db". An unreachable server or a locked file is an
/// outage, not an attempt.
Error source_error(const database::DatabaseFailure& failure, std::string_view doing);

/// The error of a text of the spec that the database does not take as SQL. `offset` is the byte of
/// `text` at which it stopped, if it said so.
struct RefusedSql {
  /// "source.query" or "source.where".
  std::string_view key;
  std::string_view text;
  /// The database's own words.
  std::string reason;
  std::string hint = {};
  std::string sqlstate = {};
  std::optional<std::size_t> offset = {};
};
Error refused_sql(const RefusedSql& refused);

/// What follows `marker` in a database's words, without its quotes: the name that it did not find.
std::string name_after(std::string_view words, std::string_view marker);

/// "Did you mean 'x'?" when one of the names is near, else nothing.
std::string suggestion(std::string_view name, std::span<const std::string> names);

/// Throws Error(cancelled) when the engine asks for an end, and Error(lease_lost) after the
/// deadline.
void check_reading(const ConnectorContext& context);

/// The same, as an answer.
bool may_read_on(const ConnectorContext& context);

}  // namespace freight::sql
