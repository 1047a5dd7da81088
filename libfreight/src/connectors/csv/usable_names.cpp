#include "connectors/csv/usable_names.hpp"

#include <unordered_map>
#include <unordered_set>

#include "connectors/file/printable.hpp"
#include "core/visible.hpp"
#include "mapping/values/unicode.hpp"

namespace freight::csv {
namespace {

bool is_blank_name(const std::string& name) { return mapping::trim(name).empty(); }

class NameMaker {
 public:
  NameMaker(const std::vector<std::string>& names, const NamedApart& options) : options_(options) {
    for (std::size_t index = options.from; index < names.size(); ++index) {
      if (!is_blank_name(names[index])) written_.insert(key(names[index]));
    }
  }

  /// What the name at a position is to be; names are asked for in their order.
  std::string name_for(const std::string& name, std::size_t position) {
    if (is_blank_name(name)) return free_name("column_" + std::to_string(position), false);
    if (given_.insert(key(name)).second) return name;
    return free_name(std::string(mapping::trim(name)), true);
  }

 private:
  std::string key(const std::string& name) const {
    return options_.case_sensitive ? name : mapping::to_lower(mapping::trim(name));
  }

  bool take(const std::string& name) {
    const std::string wanted = key(name);
    return written_.find(wanted) == written_.end() && given_.insert(wanted).second;
  }

  std::string free_name(const std::string& base, bool is_repeated) {
    if (!is_repeated && take(base)) return base;
    // So that a header of nothing but one name takes no longer than others.
    std::size_t& number = numbers_.try_emplace(key(base), 1).first->second;
    while (true) {
      std::string name = base + '_' + std::to_string(++number);
      if (take(name)) return name;
    }
  }

  NamedApart options_;
  /// All the names that the header has.
  std::unordered_set<std::string> written_;
  std::unordered_set<std::string> given_;
  std::unordered_map<std::string, std::size_t> numbers_;
};

}  // namespace

std::string make_usable(std::vector<std::string>& names, const NamedApart& options) {
  constexpr std::size_t most_listed = 30;
  NameMaker maker(names, options);
  std::string changed;
  std::size_t count = 0;
  for (std::size_t index = options.from; index < names.size(); ++index) {
    std::string name = maker.name_for(names[index], index + 1 - options.from);
    if (name == names[index]) continue;
    if (++count <= most_listed) {
      changed += (changed.empty() ? "name " : ", name ") + std::to_string(index + 1 - options.from);
      changed += is_blank_name(names[index])
                     ? " (empty)"
                     : " (\"" + core::visible(file::printable(names[index])) + "\")";
      changed += " is \"" + core::visible(file::printable(name)) + '"';
    }
    names[index] = std::move(name);
  }
  if (count == 0) return {};
  if (count > most_listed) changed += " and " + std::to_string(count - most_listed) + " more";
  return "Names of the header were changed, as headerNames is \"auto\": " + changed + '.';
}

}  // namespace freight::csv
