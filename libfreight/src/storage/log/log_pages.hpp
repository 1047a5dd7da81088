#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "database/session.hpp"
#include "freight/record_log.hpp"
#include "storage/sql/locked_jobs.hpp"
#include "storage/sql/sql_text.hpp"

namespace freight::storage {

/// One page of a job's log, within one transaction. A row may stand for many entries: a completed
/// batch for each of its records that plainly succeeded, a range for each of its ordinals.
class LogPage {
 public:
  LogPage(database::Session& session, SqlText& sql, const JobKey& key, const LogQuery& query)
      : session_(session), sql_(sql), key_(key), query_(query) {}

  std::vector<LogEntry> read();

 private:
  struct Row {
    LogEntry entry;
    std::optional<std::uint64_t> first_ordinal;
    std::optional<std::uint64_t> last_ordinal;
  };
  /// Ordinals that are not plain successes, both ends included.
  struct Span {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
  };

  std::vector<Row> read_rows(std::uint64_t from, std::uint32_t limit);
  void add_row(const Row& row);
  void add_whole(const Row& row);
  void add_ordinals(const Row& row, Span span);
  void add_successes(const Row& row);
  std::vector<Span> exceptions_of(const Row& row, Span window);
  /// Narrows to what is behind the cursor; nullopt when nothing is.
  std::optional<Span> still_to_come(const Row& row) const;
  bool is_full() const { return entries_.size() >= query_.limit; }

  database::Session& session_;
  SqlText& sql_;
  const JobKey key_;
  const LogQuery& query_;
  std::vector<LogEntry> entries_;
};

}  // namespace freight::storage
