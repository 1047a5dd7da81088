#include "connectors/json/record_layout.hpp"

#include <cstdint>
#include <utility>
#include <variant>

namespace freight::json {
namespace {

/// A record with more is refused for these already.
constexpr std::size_t most_extra_fields = 64;

}  // namespace

bool minds_extra_fields(const JobSpec& spec) {
  if (spec.schema) return spec.schema->extra_columns == ExtraColumns::error;
  const bool takes_all = !spec.has_mapping || spec.mapping_rest == MappingRest::by_name;
  return takes_all && !std::holds_alternative<NullDestinationSpec>(spec.destination);
}

RecordLayout::RecordLayout(std::vector<std::string> names, bool keep_extra_fields)
    : names_(std::make_shared<const std::vector<std::string>>(std::move(names))),
      keep_extra_fields_(keep_extra_fields) {
  for (std::size_t index = 0; index < names_->size(); ++index) {
    column_of_.emplace((*names_)[index], index);
  }
}

void RecordLayout::place(std::span<const Member> members, std::size_t index,
                         RecordBatch& batch) const {
  const std::size_t columns = names_->size();
  SourceField* const fields = batch.fields.data() + index * columns;
  // Most records have their members in the order of the layout.
  std::size_t next = 0;
  std::size_t extra = 0;
  for (const Member& member : members) {
    if (next < columns && (*names_)[next] == member.name) {
      fields[next++] = member.value;
      continue;
    }
    const auto found = column_of_.find(member.name);
    if (found != column_of_.end()) {
      fields[found->second] = member.value;
      next = found->second + 1;
    } else if (keep_extra_fields_ && extra++ < most_extra_fields) {
      batch.extra_fields.emplace_back(static_cast<std::uint32_t>(index), member.name);
    }
  }
}

}  // namespace freight::json
