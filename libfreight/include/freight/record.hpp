#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "freight/codes.hpp"

namespace freight {

/// @addtogroup connectors
/// @{

/// The types of the spec; how a canonical text is to be read.
enum class ValueType : std::uint8_t {
  string,
  integer,
  number,
  decimal,
  boolean,
  date,
  time,
  datetime,
  uuid,
  json,
  binary,
};

/// The type's name, as the spec has it.
std::string_view to_string(ValueType type);
/// The type of that name; nullopt when there is none.
std::optional<ValueType> parse_value_type(std::string_view name);

/// Where in a record's way something happened.
enum class Stage : std::uint8_t { parse, filter, map, validate, write };

/// The stage's name, as reports and exports have it.
std::string_view to_string(Stage stage);
/// The stage of that name; nullopt when there is none.
std::optional<Stage> parse_stage(std::string_view name);

/// What became of a record.
enum class Outcome : std::uint8_t { succeeded, rejected, skipped, filtered, pending };

/// The outcome's name, as reports, the log and SQL have it.
std::string_view to_string(Outcome outcome);
/// The outcome of that name; nullopt when there is none.
std::optional<Outcome> parse_outcome(std::string_view name);

/// Why a record was rejected, or (with a warning) what was changed in it. A value, never thrown.
struct RecordError {
  Code code = Code::internal;
  Stage stage = Stage::parse;
  /// The field of the source (parse, validate against the schema) or the column of the destination;
  /// empty when it is of no single one.
  std::string column;
  /// The offending text, cut to 1 KiB; nullopt when there was none.
  std::optional<std::string> value;
  /// What would have been right, as in "an integer" or "at most 20 characters".
  std::string expected;
  std::string message;
  /// What to do about it; empty when there is nothing to say.
  std::string hint;
  /// PostgreSQL's own code; empty for other destinations.
  std::string sqlstate;
  /// The status of a destination that answers with one.
  std::optional<int> http_status;
};

/// A record that did not plainly succeed: a dead letter, a skip, or a success with a warning.
struct RecordException {
  Outcome outcome = Outcome::rejected;
  std::uint64_t ordinal = 0;
  std::uint64_t line = 0;
  std::uint64_t byte_offset = 0;
  std::uint64_t byte_length = 0;
  std::string raw;
  std::vector<RecordError> errors;
  std::string key_values;
};

/// A run of ordinals that all went one exceptional way (filtered), kept as one row.
struct OutcomeRange {
  Outcome outcome = Outcome::filtered;
  std::uint64_t first_ordinal = 0;
  std::uint64_t last_ordinal = 0;
};

/// Memory for texts that belong to a batch: freed at once, never one by one. Not thread-safe.
class TextArena {
 public:
  TextArena() = default;
  /// Texts stay where they are: views into the arena stay valid and belong to the new one.
  TextArena(TextArena&&) noexcept = default;
  /// As the constructor; texts that this arena held are freed.
  TextArena& operator=(TextArena&&) noexcept = default;

  /// `size` bytes that stay where they are until clear(). Never null, even for 0 bytes.
  char* allocate(std::size_t size);
  /// A copy of `text` that lives until clear().
  std::string_view copy(std::string_view text);
  /// Gives the last allocation's unused end back: it was of `allocated` bytes and uses `used`.
  void shrink_last(std::size_t allocated, std::size_t used);
  /// Frees all texts and keeps one block of memory for the next ones.
  void clear();

 private:
  struct Block {
    std::unique_ptr<char[]> bytes;
    std::size_t size = 0;
  };
  std::vector<Block> blocks_;
  std::size_t used_ = 0;  // of the last block
};

/// How a source gave a field, before any type is applied to it.
enum class FieldKind : std::uint8_t {
  absent,    ///< the record has no such field
  null,      ///< an explicit null (JSON)
  unquoted,  ///< text, bare
  quoted,    ///< text within quotes
  string,    ///< typed: text that is a string by the source's own word (JSON, SQL)
  integer,   ///< typed: an integer within 64 bits
  decimal,   ///< typed: any other number, digits as written
  boolean,   ///< typed: `true` or `false`
  json,      ///< typed: an object or array, as JSON text
  binary,    ///< typed: bytes, as `\x` and two lower-case hexadecimal digits a byte
};

/// One field of one source record: a slice of the batch's buffer or arena.
struct SourceField {
  const char* data = nullptr;
  std::uint32_t size = 0;
  FieldKind kind = FieldKind::absent;

