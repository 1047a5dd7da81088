#include "mapping/unknown_keys.hpp"

#include <optional>

#include "mapping/field_names.hpp"
#include "mapping/record_error.hpp"

namespace freight::mapping {

UnknownKeys::UnknownKeys(const DestinationCatalog& catalog) {
  for (const DestinationColumn& column : catalog.columns)
    folded_.insert(folded_name(column.name, NameMatch::loose));
}

RecordError UnknownKeys::error_of(const std::string& key) const {
  const bool is_near = folded_.find(folded_name(key, NameMatch::loose)) != folded_.end();
  return record_error(
      Stage::map, key, std::nullopt,
      {.code = Code::unknown_column,
       .expected = "keys that have a column",
       .message = "The record has the key \"" + key + "\", and there is no column for it.",
       .hint = is_near
                   ? "With \"match\": \"loose\" in the job it goes to the column that is the same "
                     "but for case, blanks, \"_\" and \"-\"."
                   : "A \"mapping\" says which keys go to which columns, and leaves out "
                     "the others."});
}

}  // namespace freight::mapping
