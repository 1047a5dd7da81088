#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "connectors/sql/table_name.hpp"
#include "core/ascii.hpp"
#include "core/nearest_name.hpp"
#include "freight/error.hpp"
#include "freight/migration.hpp"
#include "migration/migration_jobs.hpp"
#include "migration/table_order.hpp"
#include "migration/table_pattern.hpp"
#include "migration/table_statements.hpp"

namespace freight {
namespace {

using migration::CarriedKey;
using migration::is_pattern;
using migration::means;
using migration::names;
using migration::Translation;
using sql::TableName;

constexpr std::size_t longest_postgresql_name = 63;

class Planning {
 public:
  Planning(const MigrationSpec& spec, const DatabaseSchema& source,
           const DatabaseSchema& destination)
      : spec_(spec),
        source_(source),
        destination_(destination),
        translation_{source.kind, destination.kind} {}

  MigrationPlan plan() {
    plan_.destination = destination_.kind;
    for (const MigrationEntry& entry : spec_.entries) choose(entry);
    for (const std::string& pattern : spec_.exclude) {
      const bool known = std::any_of(source_.tables.begin(), source_.tables.end(),
                                     [&](const auto& table) { return means(pattern, table); });
      if (!known) plan_.notes.push_back("exclude: no table is called " + pattern);
    }
    put_in_order();
    refuse_shared_targets();
    find_carried();
    for (const Chosen* const chosen : ordered_) add_table(*chosen);
    plan_.notes.insert(plan_.notes.end(), source_.notes.begin(), source_.notes.end());
    if (spec_.add_constraints) {
      add_constraints(MigrationConstraint::Kind::index);
      add_constraints(MigrationConstraint::Kind::foreign_key);
    }
    return std::move(plan_);
  }

 private:
  struct Chosen {
    const DatabaseTable* table = nullptr;
    const MigrationEntry* entry = nullptr;
    /// As the job has it; and as SQL does, where the table that is there may be in another case.
    std::string to_in_job;
    TableName to;
    /// The destination's table, when it is there.
    const DatabaseTable* there = nullptr;
    std::size_t circle = 0;
    std::vector<std::size_t> parents = {};
    migration::TableWishes wishes = {};
    /// It becomes the source's table, column by column.
    bool carried = false;
  };

  void choose(const MigrationEntry& entry) {
    bool found = false;
    for (const DatabaseTable& table : source_.tables) {
      if (!is_pattern(entry.from) ? !names(entry.from, table) : !means(entry.from, table)) {
        continue;
      }
      found = true;
      if (is_pattern(entry.from) && is_excluded(table)) continue;
      if (is_nameable(table)) {
        put(table, entry);
      } else {
        plan_.notes.push_back("the table " + table.display() +
                              " does not go along: no job can name it, for its dot or quote");
      }
    }
    if (!found) throw_no_table(entry.from);
  }

  bool is_excluded(const DatabaseTable& table) const {
    return std::any_of(spec_.exclude.begin(), spec_.exclude.end(),
                       [&](const auto& pattern) { return means(pattern, table); });
  }

  [[noreturn]] void throw_no_table(const std::string& from) const {
    std::vector<std::string> known;
    for (const DatabaseTable& table : source_.tables) known.push_back(table.display());
    if (is_pattern(from)) {
      throw Error(Code::source_not_found, "tables: no table of the source matches " + from,
                  {.hint = "The source has " + std::to_string(known.size()) + " tables."});
    }
    const std::string_view nearest = core::nearest_name(from, known);
    throw Error(Code::source_not_found, "tables: the source has no table '" + from + "'",
                {.hint = nearest.empty() ? "" : "Did you mean '" + std::string(nearest) + "'?"});
  }

