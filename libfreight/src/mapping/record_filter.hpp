#pragma once

#include <cstddef>
#include <vector>

#include "freight/job_spec.hpp"
#include "freight/record.hpp"
#include "mapping/filter_condition.hpp"
#include "mapping/resolved_mapping.hpp"
#include "mapping/values/arena_writer.hpp"

namespace freight::mapping {

/// The filter stage: which records go on. Allocates nothing but what dates of another format take
/// of the arena. Immutable and thread-safe.
class RecordFilter {
 public:
  /// `resolved` knows the filter's fields; texts are kept in `texts`, which must outlive this.
  /// Throws Error(invalid_value | invalid_pattern).
  RecordFilter(const FilterSpec& spec, const ResolvedMapping& resolved,
               const std::optional<SchemaSpec>& schema, TextArena& texts);

  /// `record` are all the fields of one record.
  bool passes(const SourceField* record, ArenaWriter& writer) const {
    std::size_t node = 0;
    return holds(node, record, writer);
  }

 private:
  /// The tree in the order in which it is read: a node, then its operands with theirs.
  struct Node {
    FilterSpec::Kind kind = FilterSpec::Kind::all;
    /// Of a leaf: its condition.
    std::size_t condition = 0;
    /// Behind its last operand.
    std::size_t end = 0;
  };

  void add(const FilterSpec& spec, const ResolvedMapping& resolved,
           const std::optional<SchemaSpec>& schema, TextArena& texts, std::size_t depth);
  /// Sets `node` to the one behind it.
  bool holds(std::size_t& node, const SourceField* record, ArenaWriter& writer) const;

  std::vector<Node> nodes_;
  std::vector<FilterCondition> conditions_;
};

}  // namespace freight::mapping
