#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "database/session.hpp"
#include "freight/engine/work.hpp"
#include "freight/events.hpp"
#include "freight/job_store.hpp"
#include "freight/migration_store.hpp"
#include "storage/sql/sql_text.hpp"

namespace freight::storage {

struct LockedJob;

/// Gathers the events of one transaction and writes them at its end, when the tenants' sequences
/// are taken: whoever reads up to a sequence has missed nothing before it.
class EventWriter {
 public:
  EventWriter(database::Session& session, SqlText& sql) : session_(session), sql_(sql) {}

  void state(const JobReference& job, JobStatus status, std::optional<Code> code = std::nullopt);
  void batch(const BatchReport& report, BatchStatus status, std::uint64_t sequence,
             std::uint64_t attempt, std::uint64_t first_ordinal, std::uint64_t records);
  /// Where the job stands, unless it was said a moment ago; `always` says it all the same. Sets
  /// LockedJob::progress_at, which the caller writes.
  void progress(LockedJob& job, bool always);
  void migration(const MigrationReference& migration, JobStatus status,
                 const MigrationOutcome& outcome);
  void log(const JobReference& job, std::uint64_t log_sequence, std::string_view event,
           std::optional<std::uint64_t> batch_sequence, std::optional<std::uint64_t> attempt,
           std::optional<Code> code);

  /// After everything else of the transaction, and after the shares were written: it locks them.
  std::vector<Event> flush();

 private:
  void add(const JobReference& job, EventType type, std::string data);
  void take_sequences();

  database::Session& session_;
  SqlText& sql_;
  std::vector<Event> events_;
};

}  // namespace freight::storage
