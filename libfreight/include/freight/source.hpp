#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "freight/connector_context.hpp"
#include "freight/record.hpp"

namespace freight {

/// @addtogroup connectors
/// @{

/// A part of the source that can be opened alone. Never changes once written.
struct BatchRange {
  std::uint64_t first_ordinal = 0;
  std::uint64_t records = 0;
  /// In bytes of the source as it is; 0 where there are none. Lines that are no records belong to
  /// the range before them.
  std::uint64_t byte_offset = 0;
  std::uint64_t byte_length = 0;
  /// The physical line on which the first record begins, from 1; 0 where there are no lines.
  std::uint64_t first_line = 0;
  /// The connector's own words for where it is; empty when the bytes say it all. See also
  /// file_of_locator().
  std::string locator = {};
  /// Hex hash of the raw bytes; empty where there are none.
  std::string content_hash = {};
};

/// What people call the file that a range is of, as BatchRange::locator of a source of many files
/// says it; empty for every other locator. UTF-8. Thread-safe.
std::string file_of_locator(std::string_view locator);

/// How batches are cut: each ends with whichever limit it meets first.
struct PlanLimits {
  std::uint64_t max_records = 10'000;
  /// Raw bytes of the source; a larger record is a batch of its own.
  std::uint64_t max_bytes = 8'388'608;
  /// How many ranges one call may return.
  std::uint32_t max_ranges = 16;
};

/// The next ranges of a plan.
struct PlanChunk {
  std::vector<BatchRange> ranges = {};
  /// Where the next call goes on; the connector's own words, with a version.
  std::string position = {};
  bool done = false;
  /// A sentence each, of what was met in these ranges; the first of them become warnings of the
  /// job.
  std::vector<std::string> warnings = {};
};

/// What a source says of itself when a job begins.
struct SourceDescription {
  /// The fields of its records. With `open_fields` single records may bring others, or lack some.
  std::vector<std::string> fields = {};
  bool open_fields = false;
  /// True for sources whose fields carry a type of their own (JSON, SQL).
  bool typed = false;
  /// True for sources of several files, whose records name theirs (SourceRecord::file).
  bool several_files = false;
  /// The type that the catalog gives each field, nullopt where it gives none; empty for
  /// sources without a catalog. For create_table: a record's value may be of another.
  std::vector<std::optional<ValueType>> field_types = {};
  /// What the catalog itself calls each field's type ("timestamp without time zone"), empty
  /// where it says nothing; empty for sources without a catalog.
  std::vector<std::string> native_types = {};
  /// The fields that the catalog says are the primary key, and those that it says are never NULL.
  std::vector<std::string> primary_key = {};
  std::vector<std::string> required = {};
  /// As far as they are known without reading the source; for progress.
  std::optional<std::uint64_t> bytes_total = {};
  std::optional<std::uint64_t> records_total = {};
  /// A sentence each; they become warnings of the job.
  std::vector<std::string> warnings = {};
};

/// The text of one record that was read before, as it was kept. `raw` is whole.
struct RawRecord {
  std::uint64_t ordinal = 0;
  std::uint64_t line = 0;
  std::uint64_t byte_offset = 0;
  std::string_view raw = {};
};

/// Where records come from. One object serves one job on one node; after construction every call
/// may come from any thread, several at once. Errors that end the job are thrown as Error of
/// category configuration (or authentication); what may pass the next time as transient, with
/// `outage` when the other side was not reached at all. A bad record is never an error: it is a
/// SourceRecord with a parse error.
class Source {
 public:
  virtual ~Source() = default;

  /// Opens the source and says what it holds. Called before any other call; idempotent.
  virtual SourceDescription describe(ConnectorContext& context) = 0;

  /// True for a source whose records are in memory: describe(), fingerprint(), plan() and count()
  /// open nothing and take next to no time, and the plan does not depend on use_fields(). A job of
  /// one batch is planned while it is submitted then.
  virtual bool in_memory() const { return false; }

  /// Tells this input from another: equal texts mean equal bytes. Empty when it cannot be known.
  virtual std::string fingerprint(ConnectorContext& context) = 0;

  /// Cuts the next ranges. `position` is empty at first, then the last chunk's. A pure function of
  /// the input's bytes, the spec and the position. Holds at most max_record_bytes in memory.
  virtual PlanChunk plan(std::string_view position, const PlanLimits& limits,
                         ConnectorContext& context) = 0;

  /// Reads all the records of a range into `batch`, which was cleared. Throws source_changed when
  /// the bytes or the count are not those that were planned.
  virtual void read(const BatchRange& range, RecordBatch& batch, ConnectorContext& context) = 0;

  /// Makes a source with `open_fields` lay the records out in these fields, which describe()
  /// answers from then on. It is called once, after describe() and before plan(), read() and
  /// decode(), with the fields that the job can use; what else a record brings goes to
  /// RecordBatch::extra_fields. The default keeps the fields of describe().
  virtual void use_fields(std::vector<std::string> fields);

  /// Reads records from their raw texts as read() gave them (SourceRecord::raw) into `batch`, which
  /// was cleared: for replays. The default throws unsupported_connector, and the range is read
  /// again.
  virtual void decode(std::span<const RawRecord> records, RecordBatch& batch,
                      ConnectorContext& context);

  /// The number of records by another way than plan() and read(); nullopt when there is none, and
  /// the planner's own count is taken.
  virtual std::optional<std::uint64_t> count(ConnectorContext& context) = 0;
};

/// @}

}  // namespace freight
