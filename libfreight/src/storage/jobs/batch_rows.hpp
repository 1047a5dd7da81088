#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "database/query.hpp"
#include "freight/job.hpp"

namespace freight::storage {

/// `SELECT` to `FROM` of a statement on batches (as b, with their leases as q), as BatchRow reads
/// it.
extern const std::string_view select_batch;

/// One row of migration_batches on its way to a Batch. The query keeps its address.
class BatchRow {
 public:
  BatchRow() = default;
  BatchRow(const BatchRow&) = delete;
  BatchRow& operator=(const BatchRow&) = delete;

  void bind(database::Query& query);
  Batch batch() const;

 private:
  Batch batch_;
  std::string id_;
  std::string job_id_;
  std::string kind_;
  std::string status_;
  std::optional<std::string> error_;
  std::optional<std::int64_t> started_at_;
  std::optional<std::int64_t> finished_at_;
  std::optional<std::string> lease_;
};

}  // namespace freight::storage
