#include "mapping/catalog_binding.hpp"

#include <cstddef>

#include "core/visible.hpp"
#include "freight/error.hpp"

namespace freight::mapping {
namespace {

std::vector<std::string> names_of(const DestinationCatalog& catalog) {
  std::vector<std::string> names;
  for (const DestinationColumn& column : catalog.columns) {
    names.push_back(column.given_name.empty() ? column.name : column.given_name);
  }
  return names;
}

std::vector<std::string> names_of(const ResolvedMapping& resolved) {
  std::vector<std::string> names;
  for (const ResolvedColumn& column : resolved.columns) names.push_back(column.output.name);
  return names;
}

class Binder {
 public:
  Binder(const ResolvedMapping& resolved, const DestinationCatalog& catalog, NameMatch match,
         bool allow_lossy)
      : resolved_(resolved),
        catalog_(catalog),
        column_names_(names_of(catalog)),
        match_(match),
        allow_lossy_(allow_lossy) {}

  CatalogBinding bind() {
    const std::size_t count = resolved_.columns.size();
    binding_.columns.resize(count);
    binding_.refused.resize(count);
    binding_.left_out.resize(count);
    if (catalog_.open_columns) return std::move(binding_);
    const std::vector<std::string> wanted = names_of(resolved_);
    const auto matches = match_names(
        {.wanted = wanted, .names = column_names_, .match = match_, .of = NamesOf::destination});
    std::vector<bool> filled(catalog_.columns.size());
    for (std::size_t index = 0; index < count; ++index) {
      const ResolvedColumn& column = resolved_.columns[index];
      const auto found = matches[index];
      if (!found) {
        not_found(index);
      } else if (filled[*found]) {
        throw Error(Code::unknown_column,
                    "The column \"" + column_names_[*found] + "\" would be filled twice.");
      } else {
        filled[*found] = true;
        if (resolved_.copies_table && column.entry == nullptr &&
            catalog_.columns[*found].generated) {
          binding_.left_out[index] = true;
          continue;
        }
        check(column, catalog_.columns[*found]);
        binding_.columns[index] = catalog_.columns[*found];
      }
    }
    refuse_unknown();
    for (std::size_t index = 0; index < filled.size(); ++index) {
      if (!filled[index] && !catalog_.columns[index].generated)
        binding_.unfilled.push_back(column_names_[index]);
    }
    return std::move(binding_);
  }

 private:
  void not_found(std::size_t index) {
    const std::string& name = resolved_.columns[index].output.name;
    if (resolved_.own_keys && resolved_.columns[index].entry == nullptr) {
      binding_.refused[index] = true;
      return;
    }
    const FieldNames known(column_names_, match_, NamesOf::destination);
    const std::string suggestion = known.suggestion(name);
    if (loose_hint_.empty()) loose_hint_ = known.loose_hint(name);
    unknown_ += (unknown_.empty() ? "\"" : " \"") + core::visible(name) + "\"";
    unknown_ += suggestion.empty() ? "." : suggestion;
  }

  void refuse_unknown() const {
    if (unknown_.empty()) return;
    std::string hint = "The destination has:";
    constexpr std::size_t most = 30;
    for (std::size_t index = 0; index < column_names_.size() && index < most; ++index)
      hint += (index == 0 ? " \"" : ", \"") + core::visible(column_names_[index]) + "\"";
    if (column_names_.size() > most)
      hint += " and " + std::to_string(column_names_.size() - most) + " more";
    hint += ". A \"mapping\" says which field goes to which column, and leaves out the others.";
    throw Error(Code::unknown_column, "The destination has no column " + unknown_,
                {.hint = loose_hint_.empty() ? hint : hint + ' ' + loose_hint_});
  }

  void check(const ResolvedColumn& column, const DestinationColumn& destination) const {
    if (destination.generated)
      throw Error(Code::unknown_column,
                  "The destination computes the column \"" + destination.name +
                      "\" itself and takes no value for it.",
                  {.hint = "Leave it out of the \"mapping\"."});
    if (allow_lossy_ || !column.field || !column.output.typed) return;
    const bool loses = (destination.lossy_decimal && column.output.type == ValueType::decimal) ||
                       (destination.float_bits && column.output.type == ValueType::integer);
    if (!loses) return;
    throw Error(
        Code::lossy_column,
        "The column \"" + destination.name + "\"" +
            (destination.native_type.empty() ? "" : " (" + destination.native_type + ")") +
            " would lose digits of the " + std::string(to_string(column.output.type)) +
            " values of \"" + column.output.name + "\".",
        {.hint = "Give the column an exact type (in SQLite TEXT for decimals), make the field's "
                 "type \"number\" if binary floating-point numbers will do, or set \"lossy\": "
                 "\"allow\" in the destination."});
  }

  const ResolvedMapping& resolved_;
  const DestinationCatalog& catalog_;
  std::vector<std::string> column_names_;
  NameMatch match_;
  bool allow_lossy_;
  CatalogBinding binding_;
  std::string unknown_;
  std::string loose_hint_;
};

}  // namespace

CatalogBinding bind_catalog(const ResolvedMapping& resolved, const DestinationCatalog& catalog,
                            NameMatch match, bool allow_lossy) {
  return Binder(resolved, catalog, match, allow_lossy).bind();
}

}  // namespace freight::mapping