  void put(const DatabaseTable& table, const MigrationEntry& entry) {
    const auto known = std::find_if(chosen_.begin(), chosen_.end(),
                                    [&](const Chosen& one) { return one.table == &table; });
    // What is said of one table by its name is not taken back by a pattern.
    if (known != chosen_.end() && is_pattern(entry.from) && !is_pattern(known->entry->from)) return;
    Chosen& chosen = known == chosen_.end() ? chosen_.emplace_back() : *known;
    chosen.table = &table;
    chosen.entry = &entry;
    chosen.to = entry.to.empty() ? TableName{.schema = carries_schema(table) ? table.schema : "",
                                             .table = table.name,
                                             .quoted = true}
                                 : sql::parse_table_name(entry.to, "table");
    chosen.to_in_job = sql::display_table(chosen.to);
    chosen.there = find_target(chosen.to);
    if (chosen.there == nullptr) return;
    chosen.to = {.schema = chosen.there->visible ? "" : chosen.there->schema,
                 .table = chosen.there->name,
                 .quoted = true};
  }

  /// Jobs write names without quotes.
  static bool is_nameable(const DatabaseTable& table) {
    return (table.schema + table.name).find_first_of(".\"") == std::string::npos;
  }

  bool carries_schema(const DatabaseTable& table) const {
    return !table.visible && destination_.kind == DatabaseKind::postgresql;
  }

  const DatabaseTable* find_target(const TableName& name) const {
    const bool is_sqlite = destination_.kind == DatabaseKind::sqlite;
    if (const auto* const found = destination_.find(is_sqlite ? "" : name.schema, name.table)) {
      return found;
    }
    const std::string folded = core::ascii_lower(name.table);
    if (!is_sqlite) {
      if (name.quoted) return nullptr;
      return destination_.find(core::ascii_lower(name.schema), folded);
    }
    for (const DatabaseTable& table : destination_.tables) {
      if (core::ascii_lower(table.name) == folded) return &table;
    }
    return nullptr;
  }

  void put_in_order() {
    for (Chosen& chosen : chosen_) {
      for (const ForeignKey& key : chosen.table->foreign_keys) {
        const auto parent = place_of(source_.find(key.schema, key.table));
        if (parent && chosen_[*parent].table != chosen.table) chosen.parents.push_back(*parent);
      }
    }
    std::vector<std::vector<std::size_t>> parents;
    for (const Chosen& chosen : chosen_) parents.push_back(chosen.parents);
    const migration::TableOrder order = migration::order_of(parents);
    std::vector<std::size_t> place(chosen_.size());
    for (std::size_t at = 0; at < order.order.size(); ++at) place[order.order[at]] = at;
    for (std::size_t at = 0; at < chosen_.size(); ++at) {
      Chosen& chosen = chosen_[at];
      chosen.circle = order.circles[at];
      std::set<std::size_t> before;
      for (const std::size_t parent : chosen.parents) {
        const bool same_circle = chosen.circle != 0 && order.circles[parent] == chosen.circle;
        if (!same_circle) before.insert(place[parent]);
      }
      chosen.parents.assign(before.begin(), before.end());
    }
    for (const std::size_t at : order.order) ordered_.push_back(&chosen_[at]);
  }

  std::optional<std::size_t> place_of(const DatabaseTable* table) const {
    for (std::size_t at = 0; at < chosen_.size(); ++at) {
      if (table != nullptr && chosen_[at].table == table) return at;
    }
    return std::nullopt;
  }

  void refuse_shared_targets() const {
    std::map<std::string, const Chosen*> targets;
    for (const Chosen& chosen : chosen_) {
      std::string name = sql::quote_table(chosen.to);
      if (destination_.kind == DatabaseKind::sqlite) name = core::ascii_lower(chosen.to.table);
      if (name.starts_with("\"public\".")) name = sql::quote_identifier(chosen.to.table);
      const auto [other, is_new] = targets.emplace(name, &chosen);
      if (is_new) continue;
      throw Error(Code::invalid_spec,
                  "tables: " + other->second->table->display() + " and " + chosen.table->display() +
                      " would both go to " + sql::display_table(chosen.to),
                  {.hint = "Give one of them another \"to\"."});
    }
  }

  static migration::TableJob job_of(const Chosen& chosen) {
    return {.source_table = chosen.table->display(),
            .destination_table = chosen.to_in_job,
            .own = chosen.entry->job};
  }

