#pragma once

#include "database/session.hpp"
#include "freight/engine/work.hpp"
#include "storage/sql/json_rows.hpp"
#include "storage/sql/sql_text.hpp"

namespace freight::storage {

/// Gathers planned batches of any number of jobs and writes them in one statement.
class PlannedBatches {
 public:
  /// Throws Error(connector_failed) for what no source may plan: a batch without a record, or texts
  /// that cannot be stored.
  BatchId add(const JobReference& job, std::uint64_t sequence, const BatchRange& range);

  void insert(database::Session& session, SqlText& sql);

 private:
  JsonRows rows_;
};

/// Throws Error(connector_failed) for a text of a source that is not UTF-8 without NUL.
void check_storable(std::string_view what, std::string_view text);

}  // namespace freight::storage
