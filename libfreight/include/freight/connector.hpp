#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "freight/ids.hpp"
#include "freight/job_spec.hpp"
#include "freight/record.hpp"
#include "freight/sinks.hpp"

namespace freight {

/// Until when a lease is surely held. Moves on while the engine renews the lease, so a long write
/// is not cut short; look at it again right before a commit. Thread-safe.
class Deadline {
 public:
  /// Of a clock that never goes back.
  using TimePoint = std::chrono::steady_clock::time_point;

  /// The lease is held until `at` and not a moment longer than that.
  explicit Deadline(TimePoint at) : at_(at) {}

  /// Until when it is held, as far as is known now.
  TimePoint at() const noexcept { return at_.load(std::memory_order_acquire); }
  /// For the engine: the lease was renewed until `at`.
  void move_to(TimePoint at) noexcept { at_.store(at, std::memory_order_release); }

 private:
  std::atomic<TimePoint> at_;
};

/// What a connector is told with each call. Valid for the call.
struct ConnectorContext {
  /// Asks for an end at the next record boundary: the connector throws Error(cancelled) or returns.
  std::stop_token stop;
  /// nullptr for a call without a lease, and so without an end.
  const Deadline* lease = nullptr;
  /// For what an operator should know; never nullptr.
  LogSink* log = &null_log_sink();
  /// Of the task at hand, from 1.
  std::uint32_t attempt = 1;
  TenantId tenant_id;
  JobId job_id;

  /// After it the lease may be another's: nothing may be committed any more. Later calls may answer
  /// a later time.
  Deadline::TimePoint deadline() const {
    return lease != nullptr ? lease->at() : Deadline::TimePoint::max();
  }
};

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
  /// The connector's own words for where it is; empty when the bytes say it all.
  std::string locator = {};
  /// Hex hash of the raw bytes; empty where there are none.
  std::string content_hash = {};
};

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
  /// Of each field the type that its catalog gives it, nullopt where it gives none; empty for
  /// sources without a catalog. For create_table: a record's value may be of another.
  std::vector<std::optional<ValueType>> field_types = {};
  /// Of each field what the catalog itself calls its type ("timestamp without time zone"), empty
  /// where it says nothing; empty for sources without a catalog.
  std::vector<std::string> native_types = {};
  /// Of the fields, by the catalog: the primary key, and those that are never NULL.
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

  /// Of a source with `open_fields`: lays the records out in these fields, which describe() answers
  /// from then on. Called once, after describe() and before plan(), read() and decode(), with the
  /// fields that the job can use; what else a record brings goes to RecordBatch::extra_fields. The
  /// default keeps the fields of describe().
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

/// One column of the destination, as its catalog has it.
struct DestinationColumn {
  std::string name = {};
  /// The job's own name for it, where the destination could not keep that; else empty.
  std::string given_name = {};
  /// The type in the destination's own words; for messages.
  std::string native_type = {};
  /// How the value is to be checked before it is sent; nullopt: not at all.
  std::optional<ValueType> type = {};
  bool not_null = false;
  bool has_default = false;
  /// The destination computes it: it takes no value.
  bool generated = false;
  /// In code points.
  std::optional<std::uint32_t> max_length = {};
  /// Of an integer column: 16, 32 or 64.
  std::optional<std::uint32_t> integer_bits = {};
  /// Of a numeric column with a declared precision.
  /// Digits in all, and behind the point. A scale below zero rounds before the point.
  std::optional<std::uint32_t> precision = {};
  std::optional<std::int32_t> scale = {};
  /// The column keeps decimals as binary floats or integers (a binary float itself; SQLite's
  /// NUMERIC, REAL and INTEGER affinities): a job that fills it from a `decimal` field is refused
  /// before the first write, `lossy_column`, and a value that would lose digits is rejected.
  bool lossy_decimal = false;
  /// Of a binary float: 32 or 64. A job that fills it from an `integer` field is refused, too.
  std::optional<std::uint32_t> float_bits = {};
  /// Of a binary column: it takes no text, not even one that says bytes (SQLite's STRICT tables).
  bool binary_only = false;
  /// Of a time or datetime column: how many digits of a second's fraction it keeps.
  std::optional<std::uint32_t> fraction_digits = {};
  /// Of a datetime column: it keeps no offset from UTC, and takes one without a word.
  bool drops_offset = false;
};

/// What a destination knows of the table that it writes to.
struct DestinationCatalog {
  /// Empty when the destination takes any column (`null`).
  std::vector<DestinationColumn> columns = {};
  bool open_columns = false;
  std::vector<std::string> primary_key = {};
  /// The columns by which `merge` tells rows apart; empty for other dispositions.
  std::vector<std::string> merge_key = {};
};

/// What a destination is to make ready for.
struct PrepareRequest {
  /// The columns that the job fills, in order; empty when a source without known fields decides.
  std::vector<OutputColumn> columns = {};
  /// Of the columns: those of the schema's primary key, for create_table.
  std::vector<std::string> primary_key = {};
  /// Of the columns: those that may not be NULL, for create_table.
  std::vector<std::string> required = {};
  /// The columns are those of the source's table, which nobody chose one by one: those that the
  /// destination computes itself are left out with a warning, in place of being refused.
  bool leave_out_generated = false;
  /// Hex hash of fingerprint, schema, mapping and target; empty when unknown.
  std::string load_hash = {};
  /// Refuse a load that another job completed into this table (already_loaded).
  bool refuse_reload = true;
  /// Look but do not touch: nothing is made or locked (mode validate).
  bool read_only = false;
  /// What the job had written when this node began to work for it, by whatever node. A destination
  /// that keeps its own traces and finds none of them must not begin anew.
  std::uint64_t completed_batches = 0;
  std::uint64_t rows_written = 0;
  std::optional<Timestamp> started_at = {};
};

