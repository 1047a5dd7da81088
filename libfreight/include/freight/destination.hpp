#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "freight/connector_context.hpp"
#include "freight/record.hpp"
#include "freight/time.hpp"

namespace freight {

/// @addtogroup connectors
/// @{

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
  /// How wide an integer column is: 16, 32 or 64.
  std::optional<std::uint32_t> integer_bits = {};
  /// The declared precision of a numeric column: digits in all, and behind the point. A scale below
  /// zero rounds before the point.
  std::optional<std::uint32_t> precision = {};
  std::optional<std::int32_t> scale = {};
  /// The column keeps decimals as binary floats or integers (a binary float itself; SQLite's
  /// NUMERIC, REAL and INTEGER affinities): a job that fills it from a `decimal` field is refused
  /// before the first write, `lossy_column`, and a value that would lose digits is rejected.
  bool lossy_decimal = false;
  /// How wide a binary float is: 32 or 64. A job that fills it from an `integer` field is refused,
  /// too.
  std::optional<std::uint32_t> float_bits = {};
  /// A binary column that takes no text, not even one that says bytes (SQLite's STRICT tables).
  bool binary_only = false;
  /// How many digits of a second's fraction a time or datetime column keeps.
  std::optional<std::uint32_t> fraction_digits = {};
  /// A datetime column that keeps no offset from UTC, and takes one without a word.
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
  /// The columns of the schema's primary key, for create_table.
  std::vector<std::string> primary_key = {};
  /// The columns that may not be NULL, for create_table.
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

/// @}

}  // namespace freight
