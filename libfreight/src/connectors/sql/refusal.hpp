#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "freight/connector.hpp"

namespace freight::sql {

/// The position of a column of the batch, by its name in the destination; SQLite's names match in
/// upper and lower case alike.
std::optional<std::size_t> find_column(const OutputBatch& rows, std::string_view name,
                                       bool ignore_case);

/// What a RecordError keeps of a value: nothing of a NULL, the first KiB of a long one.
std::optional<std::string> kept_value(const Value& value);

/// The error of a row that the write stage did not accept.
RecordError write_error(Code code, std::string message);

/// The record that a trigger of the table took away: the database took the statement and did not
/// insert the row.
RecordError skipped_by_trigger();

/// The same set of columns filled by a job must be known in each batch: throws
/// Error(destination_failed) when a batch has no column at all.
void require_columns(const OutputBatch& rows);

/// Throws Error(cancelled) when the engine asks for an end, and Error(lease_lost) after the
/// deadline. Called between statements and while waiting.
void check_interrupted(const ConnectorContext& context);

}  // namespace freight::sql