/// What preparing found.
struct PrepareResult {
  DestinationCatalog catalog = {};
  std::vector<std::string> warnings = {};
};

/// One batch's accepted rows and what makes writing them exactly-once.
struct WriteRequest {
  /// `r:<first ordinal>` for a planned batch, `p:<hash>` for records that are written later on
  /// their own: names the unit of work in the ledger.
  std::string unit;
  std::uint64_t first_ordinal = 0;
  /// All the records of the range, rejected ones included.
  std::uint64_t records = 0;
  /// BatchRange::content_hash.
  std::string content_hash;
  /// Hex hash of the job's fingerprint; the same for all batches.
  std::string input_hash;
  /// A rehearsal: everything is done but the commit, and nothing is kept, not even in the ledger.
  bool roll_back = false;
  /// Outlives the call of write() and no more.
  const OutputBatch& rows;
};

/// A row that the write stage did not accept.
struct WriteException {
  std::uint64_t ordinal = 0;
  Outcome outcome = Outcome::rejected;
  RecordError error = {};
};

/// What became of the rows of one unit.
struct WriteResult {
  /// Rows as the server reports them; an overtaken record of a merge is none.
  std::uint64_t inserted = 0;
  std::uint64_t updated = 0;
  std::uint64_t unchanged = 0;
  /// In ordinal order.
  std::vector<WriteException> exceptions = {};
  /// The unit had been written before; this is the outcome that the ledger kept.
  bool from_ledger = false;
};

/// What keeps records from being written twice: the ledger, in the transaction of the rows; a key
/// that goes with each request; or nothing.
enum class Delivery { transactional, idempotency_key, none };

/// What a destination promises, and what it asks of the engine.
struct DestinationTraits {
  /// With `none` an ambiguous write fails the batch instead of repeating it.
  Delivery delivery = Delivery::none;
  /// Batches must be written in source order.
  bool ordered = false;
  /// Only one node may write.
  bool single_node = false;
  /// abandon() takes back what was written: a retry of the job writes all of it again.
  bool restarts = false;
};

/// What finishing has to say.
struct FinishResult {
  std::vector<std::string> warnings = {};
};

/// Where records go. One object serves one job on one node; after construction every call may come
/// from any thread, several at once. Errors as with Source; what the destination refuses of single
/// records is a WriteException, never an error.
class Destination {
 public:
  virtual ~Destination() = default;

  /// The same each time, from the construction on; asked before prepare().
  virtual DestinationTraits traits() const = 0;

  /// Makes what is missing (table, ledger) and reads the catalog. Called on every node that works
  /// for the job, before any other call; idempotent.
  virtual PrepareResult prepare(const PrepareRequest& request, ConnectorContext& context) = 0;

  /// Writes one unit, whole or not at all; at least once a batch, from any node. A unit that is in
  /// the ledger is not written again. Throws ledger_conflict when the ledger's unit is of other
  /// records.
  virtual WriteResult write(const WriteRequest& request, ConnectorContext& context) = 0;

  /// How many records the destination holds; nullopt when it cannot or should not be counted
  /// (`allow_expensive` false and the estimate is above ten million).
  virtual std::optional<std::uint64_t> count(bool allow_expensive, ConnectorContext& context) = 0;

  /// Rows written by this job, as the ledger adds them up; nullopt without a ledger.
  virtual std::optional<std::uint64_t> ledger_rows(ConnectorContext& context) = 0;

  /// After the last batch, before the job ends completed. Idempotent.
  virtual FinishResult finish(ConnectorContext& context) = 0;

  /// The job ends without being completed. Idempotent.
  virtual void abandon(ConnectorContext& context) = 0;
};

/// Makes connectors by the `type` of a spec. A value: a program adds its own types to a copy of the
/// defaults. Factories may throw Error. Const calls are thread-safe.
class ConnectorRegistry {
 public:
  /// Makes a source for a job, of a spec whose source has the registered type.
  using SourceFactory = std::function<std::unique_ptr<Source>(const JobSpec&, JobId)>;
  /// Makes a destination for a job, of a spec whose destination has the registered type.
  using DestinationFactory = std::function<std::unique_ptr<Destination>(const JobSpec&, JobId)>;

  /// Registers a type of sources; replaces an earlier one of that type. Not to be called while
  /// another thread makes connectors of this registry.
  void add_source(std::string type, SourceFactory factory);
  /// As add_source().
  void add_destination(std::string type, DestinationFactory factory);

  /// Throws Error(unsupported_connector) for an unknown type.
  std::unique_ptr<Source> make_source(const JobSpec& spec, JobId job_id) const;
  /// As make_source().
  std::unique_ptr<Destination> make_destination(const JobSpec& spec, JobId job_id) const;

  /// The registered types, in alphabetical order; for SpecOptions::custom_sources.
  std::vector<std::string> source_types() const;
  /// As source_types(), for SpecOptions::custom_destinations.
  std::vector<std::string> destination_types() const;

 private:
  std::map<std::string, SourceFactory, std::less<>> sources_;
  std::map<std::string, DestinationFactory, std::less<>> destinations_;
};

/// What the connectors of a registry share.
struct ConnectorOptions {
  /// Connections to one database of a server at a time, over all jobs of the registry and its
  /// copies; who needs one more waits. 0: one for each worker that an engine has by default, and
  /// two.
  std::size_t connections = 0;
};

/// The connectors that this build of Freight has: csv, jsonl, inline, null, and sql with the
/// backends that were built in. In the umbrella library Freight::freight.
ConnectorRegistry default_connectors(const ConnectorOptions& options = {});

}  // namespace freight
