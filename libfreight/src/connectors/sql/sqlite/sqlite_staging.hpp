#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/sql/destination/staging.hpp"
#include "connectors/sql/sqlite/sqlite_table.hpp"

namespace freight::sql {

/// The staging table of a job, used within an open transaction that holds the write lock.
class SqliteStaging final : public StagingTable {
 public:
  SqliteStaging(::sqlite3* connection, const SqliteTable& target, std::string_view job_id);

  /// Without quotes.
  const std::string& name() const { return name_; }

  bool exists() override;
  bool is_marked() override;
  void refuse_others() override;
  void make() override;
  std::uint64_t count() override;
  /// Throws Error(destination_failed) when rows are left that refer to one that is gone, too.
  void exchange(const std::vector<std::string>& columns) override;
  void drop() override;
  void leave_mark() override;

 private:
  std::string upsert_clause() const;

  ::sqlite3* connection_;
  const SqliteTable& target_;
  std::string job_id_;
  std::string name_;
  std::string quoted_;
};

/// Throws Error(destination_failed) when the rows of the table cannot be exchanged by a job that
/// fills these columns.
void require_exchangeable(const SqliteTable& target, const std::vector<std::string>& columns);

/// What follows the name that a statement text begins with, quoted or not.
std::string_view after_name(std::string_view text);

}  // namespace freight::sql
