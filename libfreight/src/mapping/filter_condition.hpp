#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "freight/job_spec.hpp"
#include "freight/record.hpp"
#include "mapping/constraints.hpp"
#include "mapping/resolved_mapping.hpp"
#include "mapping/transforms/pattern.hpp"
#include "mapping/values/arena_writer.hpp"
#include "mapping/values/comparable.hpp"
#include "mapping/values/converter.hpp"
#include "mapping/values/missing_values.hpp"

namespace freight::mapping {

/// One comparison of a filter with a field of the source, as it stands there.
///
/// `eq`, `ne`, `in` and `not_in` compare texts, and where the schema gives the field another type
/// than string also values: `1.50` equals `1.5`. `lt`, `le`, `gt` and `ge` compare by that type;
/// without one a number of a typed source with a number, and else texts, by code points. What is
/// missing, or cannot be converted to the type, is in no order and equal only to its own text: no
/// ordered comparison holds for it. An absent field and a null have no text; `ne` and `not_in` hold
/// for them. Immutable and thread-safe.
class FilterCondition {
 public:
  /// `spec` is a leaf and `field` what it names. Texts are kept in `texts`, which must outlive
  /// this. Throws Error(invalid_value | invalid_pattern).
  FilterCondition(const FilterSpec& spec, const ResolvedField& field,
                  const std::optional<SchemaSpec>& schema, TextArena& texts);

  /// `record` are all the fields of one record.
  bool holds(const SourceField* record, ArenaWriter& writer) const;

 private:
  void add_value(const std::string& text, TextArena& texts);
  std::optional<Comparable> comparable(const SourceField& field, ArenaWriter& writer) const;
  bool equals_one(const SourceField& field, ArenaWriter& writer) const;
  /// Below zero, zero or above it; nullopt when there is no order.
  std::optional<int> compare(const SourceField& field, ArenaWriter& writer) const;

  FilterSpec::Kind kind_;
  std::optional<std::size_t> index_;
  bool expected_;
  MissingValues missing_;
  /// By the schema's type, or of the numbers of a typed source; none where texts are compared.
  std::optional<Converter> converter_;
  bool numbers_only_;
  std::unordered_set<std::string, TextHash, std::equal_to<>> words_;
  /// Of the values those that can be converted, in order.
  std::vector<Comparable> values_;
  /// Of an ordered comparison.
  std::string bound_;
  std::optional<Pattern> pattern_;
};

}  // namespace freight::mapping
