#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "database/query.hpp"
#include "freight/job.hpp"

namespace freight::storage {

/// The columns of migration_jobs (as j) in the order in which JobRow reads them, without the two
/// that may be large.
extern const std::string_view job_columns;

/// One row of migration_jobs on its way to a Job. The query keeps its address.
class JobRow {
 public:
  JobRow() = default;
  JobRow(const JobRow&) = delete;
  JobRow& operator=(const JobRow&) = delete;

  /// Binds job_columns; with `large` then spec and reconciliation.
  void bind(database::Query& query, bool large);
  Job job();

 private:
  Job job_;
  std::string tenant_id_;
  std::string job_id_;
  std::string status_;
  std::string labels_;
  std::optional<std::string> migration_id_;
  std::optional<std::string> waiting_on_;
  std::optional<std::string> error_;
  std::string warnings_;
  std::string source_fields_;
  std::string unmapped_columns_;
  std::string unfilled_columns_;
  std::int64_t created_at_ = 0;
  std::int64_t updated_at_ = 0;
  std::optional<std::int64_t> started_at_;
  std::optional<std::int64_t> finished_at_;
  std::optional<std::int64_t> run_at_;
  std::optional<std::int64_t> deadline_at_;
};

Timestamp time_of(std::int64_t microseconds);
std::optional<Timestamp> time_of(const std::optional<std::int64_t>& microseconds);

}  // namespace freight::storage
