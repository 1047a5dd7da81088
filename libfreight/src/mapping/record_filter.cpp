#include "mapping/record_filter.hpp"

#include <algorithm>

#include "freight/error.hpp"

namespace freight::mapping {
namespace {

using Kind = FilterSpec::Kind;

/// The spec's own limit is lower.
constexpr std::size_t deepest_filter = 64;

bool is_branch(Kind kind) {
  return kind == Kind::all || kind == Kind::any || kind == Kind::negation;
}

}  // namespace

RecordFilter::RecordFilter(const FilterSpec& spec, const ResolvedMapping& resolved,
                           const std::optional<SchemaSpec>& schema, TextArena& texts) {
  add(spec, resolved, schema, texts, 1);
}

void RecordFilter::add(const FilterSpec& spec, const ResolvedMapping& resolved,
                       const std::optional<SchemaSpec>& schema, TextArena& texts,
                       std::size_t depth) {
  if (depth > deepest_filter || (spec.kind == Kind::negation && spec.operands.size() != 1))
    throw Error(Code::invalid_value,
                "The filter is nested too deep, or has a \"not\" of none or several.");
  const std::size_t node = nodes_.size();
  nodes_.push_back({.kind = spec.kind});
  if (is_branch(spec.kind)) {
    for (const FilterSpec& operand : spec.operands)
      add(operand, resolved, schema, texts, depth + 1);
  } else {
    const auto field =
        std::find_if(resolved.filter_fields.begin(), resolved.filter_fields.end(),
                     [&spec](const auto& candidate) { return candidate.name == spec.field; });
    if (field == resolved.filter_fields.end())
      throw Error(Code::invalid_value, "A condition of the filter names no field.");
    nodes_[node].condition = conditions_.size();
    conditions_.emplace_back(spec, *field, schema, texts);
  }
  nodes_[node].end = nodes_.size();
}

bool RecordFilter::holds(std::size_t& node, const SourceField* record, ArenaWriter& writer) const {
  const Node& here = nodes_[node++];
  if (!is_branch(here.kind)) return conditions_[here.condition].holds(record, writer);
  // An "any" is settled by the first operand that holds, the others by the first that does not.
  const bool settles = here.kind == Kind::any;
  bool result = !settles;
  while (node < here.end && result != settles) result = holds(node, record, writer);
  node = here.end;
  return here.kind == Kind::negation ? !result : result;
}

}  // namespace freight::mapping
