#include "mapping/loose_names.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "core/visible.hpp"

namespace freight::mapping {
namespace {

class Pairs {
 public:
  void add(const std::string& name, const std::string& found, const char* of) {
    if (name == found) return;
    std::string pair =
        '"' + core::visible(name) + "\" is " + of + " \"" + core::visible(found) + '"';
    if (std::find(pairs_.begin(), pairs_.end(), pair) == pairs_.end()) {
      pairs_.push_back(std::move(pair));
    }
  }

  std::string text() const {
    constexpr std::size_t most = 100;
    std::string list;
    for (std::size_t index = 0; index < std::min(pairs_.size(), most); ++index) {
      list += (index == 0 ? "" : ", ") + pairs_[index];
    }
    if (pairs_.size() > most) list += " and " + std::to_string(pairs_.size() - most) + " more";
    return list;
  }

 private:
  std::vector<std::string> pairs_;
};

}  // namespace

std::string loose_names(const ResolvedMapping& resolved, const SourceDescription& source,
                        const CatalogBinding& binding) {
  Pairs pairs;
  for (const auto* fields : {&resolved.fields, &resolved.filter_fields}) {
    for (const ResolvedField& field : *fields) {
      if (field.index) pairs.add(field.name, source.fields[*field.index], "the source's");
    }
  }
  for (std::size_t index = 0; index < resolved.columns.size(); ++index) {
    const auto& column = binding.columns[index];
    if (!column) continue;
    pairs.add(resolved.columns[index].output.name,
              column->given_name.empty() ? column->name : column->given_name, "the column");
  }
  const std::string list = pairs.text();
  return list.empty() ? list : "Names were matched loosely: " + list + '.';
}

}  // namespace freight::mapping
