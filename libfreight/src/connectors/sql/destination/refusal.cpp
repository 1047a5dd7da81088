#include "connectors/sql/destination/refusal.hpp"

#include <algorithm>
#include <utility>

#include "core/utf8.hpp"
#include "freight/error.hpp"

namespace freight::sql {
namespace {

constexpr std::size_t kept_value_bytes = 1024;

char lower(char letter) {
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

bool same_name(std::string_view left, std::string_view right, bool ignore_case) {
  if (!ignore_case) return left == right;
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [](char one, char other) { return lower(one) == lower(other); });
}

}  // namespace

std::optional<std::size_t> find_column(const OutputBatch& rows, std::string_view name,
                                       bool ignore_case) {
  return find_column(rows.columns, name, ignore_case);
}

std::optional<std::size_t> find_column(const std::vector<OutputColumn>& columns,
                                       std::string_view name, bool ignore_case) {
  for (std::size_t index = 0; index < columns.size(); ++index) {
    if (same_name(columns[index].name, name, ignore_case)) return index;
  }
  return std::nullopt;
}

std::optional<std::string> kept_value(const Value& value) {
  if (value.is_null()) return std::nullopt;
  return std::string(core::cut_utf8(value.text(), kept_value_bytes));
}

std::string assignments(const OutputBatch& rows, const std::vector<std::size_t>& columns,
                        const Value* values) {
  std::string out;
  for (const std::size_t column : columns) {
    if (!out.empty()) out += ", ";
    out += rows.columns[column].name;
    const auto value = kept_value(values[column]);
    out += value ? " = '" + *value + '\'' : " = NULL";
  }
  return out;
}

void name_single_column(RecordError& error, const OutputBatch& rows,
                        const std::vector<std::size_t>& columns, const Value* values) {
  if (columns.size() != 1) return;
  error.column = rows.columns[columns.front()].name;
  error.value = kept_value(values[columns.front()]);
}

RecordError missing_parent(const OutputBatch& rows, const std::vector<std::size_t>& columns,
                           const Value* values, std::string_view parent) {
  RecordError error = write_error(Code::foreign_key_violation,
                                  "The table " + std::string(parent) + " has no row for " +
                                      assignments(rows, columns, values) + '.');
  error.expected = "a row of " + std::string(parent);
  name_single_column(error, rows, columns, values);
  return error;
}

RecordError write_error(Code code, std::string message) {
  RecordError error;
  error.code = code;
  error.stage = Stage::write;
  error.message = std::move(message);
  return error;
}

RecordError skipped_by_trigger() {
  RecordError error = write_error(Code::destination_rejected,
                                  "A trigger of the table did not let the record in: the database "
                                  "reports it as not inserted. Whatever the trigger did with it "
                                  "instead was undone.");
  error.hint =
      "If the trigger hands records to other tables (partitions by trigger), name such a table as "
      "the destination.";
  return error;
}

void refuse_generated_columns(const PrepareRequest& request, const DestinationCatalog& catalog) {
  for (const DestinationColumn& column : catalog.columns) {
    if (!column.generated) continue;
    const auto fills = [&column](const OutputColumn& one) {
      return same_name(one.name, column.name, false);
    };
    if (std::none_of(request.columns.begin(), request.columns.end(), fills)) continue;
    throw Error(Code::destination_failed,
                "The column " + column.name +
                    " takes no value: the database computes it (GENERATED ALWAYS).",
                {.hint = "Leave it out of the mapping, or alter the column."});
  }
}

void require_columns(const OutputBatch& rows) {
  if (!rows.columns.empty()) return;
  throw Error(Code::destination_failed, "The job fills no column of the destination's table.",
              {.hint = "Map at least one field to a column."});
}

void check_interrupted(const ConnectorContext& context) {
  if (context.stop.stop_requested()) {
    throw Error(Code::cancelled, "The write was stopped before it was committed.");
  }
  if (std::chrono::steady_clock::now() >= context.deadline()) {
    throw Error(Code::lease_lost,
                "The lease ran out before the write was committed; it was rolled back.");
  }
}

}  // namespace freight::sql
