#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "freight/destination.hpp"

namespace freight::sql {

/// The position of a column of the batch, by its name in the destination; SQLite's names match in
/// upper and lower case alike.
std::optional<std::size_t> find_column(const OutputBatch& rows, std::string_view name,
                                       bool ignore_case);

std::optional<std::size_t> find_column(const std::vector<OutputColumn>& columns,
                                       std::string_view name, bool ignore_case);

/// What a RecordError keeps of a value: nothing of a NULL, the first KiB of a long one.
std::optional<std::string> kept_value(const Value& value);

/// `a = '1', b = NULL` for columns of a row, for messages.
std::string assignments(const OutputBatch& rows, const std::vector<std::size_t>& columns,
                        const Value* values);

/// Fills in column and value of an error that is of a single column.
void name_single_column(RecordError& error, const OutputBatch& rows,
                        const std::vector<std::size_t>& columns, const Value* values);

/// The error of a record that refers to a row which the table `parent` lacks.
RecordError missing_parent(const OutputBatch& rows, const std::vector<std::size_t>& columns,
                           const Value* values, std::string_view parent);

/// The error of a row that the write stage did not accept.
RecordError write_error(Code code, std::string message);

/// The record that a trigger of the table took away: the database took the statement and did not
/// insert the row.
RecordError skipped_by_trigger();

/// Throws Error(destination_failed) when the job fills a column that the database computes.
void refuse_generated_columns(const PrepareRequest& request, const DestinationCatalog& catalog);

/// Throws Error(destination_failed) when rows are to be written and no column is filled.
void require_columns(const OutputBatch& rows);

/// Throws Error(cancelled) when the engine asks for an end, and Error(lease_lost) after the
/// deadline. Called between statements and while waiting.
void check_interrupted(const ConnectorContext& context);

}  // namespace freight::sql
