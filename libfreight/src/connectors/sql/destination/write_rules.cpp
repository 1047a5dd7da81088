#include "connectors/sql/destination/write_rules.hpp"

#include <algorithm>
#include <variant>

#include "connectors/sql/destination/refusal.hpp"
#include "freight/error.hpp"

namespace freight::sql {
namespace {

std::string joined(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) {
    if (!out.empty()) out += ", ";
    out += name;
  }
  return out;
}

std::string described(const std::vector<UniqueKey>& keys) {
  if (keys.empty()) return "The table has no unique key; make one.";
  std::string out = "Unique keys of the table: ";
  for (std::size_t index = 0; index < keys.size(); ++index) {
    if (index > 0) out += "; ";
    out += joined(keys[index]);
  }
  return out + ". Name one of them in destination.key, or make a unique index of these columns.";
}

void require_column(const std::string& name, const DestinationCatalog& catalog,
                    std::string_view table) {
  std::vector<std::string> names;
  for (const DestinationColumn& column : catalog.columns) {
    if (column.name == name) return;
    names.push_back(column.name);
  }
  const mapping::FieldNames known(names, mapping::NameMatch::lenient,
                                  mapping::NamesOf::destination);
  const std::string suggestion = known.suggestion(name);
  throw Error(Code::unknown_column,
              "destination.key names the column " + name + ", which " + std::string(table) +
                  " does not have" + (suggestion.empty() ? "." : suggestion),
              {.hint = known.loose_hint(name)});
}

}  // namespace

Outcome WriteRules::conflict_outcome(const std::vector<std::string>& columns) const {
  if (on_conflict != Conflict::skip) return Outcome::rejected;
  return !merges() || same_columns(columns, key) ? Outcome::skipped : Outcome::rejected;
}

WriteRules write_rules(const JobSpec& spec) {
  const auto& destination = std::get<SqlDestinationSpec>(spec.destination);
  const bool merges = destination.write_disposition == WriteDisposition::merge;
  return {.disposition = destination.write_disposition,
          .on_conflict = destination.on_conflict,
          .allow_empty = destination.allow_empty,
          .key = merges ? destination.key : std::vector<std::string>(),
          .match = spec.match == NameMatching::loose ? mapping::NameMatch::loose
                                                     : mapping::NameMatch::lenient};
}

std::vector<std::string> column_names(const std::vector<OutputColumn>& columns) {
  std::vector<std::string> names;
  names.reserve(columns.size());
  for (const OutputColumn& column : columns) names.push_back(column.name);
  return names;
}

bool same_columns(const std::vector<std::string>& one, const std::vector<std::string>& other) {
  return one.size() == other.size() && std::is_permutation(one.begin(), one.end(), other.begin());
}

UniqueKey merge_key(const std::vector<std::string>& wanted, const DestinationCatalog& catalog,
                    const std::vector<UniqueKey>& unique_keys, std::string_view table) {
  if (wanted.empty() && catalog.primary_key.empty()) {
    throw Error(Code::key_not_unique,
                "merge needs a key, and " + std::string(table) + " has no primary key.",
                {.hint = described(unique_keys)});
  }
  const std::vector<std::string>& key = wanted.empty() ? catalog.primary_key : wanted;
  for (const std::string& name : key) require_column(name, catalog, table);
  for (const UniqueKey& unique : unique_keys) {
    if (same_columns(unique, key)) return unique;
  }
  throw Error(Code::key_not_unique,
              "The key (" + joined(key) + ") is no unique index of " + std::string(table) +
                  " with exactly these columns.",
              {.hint = described(unique_keys)});
}

std::vector<std::size_t> key_positions(const std::vector<OutputColumn>& filled,
                                       const std::vector<std::string>& key) {
  std::vector<std::size_t> positions;
  for (const std::string& name : key) {
    const auto position = find_column(filled, name, false);
    if (!position) {
      throw Error(Code::destination_failed,
                  "merge tells rows apart by the column " + name + ", which the job does not fill.",
                  {.hint = "Map a field to it, or name another key in destination.key."});
    }
    positions.push_back(*position);
  }
  return positions;
}

}  // namespace freight::sql
