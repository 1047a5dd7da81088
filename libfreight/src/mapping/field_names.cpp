#include "mapping/field_names.hpp"

#include "core/nearest_name.hpp"
#include "core/visible.hpp"
#include "mapping/unicode.hpp"

namespace freight::mapping {

FieldNames::FieldNames(std::span<const std::string> names, NameMatch match)
    : names_(names), match_(match) {
  for (std::size_t index = 0; index < names.size(); ++index) {
    exact_.emplace(names[index], index);
    if (match == NameMatch::lenient) folded_[to_lower(trim(names[index]))].push_back(index);
  }
}

std::optional<std::size_t> FieldNames::find_exact(std::string_view name) const {
  const auto found = exact_.find(name);
  return found == exact_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<std::size_t> FieldNames::find(std::string_view name) const {
  return find_free(name, std::vector<bool>(names_.size()));
}

std::optional<std::size_t> FieldNames::find_free(std::string_view name,
                                                 const std::vector<bool>& taken) const {
  if (const auto exact = find_exact(name)) return exact;
  if (match_ == NameMatch::exact) return std::nullopt;
  const auto found = folded_.find(to_lower(trim(name)));
  if (found == folded_.end()) return std::nullopt;
  std::optional<std::size_t> only;
  for (const std::size_t index : found->second) {
    if (taken[index]) continue;
    if (only) return std::nullopt;
    only = index;
  }
  return only;
}

std::vector<std::optional<std::size_t>> match_names(std::span<const std::string> wanted,
                                                    std::span<const std::string> names,
                                                    NameMatch match) {
  const FieldNames known(names, match);
  std::vector<bool> taken(names.size());
  for (const std::string& name : wanted) {
    if (const auto index = known.find_exact(name)) taken[*index] = true;
  }
  std::vector<std::optional<std::size_t>> found;
  found.reserve(wanted.size());
  for (const std::string& name : wanted) found.push_back(known.find_free(name, taken));
  return found;
}

std::vector<std::string> spelled_as(std::span<const std::string> names,
                                    std::vector<std::string> wanted) {
  const auto found = match_names(wanted, names, NameMatch::lenient);
  for (std::size_t index = 0; index < wanted.size(); ++index) {
    if (found[index]) wanted[index] = names[*found[index]];
  }
  return wanted;
}

std::string FieldNames::suggestion(std::string_view name) const {
  const std::string_view nearest = core::nearest_name(name, names_);
  return nearest.empty() ? std::string{} : "; did you mean \"" + core::visible(nearest) + "\"?";
}

}  // namespace freight::mapping