  void find_carried() {
    for (Chosen& chosen : chosen_) {
      chosen.wishes = migration::wishes_of(migration::job_text(spec_, job_of(chosen)));
      chosen.carried =
          chosen.wishes.create_table && !chosen.wishes.reshapes && has_short_names(chosen);
    }
  }

  void add_table(const Chosen& chosen) {
    MigrationTable& table = plan_.tables.emplace_back();
    table.from = chosen.table->display();
    table.to = sql::display_table(chosen.to);
    table.to_in_job = chosen.to_in_job;
    if (spec_.parents_first) table.after = chosen.parents;
    migration::TableJob job = job_of(chosen);
    job.ignores_foreign_keys =
        chosen.carried && spec_.add_constraints && destination_.kind == DatabaseKind::sqlite;
    job.waits_for_circle = chosen.circle != 0 && !job.ignores_foreign_keys;
    if (job.waits_for_circle) table.circle = chosen.circle;
    table.job = migration::job_text(spec_, job);
    for (const std::string& note : chosen.table->notes) plan_.notes.push_back(note);
    if (chosen.wishes.create_table && !chosen.carried) {
      plan_.notes.push_back(
          table.from + " is made by its own job: " +
          (chosen.wishes.reshapes ? "it has a mapping, a schema or a query"
                                  : "a name is longer than PostgreSQL's 63 bytes") +
          "; its defaults, checks, indexes and foreign keys are not carried over");
    }
    if (chosen.carried && chosen.there == nullptr) {
      const auto keys =
          spec_.add_constraints ? carried_keys(*chosen.table) : std::vector<CarriedKey>();
      table.create =
          migration::create_table(*chosen.table, chosen.to, keys, translation_, plan_.notes);
    }
  }

  bool has_short_names(const Chosen& chosen) const {
    if (destination_.kind != DatabaseKind::postgresql) return true;
    return chosen.to.table.size() <= longest_postgresql_name &&
           std::all_of(chosen.table->columns.begin(), chosen.table->columns.end(),
                       [](const TableColumn& column) {
                         return column.name.size() <= longest_postgresql_name;
                       });
  }

  /// With the name of the referred table in the destination.
  std::vector<CarriedKey> carried_keys(const DatabaseTable& table) {
    std::vector<CarriedKey> carried;
    for (const ForeignKey& key : table.foreign_keys) {
      const auto parent = place_of(source_.find(key.schema, key.table));
      // A table that is made by its own job may lack what is referred to.
      const bool is_sure =
          parent && (chosen_[*parent].carried || chosen_[*parent].there != nullptr);
      if (is_sure) {
        carried.push_back({&key, chosen_[*parent].to});
      } else if (said_missing_.insert(&key).second) {
        plan_.notes.push_back("the foreign key of " + table.display() + " to " + key.table +
                              " is left out: that table " +
                              (parent ? "is made by its own job" : "does not go along"));
      }
    }
    return carried;
  }

  void add_constraints(MigrationConstraint::Kind kind) {
    for (const Chosen* const chosen : ordered_) {
      if (!chosen->carried) continue;
      if (kind == MigrationConstraint::Kind::index) {
        for (const TableIndex& index : chosen->table->indexes) add_index(*chosen, index);
      } else {
        for (const CarriedKey& key : carried_keys(*chosen->table)) add_key(*chosen, key);
      }
    }
  }

  void add_index(const Chosen& chosen, const TableIndex& index) {
    MigrationConstraint constraint{.kind = MigrationConstraint::Kind::index,
                                   .table = sql::display_table(chosen.to),
                                   .referred = {},
                                   .subject = "index " + index.name,
                                   .statements = {},
                                   .violations = {},
                                   .columns = index.columns};
    if (!has_index(chosen.there, index)) {
      std::string statement =
          migration::create_index(index, free_name(chosen, index.name), chosen.to, translation_);
      if (statement.empty()) {
        plan_.notes.push_back("the index " + index.name + " of " + chosen.table->display() +
                              " is left out: it is over expressions or some of the rows");
        return;
      }
      constraint.statements.push_back(std::move(statement));
    }
    plan_.constraints.push_back(std::move(constraint));
  }

