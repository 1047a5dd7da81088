#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "database/query.hpp"
#include "freight/migration_store.hpp"

namespace freight::storage {

/// The columns of migration_groups (as m) in the order in which MigrationRow reads them, without
/// spec; to be put through SqlText.
extern const std::string_view migration_columns;

/// One row of migration_groups on its way to a Migration. The query keeps its address.
class MigrationRow {
 public:
  MigrationRow() = default;
  MigrationRow(const MigrationRow&) = delete;
  MigrationRow& operator=(const MigrationRow&) = delete;

  /// Binds migration_columns; with `large` then spec.
  void bind(database::Query& query, bool large);
  Migration migration();

 private:
  Migration migration_;
  std::string tenant_id_;
  std::string id_;
  std::string status_;
  std::string only_;
  std::string outcome_;
  std::optional<std::string> error_;
  std::int64_t created_at_ = 0;
  std::int64_t updated_at_ = 0;
  std::optional<std::int64_t> started_at_;
  std::optional<std::int64_t> finished_at_;
};

/// An outcome as it stands in the database, and back; what is not known is left out.
std::string text_of(const MigrationOutcome& outcome);
MigrationOutcome outcome_of(std::string_view text);

}  // namespace freight::storage
