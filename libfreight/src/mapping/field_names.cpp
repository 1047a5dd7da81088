#include "mapping/field_names.hpp"

#include "core/nearest_name.hpp"
#include "core/visible.hpp"
#include "freight/error.hpp"
#include "mapping/values/unicode.hpp"

namespace freight::mapping {
namespace {

std::string quoted_name(std::string_view name) { return '"' + core::visible(name) + '"'; }

/// Without white space, `_` and `-`.
std::string without_gaps(std::string_view name) {
  std::string kept;
  for (std::string_view rest = name; !rest.empty();) {
    const std::size_t space = find_white_space(rest);
    for (const char byte : rest.substr(0, space)) {
      if (byte != '_' && byte != '-') kept += byte;
    }
    rest = trim_left(rest.substr(space));
  }
  return kept;
}

[[noreturn]] void refuse(NamesOf of, const std::string& message) {
  throw Error(
      of == NamesOf::source ? Code::missing_header : Code::unknown_column, message,
      {.hint = "With \"match\": \"loose\" case, blanks, \"_\" and \"-\" do not count: spell "
               "the name exactly, or set \"match\": \"exact\"."});
}

[[noreturn]] void refuse_unclear(std::string_view name, std::string_view one,
                                 std::string_view other, NamesOf of) {
  refuse(of, "The name " + quoted_name(name) + " could be " + quoted_name(one) + " or " +
                 quoted_name(other) +
                 (of == NamesOf::source ? " of the source." : " of the destination."));
}

void refuse_shared(const NameSearch& search, const std::vector<std::optional<std::size_t>>& found) {
  std::vector<std::optional<std::size_t>> wanted_by(search.names.size());
  for (std::size_t index = 0; index < found.size(); ++index) {
    if (!found[index]) continue;
    auto& first = wanted_by[*found[index]];
    if (first && search.wanted[*first] != search.wanted[index]) {
      refuse(search.of,
             "The names " + quoted_name(search.wanted[*first]) + " and " +
                 quoted_name(search.wanted[index]) + " could both be " +
                 quoted_name(search.names[*found[index]]) +
                 (search.of == NamesOf::source ? " of the source." : " of the destination."));
    }
    first = index;
  }
}

}  // namespace

std::string folded_name(std::string_view name, NameMatch match) {
  if (match == NameMatch::exact) return std::string(name);
  if (match == NameMatch::lenient) return to_lower(trim(name));
  std::string folded = to_lower(without_gaps(name));
  // A name of nothing else is only itself.
  return folded.empty() ? std::string(name) : folded;
}

FieldNames::FieldNames(std::span<const std::string> names, NameMatch match, NamesOf of)
    : names_(names), match_(match), of_(of) {
  for (std::size_t index = 0; index < names.size(); ++index) {
    exact_.emplace(names[index], index);
    if (match != NameMatch::exact) folded_[folded_name(names[index], match)].push_back(index);
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
  const auto found = folded_.find(folded_name(name, match_));
  if (found == folded_.end()) return std::nullopt;
  std::optional<std::size_t> only;
  for (const std::size_t index : found->second) {
    if (taken[index]) continue;
    if (only && match_ == NameMatch::loose) refuse_unclear(name, names_[*only], names_[index], of_);
    if (only) return std::nullopt;
    only = index;
  }
  return only;
}

std::vector<std::optional<std::size_t>> match_names(const NameSearch& search) {
  const FieldNames known(search.names, search.match, search.of);
  std::vector<bool> taken(search.names.size());
  for (const std::string& name : search.wanted) {
    if (const auto index = known.find_exact(name)) taken[*index] = true;
  }
  std::vector<std::optional<std::size_t>> found;
  found.reserve(search.wanted.size());
  for (const std::string& name : search.wanted) found.push_back(known.find_free(name, taken));
  if (search.match == NameMatch::loose) refuse_shared(search, found);
  return found;
}

std::vector<std::string> spelled_as(const NameSearch& search) {
  const auto found = match_names(search);
  std::vector<std::string> spelled(search.wanted.begin(), search.wanted.end());
  for (std::size_t index = 0; index < spelled.size(); ++index) {
    if (found[index]) spelled[index] = search.names[*found[index]];
  }
  return spelled;
}

const std::string* FieldNames::find_if_loose(std::string_view name) const {
  if (match_ == NameMatch::loose) return nullptr;
  const std::string folded = folded_name(name, NameMatch::loose);
  const std::string* only = nullptr;
  for (const std::string& candidate : names_) {
    if (folded_name(candidate, NameMatch::loose) != folded) continue;
    if (only != nullptr) return nullptr;
    only = &candidate;
  }
  return only;
}

std::string FieldNames::suggestion(std::string_view name) const {
  const std::string* const same = find_if_loose(name);
  const std::string_view nearest = same != nullptr ? *same : core::nearest_name(name, names_);
  return nearest.empty() ? std::string{} : "; did you mean " + quoted_name(nearest) + '?';
}

std::string FieldNames::loose_hint(std::string_view name) const {
  if (find_if_loose(name) == nullptr) return {};
  return "With \"match\": \"loose\" in the job, names that differ only in case, blanks, \"_\" and "
         "\"-\" are the same.";
}

}  // namespace freight::mapping