  bool has_index(const DatabaseTable* there, const TableIndex& wanted) const {
    if (there == nullptr) return false;
    return std::any_of(there->indexes.begin(), there->indexes.end(), [&](const TableIndex& index) {
      if (index.unique != wanted.unique) return false;
      return wanted.columns.empty() ? index.definition == wanted.definition
                                    : index.columns == wanted.columns;
    });
  }

  /// Indexes of all tables share one room, with the tables themselves.
  std::string free_name(const Chosen& chosen, const std::string& wanted) {
    if (taken_.empty()) {
      for (const DatabaseTable& table : destination_.tables) {
        taken_.insert(table.name);
        for (const TableIndex& index : table.indexes) taken_.insert(index.name);
      }
      for (const Chosen& one : chosen_) taken_.insert(one.to.table);
    }
    std::string name = wanted;
    if (taken_.contains(name)) name = chosen.to.table + '_' + wanted;
    for (int number = 2; taken_.contains(name); ++number) {
      name = chosen.to.table + '_' + wanted + '_' + std::to_string(number);
    }
    taken_.insert(name);
    return name;
  }

  void add_key(const Chosen& chosen, const CarriedKey& key) {
    const ForeignKey* const there = find_key(chosen.there, key);
    if (destination_.kind == DatabaseKind::sqlite && chosen.there != nullptr && there == nullptr) {
      plan_.notes.push_back("the foreign key " + migration::subject_of(key) + " of " +
                            sql::display_table(chosen.to) +
                            " is left out: SQLite cannot add it to a table that is there");
      return;
    }
    MigrationConstraint constraint{.kind = MigrationConstraint::Kind::foreign_key,
                                   .table = sql::display_table(chosen.to),
                                   .referred = sql::display_table(key.referred),
                                   .subject = migration::subject_of(key),
                                   .statements = {},
                                   .violations = migration::violations_query(key, chosen.to),
                                   .columns = key.key->columns};
    if (destination_.kind == DatabaseKind::postgresql) {
      std::string name = there != nullptr ? there->name : key.key->name;
      if (name.empty()) name = name_of(chosen, key);
      constraint.statements = migration::add_foreign_key(key, name, chosen.to);
      if (there != nullptr) constraint.statements.erase(constraint.statements.begin());
      if (there != nullptr && there->validated) constraint.statements.clear();
    }
    plan_.constraints.push_back(std::move(constraint));
  }

  static const ForeignKey* find_key(const DatabaseTable* there, const CarriedKey& wanted) {
    if (there == nullptr) return nullptr;
    const auto found = std::find_if(
        there->foreign_keys.begin(), there->foreign_keys.end(), [&](const ForeignKey& key) {
          return key.columns == wanted.key->columns && key.table == wanted.referred.table &&
                 key.referred == wanted.key->referred;
        });
    return found == there->foreign_keys.end() ? nullptr : &*found;
  }

  /// As PostgreSQL would call it, and cut as it would.
  static std::string name_of(const Chosen& chosen, const CarriedKey& key) {
    std::string name = chosen.to.table;
    for (const std::string& column : key.key->columns) name += '_' + column;
    constexpr std::string_view ending = "_fkey";
    std::size_t end = std::min(name.size(), longest_postgresql_name - ending.size());
    while (end > 0 && end < name.size() &&
           (static_cast<unsigned char>(name[end]) & 0xC0U) == 0x80U) {
      --end;
    }
    return name.substr(0, end) + std::string(ending);
  }

  const MigrationSpec& spec_;
  const DatabaseSchema& source_;
  const DatabaseSchema& destination_;
  Translation translation_;
  std::vector<Chosen> chosen_;
  std::vector<Chosen*> ordered_;
  std::set<const ForeignKey*> said_missing_;
  std::set<std::string> taken_;
  MigrationPlan plan_;
};

}  // namespace

MigrationPlan plan_migration(const MigrationSpec& spec, const DatabaseSchema& source,
                             const DatabaseSchema& destination) {
  return Planning(spec, source, destination).plan();
}

}  // namespace freight
