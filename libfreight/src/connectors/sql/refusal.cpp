#include "connectors/sql/refusal.hpp"

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

bool equal(std::string_view left, std::string_view right, bool ignore_case) {
  if (!ignore_case) return left == right;
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [](char one, char other) { return lower(one) == lower(other); });
}

}  // namespace

std::optional<std::size_t> find_column(const OutputBatch& rows, std::string_view name,
                                       bool ignore_case) {
  for (std::size_t index = 0; index < rows.columns.size(); ++index) {
    if (equal(rows.columns[index].name, name, ignore_case)) return index;
  }
  return std::nullopt;
}

std::optional<std::string> kept_value(const Value& value) {
  if (value.is_null()) return std::nullopt;
  return std::string(core::cut_utf8(value.text(), kept_value_bytes));
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
