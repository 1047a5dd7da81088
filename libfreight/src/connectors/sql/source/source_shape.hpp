#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/sql/table_name.hpp"
#include "freight/job_spec.hpp"
#include "freight/record.hpp"

namespace freight::sql {

/// One of the columns that put a source's rows in order.
struct SourceKeyColumn {
  std::string name;
  /// As statements order and compare by it: quoted, with its collation if that must be said.
  std::string expression;
  /// The type that a bound's text is cast to; empty where bounds are bound in a type of their own.
  std::string type = {};
};

/// What a source's rows are, once the database has looked at them.
struct SourceShape {
  std::vector<std::string> fields;
  /// As SourceDescription has them.
  std::vector<std::optional<ValueType>> types;
  std::vector<std::string> native_types;
  std::vector<std::string> primary_key;
  std::vector<std::string> required;
  std::vector<std::string> warnings;

  /// What stands after FROM, and the condition (empty for none), in the database's own SQL.
  std::string from;
  std::string condition;
  /// How many parameters these have; the bounds' come after them.
  std::size_t parameters = 0;
  /// What a numbered parameter begins with: `$` or `?`.
  char parameter_mark = '$';

  /// Empty when the rows have no key: then they are counted off from the start.
  std::vector<SourceKeyColumn> key;
  /// The catalog does not vouch for the key: that it is unique and not null is looked at while
  /// planning.
  bool trusted_key = false;
  /// The key is the row's place in the table's file, in whose order the database reads anyway.
  bool by_place = false;

  /// About how many bytes a row is: the part that is the same for all rows, and SQL that adds up
  /// the rest; empty when there is none.
  std::uint64_t fixed_bytes = 0;
  std::string further_bytes;
};

/// The query without the blanks and semicolons at its end.
std::string bare_query(std::string_view query);

/// Throws Error(source_unreadable) unless source.params are as many as source.query or source.where
/// takes.
void check_parameters(const SqlSourceSpec& spec, std::size_t taken);

/// The name in source.table. Throws Error(source_not_found) when it cannot be one.
TableName source_table_name(const SqlSourceSpec& spec);

/// Throws Error(source_not_found): there is no table of that name, but perhaps one of these.
[[noreturn]] void throw_no_source_table(const TableName& name, std::string_view database,
                                        const std::vector<std::string>& names);

/// Throws Error(duplicate_header) for a name that stands twice, or that is empty.
void refuse_repeated_fields(const std::vector<std::string>& fields);

/// Throws Error(missing_header), naming the nearest field, for a key column that is none.
void refuse_unknown_key(const std::vector<std::string>& key,
                        const std::vector<std::string>& fields);

/// Of a view or query, about which no catalog says anything: the key is what the spec says. Throws
/// as refuse_unknown_key(). Without one the shape warns of what that costs.
void set_trusted_key(const std::vector<std::string>& key, SourceShape& shape);

/// Throws Error(key_not_unique) for the columns of a key.
[[noreturn]] void throw_key_not_unique(const std::vector<std::string>& key, std::string_view why);

}  // namespace freight::sql