  /// The bytes, valid as long as the batch is; of an absent or null field, empty.
  std::string_view text() const { return {data, size}; }
};

/// One record as it was read.
struct SourceRecord {
  /// The position among all records of the source, from 0; bad and filtered ones count.
  std::uint64_t ordinal = 0;
  /// The physical line on which it begins, from 1; 0 where a source has no lines.
  std::uint64_t line = 0;
  /// In bytes of the source as it is, a byte order mark included; the length is without the line
  /// end.
  std::uint64_t byte_offset = 0;
  std::uint64_t byte_length = 0;
  /// The raw bytes, without the line end; cut to the first 64 KiB for a record that was too long to
  /// be held. Empty where a source has no raw form.
  std::string_view raw;
  /// What people call the file that it is of, where a source is of several; else empty.
  std::string_view file = {};
  /// Index into RecordBatch::errors, or -1 when the record was parsed.
  std::int32_t parse_error = -1;
};

/// All the records of one batch range, in order. Owned by one worker at a time; not thread-safe.
/// Every slice points into `buffer` or `arena`.
struct RecordBatch {
  /// The names of the fields, in the order of `fields` within a record. Shared by all batches.
  std::shared_ptr<const std::vector<std::string>> layout;
  /// The bytes of the range, as they were read.
  std::vector<char> buffer;
  TextArena arena;
  std::vector<SourceRecord> records;
  /// Row-major: record i's fields are [i * layout->size(), (i + 1) * layout->size()). A record with
  /// a parse error has absent fields.
  std::vector<SourceField> fields;
  /// The errors of the records that could not be parsed; SourceRecord::parse_error points here.
  std::vector<RecordError> errors;
  /// Fields that single records bring beyond the layout (JSON keys): record index and name.
  std::vector<std::pair<std::uint32_t, std::string>> extra_fields;
  /// The source has no raw texts (SQL): that of a record without a parse error is made of its
  /// fields, as a JSON object, when it is needed.
  bool raw_from_fields = false;

  /// Forgets the records and keeps the memory.
  void clear();
};

/// One value for one column: canonical text, or NULL when `data` is null.
///
/// The canonical texts: integer `-?digits` without leading zeros; decimal as written without `+`,
/// group separators and exponent-free where it was; number as decimal, or with an exponent; boolean
/// `true|false`; date `YYYY-MM-DD`; time `HH:MM:SS[.ffffff]`; datetime
/// `YYYY-MM-DD HH:MM:SS[.ffffff]+00:00` in UTC; uuid in lower case with dashes; json as JSON text;
/// binary `\x` and two lower-case hexadecimal digits a byte.
struct Value {
  const char* data = nullptr;
  std::uint32_t size = 0;
  ValueType type = ValueType::string;

  /// True for SQL NULL, which is not the empty text.
  bool is_null() const { return data == nullptr; }
  /// The canonical text, valid as long as what it points into; empty for NULL.
  std::string_view text() const { return {data, size}; }
};

/// One column that a job fills.
struct OutputColumn {
  std::string name;
  ValueType type = ValueType::string;
  /// True when the type is the spec's word, false when the text is untyped and the destination's
  /// catalog is to type it.
  bool typed = false;
  /// What the source's catalog calls the type, where create_table goes by that; else empty.
  std::string source_type = {};
};

/// Records on their way to a destination. Values point into the RecordBatch they were made of (or
/// its arena), which must outlive this. Not thread-safe.
struct OutputBatch {
  std::vector<OutputColumn> columns;
  /// The ordinal of each row; ascending.
  std::vector<std::uint64_t> ordinals;
  /// Row-major, columns.size() values a row.
  std::vector<Value> values;

  /// How many rows there are.
  std::size_t rows() const { return ordinals.size(); }
  /// The first of the columns.size() values of a row; `index` is below rows().
  const Value* row(std::size_t index) const { return values.data() + index * columns.size(); }
};

/// @}

}  // namespace freight
