#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "freight/connector.hpp"

namespace freight::sql {

/// The name of the table that a job fills to replace the rows of another one; it stands in the same
/// schema. `target` tells the target from all others there: its name or number. While it is there
/// the replacement is not finished.
std::string staging_name(std::string_view target, std::string_view job_id);

/// The empty table that a job without a ledger leaves once its rows were exchanged. It stays:
/// without it a second finish, or records that are replayed later, would replace them anew.
std::string exchanged_name(std::string_view target, std::string_view job_id);

/// The job whose staging table of this target that is; nullopt when it is another table.
std::optional<std::string> job_of_staging(std::string_view name, std::string_view target);

/// A second replacement of a table: Error(destination_busy). The names are quoted already.
[[noreturn]] void throw_busy(std::string_view target, std::string_view job_id,
                             std::string_view staging);

/// A job whose staged rows are gone: Error(invalid_state).
[[noreturn]] void throw_given_up(std::string_view target, std::string_view job_id);

/// There is nothing to put in place of the table's rows: Error(empty_source).
[[noreturn]] void throw_empty_source(std::string_view target);

/// Throws Error(destination_failed) unless the staging table holds what was written into it and the
/// target took all of it.
void check_exchange(std::string_view target, std::uint64_t staged, std::uint64_t expected);

/// True when the key is among the columns that a job fills.
bool fills(const std::vector<std::string>& columns, const std::vector<std::string>& key);

/// Rows that others refer to can only be exchanged by their key: Error(destination_failed) when the
/// job does not fill it.
[[noreturn]] void throw_needs_key(std::string_view target);

/// Errors speak of the table that people know.
void speak_of_target(std::vector<WriteException>& exceptions, std::string_view staging,
                     std::string_view target);

}  // namespace freight::sql
