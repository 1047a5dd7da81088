#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "freight/destination.hpp"

namespace freight::sql {

/// The table that a job fills to replace the rows of another one, its target; used within an open
/// transaction. Throws DatabaseError.
class StagingTable {
 public:
  virtual ~StagingTable() = default;

  virtual bool exists() = 0;
  /// Its rows were exchanged before, as leave_mark() says.
  virtual bool is_marked() = 0;

  /// Throws Error(destination_busy) when another job is replacing the target's rows.
  virtual void refuse_others() = 0;

  /// Makes it like the target: its columns, defaults, checks, unique keys and foreign keys.
  virtual void make() = 0;

  virtual std::uint64_t count() = 0;

  /// Puts its rows in place of the target's; where other tables refer to the target rows keep their
  /// place by the primary key. `columns` are those that the job fills. Throws
  /// Error(destination_failed) when the target did not take all of them.
  virtual void exchange(const std::vector<std::string>& columns) = 0;

  virtual void drop() = 0;
  /// Drops it and leaves an empty table as the sign that the rows were exchanged.
  virtual void leave_mark() = 0;
};

/// What the end of a job that replaces rows goes by.
struct Replacement {
  /// For messages.
  std::string target;
  std::string job_id;
  /// The columns that the job fills.
  std::vector<std::string> columns;
  bool allow_empty = false;
  /// The rows that the job wrote; nullopt for a job without a ledger.
  std::optional<std::uint64_t> ledger_rows;
};

/// Exchanges the rows and leaves what says so where no ledger does. Throws Error(invalid_state)
/// when the staged rows are gone, Error(empty_source) and Error(destination_failed).
void replace_rows(StagingTable& staging, const Replacement& replacement);

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
