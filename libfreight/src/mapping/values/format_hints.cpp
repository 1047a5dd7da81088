#include "mapping/values/format_hints.hpp"

#include "mapping/values/converter.hpp"

namespace freight::mapping {

void FormatHints::add(const DestinationColumn& column, std::string_view field) {
  const bool is_temporal = column.type == ValueType::date || column.type == ValueType::time ||
                           column.type == ValueType::datetime;
  if (!is_temporal) return;
  columns_.emplace(column.name, UntypedTime{.field = std::string(field), .type = *column.type});
}

void FormatHints::complete(RecordError& error) const {
  const bool is_of_form = error.code == Code::type_mismatch || error.code == Code::out_of_range;
  if (!is_of_form || !error.hint.empty()) return;
  const auto found = columns_.find(error.column);
  if (found == columns_.end()) return;
  const auto& [field, type] = found->second;
  error.hint = "If it is written in another form, give the field \"" + field +
               "\" in the schema the type \"" + std::string(to_string(type)) +
               "\" and a \"format\", such as \"" + std::string(example_format(type)) + "\".";
}

}  // namespace freight::mapping
