#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "freight/destination.hpp"

namespace freight::sql {

/// The version of the ledger's rows and of the JSON in `outcome`.
inline constexpr std::int64_t ledger_format = 1;

/// The unit of the row that says that a job completed its load. It has no records of its own: the
/// sums of the job stand in `records`, `inserted` and `updated`.
inline constexpr std::string_view completion_unit = "done";

/// The columns of the ledger table, in the order in which both backends write and read them, except
/// for job_id (first), load_hash and written_at (last).
inline constexpr std::string_view ledger_columns =
    "unit, format, target, first_ordinal, records, content_hash, input_hash, inserted, updated, "
    "outcome";

/// One row of the ledger: what became of one unit of work.
struct LedgerRow {
  std::string unit;
  std::int64_t format = ledger_format;
  /// The table that was written, for people.
  std::string target;
  std::uint64_t first_ordinal = 0;
  std::uint64_t records = 0;
  std::string content_hash;
  std::string input_hash;
  std::uint64_t inserted = 0;
  std::uint64_t updated = 0;
  std::string outcome;
  /// PrepareRequest::load_hash of an append that must not be made twice; else empty.
  std::string load_hash;
};

/// The row as it is inserted before the first record: without an outcome yet.
LedgerRow ledger_row_of(const WriteRequest& request, std::string_view target);

/// What `outcome` keeps of a result: every record that the write stage did not accept, and how many
/// rows were there already.
std::string encode_outcome(const WriteResult& result);

/// What an earlier write of the same unit had come to. Throws Error(ledger_conflict) when the row
/// is of other records than the request, newer_format when it was written by a newer Freight, and
/// destination_failed when it is damaged.
WriteResult result_of(const LedgerRow& row, const WriteRequest& request);

/// A backend's types for the ledger's columns.
struct LedgerTypes {
  std::string_view job_id;
  std::string_view text;
  std::string_view number;
  std::string_view time;
};

/// What makes the ledger; `name` is quoted already. One statement, so that a person can run it.
std::string create_ledger_statement(std::string_view name, const LedgerTypes& types);

/// What writes a job's completion: parameters 1 to 7, written with `marker` before the number ("?"
/// or "$"), are job, unit, format, target, outcome, load hash and time.
std::string completion_statement(std::string_view name, const LedgerTypes& types,
                                 std::string_view marker);

/// The refusal of a table that has the ledger's name and not its columns: Error(ledger_denied).
[[noreturn]] void throw_not_a_ledger(std::string_view table, std::string_view reason);

/// Another job that has loaded the same records, or some of them.
struct EarlierLoad {
  std::string job_id;
  std::string written_at;
  std::uint64_t inserted = 0;
  bool completed = true;
  /// Nothing of it is there any more: the table has no rows.
  bool table_is_empty = false;
};

/// What finds it: parameters 1 to 4, written with `marker` before the number, are the completion's
/// unit, load hash, target and the asking job; columns are job, time (as `time` makes it of
/// written_at), rows inserted, and 1 for a load that was completed. A job that wrote nothing is
/// none.
std::string earlier_load_query(std::string_view name, std::string_view marker,
                               std::string_view time);

/// The refusal of a load that was made before or begun: Error(already_loaded, partly_loaded).
[[noreturn]] void refuse_load(const EarlierLoad& load, std::string_view target);

}  // namespace freight::sql
