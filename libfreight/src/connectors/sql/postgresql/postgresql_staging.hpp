#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/sql/destination/staging.hpp"
#include "connectors/sql/postgresql/postgresql_table.hpp"
#include "database/postgresql/native_connection.hpp"

namespace freight::sql {

/// The staging table of a job, within the connection's open transaction.
class PostgresqlStaging final : public StagingTable {
 public:
  PostgresqlStaging(database::PostgresqlConnection& connection, const PostgresqlTable& target,
                    std::string_view job_id);

  const TableName& name() const { return name_; }

  /// Keeps others from replacing the same table until the transaction ends.
  void lock();

  bool exists() override;
  bool is_marked() override;
  void refuse_others() override;
  void make() override;
  std::uint64_t count() override;
  /// Readers see the old rows until the transaction is committed; others who write wait.
  void exchange(const std::vector<std::string>& columns) override;
  void drop() override;
  void leave_mark() override;

 private:
  std::vector<std::string> tables_beside();
  void add_foreign_keys();
  void drop_slow_indexes();
  std::string upsert_clause(const std::vector<std::string>& columns) const;

  database::PostgresqlConnection& connection_;
  const PostgresqlTable& target_;
  std::string job_id_;
  TableName name_;
  std::string quoted_;
};

/// Throws Error(destination_failed) when the rows of the table cannot be exchanged by a job that
/// fills these columns.
void require_exchangeable(const PostgresqlTable& target, const std::vector<std::string>& columns);

}  // namespace freight::sql
