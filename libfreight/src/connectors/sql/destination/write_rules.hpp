#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "freight/connector_spec.hpp"
#include "freight/destination.hpp"
#include "freight/job_spec.hpp"
#include "mapping/field_names.hpp"

namespace freight::sql {

/// What a job's spec says of how rows are written, and by which key.
struct WriteRules {
  WriteDisposition disposition = WriteDisposition::append;
  Conflict on_conflict = Conflict::reject;
  bool allow_empty = false;
  /// Of merge: the columns that tell rows apart, as the spec names them or, once the table is
  /// known, as the table does.
  std::vector<std::string> key;
  /// How the job's names of columns are matched with the table's.
  mapping::NameMatch match = mapping::NameMatch::lenient;

  bool merges() const { return disposition == WriteDisposition::merge; }
  bool replaces() const { return disposition == WriteDisposition::replace; }
  /// Rows are updated by their key.
  bool upserts() const { return merges() && on_conflict != Conflict::skip; }

  /// What becomes of a record whose values of `columns` the table has already.
  Outcome conflict_outcome(const std::vector<std::string>& columns) const;
};

/// Of a job whose destination is `sql`.
WriteRules write_rules(const JobSpec& spec);

std::vector<std::string> column_names(const std::vector<OutputColumn>& columns);

/// A unique key of a table, in the order of its index.
using UniqueKey = std::vector<std::string>;

/// True when both are of the same columns, in any order.
bool same_columns(const std::vector<std::string>& one, const std::vector<std::string>& other);

/// The key of a merge as the table has it: `wanted`, or the primary key when it is empty. Throws
/// Error(key_not_unique), naming the keys that there are, and Error(unknown_column) for a column
/// that the table lacks.
UniqueKey merge_key(const std::vector<std::string>& wanted, const DestinationCatalog& catalog,
                    const std::vector<UniqueKey>& unique_keys, std::string_view table);

/// Where the columns of the key of a merge are among those that the job fills. Throws
/// Error(destination_failed) when one of them is not.
std::vector<std::size_t> key_positions(const std::vector<OutputColumn>& filled,
                                       const std::vector<std::string>& key);

}  // namespace freight::sql
