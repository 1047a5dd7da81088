#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "freight/codes.hpp"
#include "freight/connector_spec.hpp"
#include "freight/ids.hpp"
#include "freight/record.hpp"
#include "freight/retry_policy.hpp"
#include "freight/time.hpp"

namespace freight {

/// @addtogroup running
/// @{

/// What a value that breaks its field's rules leads to: the record is rejected; NULL or the mapping
/// entry's default takes its place, with a warning; or the job fails.
enum class OnError : std::uint8_t { reject, null, default_value, fail };

/// What a field's value must be, beyond its type. What is not set lets every value through.
struct FieldConstraints {
  bool required = false;
  /// In code points.
  std::optional<std::uint64_t> min_length;
  std::optional<std::uint64_t> max_length;
  /// Canonical texts of the field's type (see Value), dates and times in ISO form whatever the
  /// field's format. `minimum` is not above `maximum`.
  std::optional<std::string> minimum;
  std::optional<std::string> maximum;
  /// RE2, found anywhere in the text.
  std::optional<std::string> pattern;
  /// Canonical texts like `minimum`; empty when anything goes.
  std::vector<std::string> enumeration;
};

/// One field of the source's records, by the terms of Table Schema.
struct SchemaField {
  std::string name;
  ValueType type = ValueType::string;
  /// How dates and times are written: `%` and letters, `epoch_s` or `epoch_ms`; nullopt: ISO 8601.
  std::optional<std::string> format;
  OnError on_error = OnError::reject;
  FieldConstraints constraints;
  /// The words for true, in place of the usual ones; empty: the usual ones.
  std::vector<std::string> true_values;
  std::vector<std::string> false_values;
  std::string decimal_char = ".";
  /// Between groups of digits; empty: there is none.
  std::string group_char;
};

/// What becomes of fields that the schema does not name.
enum class ExtraColumns : std::uint8_t { ignore, error };
/// What becomes of the schema's fields that a header lacks.
enum class MissingColumns : std::uint8_t { error, null };

/// What the source's records are.
struct SchemaSpec {
  std::vector<SchemaField> fields;
  /// Names of fields.
  std::vector<std::string> primary_key;
  /// Texts that stand for a missing value.
  std::vector<std::string> missing_values{""};
  ExtraColumns extra_columns = ExtraColumns::ignore;
  MissingColumns missing_columns = MissingColumns::error;
  /// Minutes east of UTC for datetimes without a zone.
  std::chrono::minutes timezone{0};
};

/// What a step does to a text. NULL passes through every one of them.
enum class TransformKind : std::uint8_t {
  trim,
  lower,
  upper,
  collapse_whitespace,
  nullify_empty,
  digits_only,
  replace,        ///< `argument`, a text, by `replacement`
  regex_replace,  ///< every match of `argument`, RE2, by `replacement`, with `\\1` for groups
  split,          ///< at `argument`; the part `index`, from the end when negative; NULL without one
  substring,      ///< `length` code points from `index` on, from the end when negative
  truncate,       ///< to `length` code points; a warning when it cut something
  pad_left,       ///< to `length` code points with `argument`, one code point
  parse_date,     ///< a date or datetime in the format `argument`, to ISO 8601
  format_date,    ///< an ISO 8601 date, time or datetime to the format `argument`
  hash,           ///< hex digest; `argument` is `sha256`
  json_pointer,   ///< what `argument`, RFC 6901, points to in JSON text; NULL when there is nothing
};

/// One step; TransformKind says which of the members it uses.
struct Transform {
  TransformKind kind = TransformKind::trim;
  std::string argument = {};
  std::string replacement = {};
  std::int64_t index = 0;
  std::uint64_t length = 0;

  /// Equal when every member is.
  friend bool operator==(const Transform&, const Transform&) = default;
};

/// What a mapping entry may take from the job and the record's place in its source.
enum class SystemColumn : std::uint8_t { job_id, ordinal, line, source, started_at };

/// What one column takes. In this order: origin, transforms, lookup, default, type.
struct MappingEntry {
  /// The column, each once.
  std::string to;
  /// Exactly one of `from`, `constant`, `text_template`, `coalesce` and `system` is set.
  std::optional<std::string> from;
  /// The canonical text of the constant and its type; a JSON null is an empty optional inside.
  std::optional<std::optional<std::string>> constant;
  ValueType constant_type = ValueType::string;
  /// Text with `{field}` in it, `{{` and `}}` for braces; NULL when one of the fields is missing.
  std::optional<std::string> text_template;
  /// Fields, of which the first that is not missing is taken; empty when not used.
  std::vector<std::string> coalesce;
  std::optional<SystemColumn> system;
  std::vector<Transform> transforms;
  /// What texts become, by text; nullopt is NULL. Empty when the entry has no `lookup`.
  std::map<std::string, std::optional<std::string>> lookup;
  /// Tells an empty lookup from none; a text that is not in it takes `default_value`, else the
  /// record is rejected.
  bool has_lookup = false;
  /// In place of what is missing, was nulled or is not in the lookup; canonical text.
  std::optional<std::string> default_value;
  std::optional<ValueType> type;
  std::optional<std::string> format;
};

/// Which records go on; what it drops is `filtered`. A tree: of the first three kinds `operands`
/// are the branches (one for `negation`), of the others `field` is compared with `values` (one, but
/// any number for `in` and `not_in`, and none for `missing`).
struct FilterSpec {
  /// How conditions are combined, or what is asked of a field.
  enum class Kind : std::uint8_t {
    all,
    any,
    negation,
    eq,
    ne,
    in,
    not_in,
    lt,
    le,
    gt,
    ge,
    missing,
    matches,
  };
  Kind kind = Kind::all;
  std::vector<FilterSpec> operands = {};
  std::string field = {};
  /// Texts as the spec has them, numbers with the digits as written; of `lt`, `le`, `gt` and `ge`
  /// on a field of the schema the canonical text of its type (see Value), whatever the field's
  /// format; of `matches` an RE2 pattern.
  std::vector<std::string> values = {};
  /// Whether the field is to be missing (`missing`) or is not to be.
  bool expected = true;
};

/// How much is written at once; see PlanLimits.
struct BatchSpec {
  std::uint64_t max_records = 10'000;
  std::uint64_t max_bytes = 8'388'608;
};

/// How what failed is tried again.
struct RetrySpec {
  ExponentialBackoff::Options backoff;
  /// How long the other side may be away before the job fails.
  std::chrono::seconds max_outage{900};
};

/// What a job does that has more rejects than it may have.
enum class OnLimit : std::uint8_t { fail, pause };

/// How many rejects a job may have, and what is kept of them.
struct ErrorLimits {
  /// More rejects than these stop the job.
  std::optional<std::uint64_t> max_rejects;
  /// The share of the records read, from `min_sample` records on.
  std::optional<double> max_reject_ratio;
  OnLimit on_limit = OnLimit::fail;
  /// How many records it takes to judge a ratio, or that all are rejected.
  std::uint64_t min_sample = 1000;
  /// Go on though every record of the sample was rejected.
  bool allow_all_rejected = false;
  /// Keep the raw texts of rejected records, up to 64 KiB each.
  bool store_raw = true;
  /// Exceptions that are kept with all they have; those beyond are counted by code, as ranges.
  std::uint64_t max_stored = 100'000;
};

/// How the names of a job, its source and its destination are matched beyond exactly: as a header's
/// are, or without regard to case, blanks, `_` and `-`, which must be unique.
enum class NameMatching : std::uint8_t { exact, loose };
/// What becomes of fields that no mapping entry names: nothing, or they go to the columns of their
/// names that no entry fills.
enum class MappingRest : std::uint8_t { none, by_name };
/// `source`: batches are written in the order of the source, whatever the number of workers.
enum class WriteOrder : std::uint8_t { any, source };
/// `validate` takes every stage but the write.
enum class JobMode : std::uint8_t { run, validate };
/// Whether the destination's rows are counted; `automatic`: unless it is estimated very large.
enum class VerifyCounts : std::uint8_t { automatic, always, never };
/// Whether a job of the same identity and input may be run again as a new one.
enum class Rerun : std::uint8_t { refuse, allow };

/// What a job is to do, checked and with every default filled in. A value; made by
/// parse_job_spec().
struct JobSpec {
  std::string name;
  std::string description;
  std::map<std::string, std::string> labels;
  JobMode mode = JobMode::run;
  /// Mode validate also writes each batch, in a transaction that is rolled back.
  bool rehearse = false;
  /// 0 (first) to 9 (last).
  int priority = 5;
  /// Not to be begun before.
  std::optional<Timestamp> run_at;
  SourceSpec source;
  std::optional<SchemaSpec> schema;
  std::optional<FilterSpec> filter;
  /// Empty when the spec has no mapping: fields go to columns of the same name.
  std::vector<MappingEntry> mapping;
  bool has_mapping = false;
  MappingRest mapping_rest = MappingRest::none;
  NameMatching match = NameMatching::exact;
  DestinationSpec destination;
  BatchSpec batch;
  WriteOrder write_order = WriteOrder::any;
  RetrySpec retry;
  ErrorLimits errors;
  VerifyCounts verify_counts = VerifyCounts::automatic;
  /// Nobody else writes to the destination: a count that differs fails the job.
  bool verify_exclusive = false;
  Rerun rerun = Rerun::refuse;
  /// From the start of the job on; after it the job fails.
  std::chrono::seconds timeout{86'400};

  /// The resolved spec as JSON: defaults filled in, paths absolute, passwords and values of the
  /// environment left out (the `${env:NAME}` stands there instead). What storage keeps.
  std::string stored_json;
  /// The same without inline records: what reports and `--json` show.
  std::string display_json;
  /// Hex SHA-256 of the canonical resolved mode, source, schema, filter, mapping and destination.
  std::string identity;
  /// Hex SHA-256 of the canonical schema, filter, mapping and target, without paths; with the
  /// input's fingerprint it says whether the same load was made from elsewhere.
  std::string load_identity;
  /// True when stored_json alone cannot run the job because a secret was left out of it.
  bool needs_secrets = false;
  /// JSON pointers of the texts whose passwords were left out of the very document that this was
  /// made of: such a spec, read from storage, runs only after the passwords were put back.
  std::vector<std::string> missing_secrets;

  /// The source is SpecOptions::standard_input.
  bool reads_standard_input() const;
  /// True when only an engine that was given this very spec (submitted or attached) can work on the
  /// job: its secrets, or its standard input, are nowhere else.
  bool is_bound_to_process() const;
};

/// One thing that is wrong with a spec.
struct SpecError {
  /// RFC 6901; empty for the whole document.
  std::string pointer;
  Code code = Code::invalid_spec;
  std::string detail;
};

/// What a spec is read with.
struct SpecOptions {
  /// What relative paths are relative to.
  std::filesystem::path base_folder = {};
  /// Looks up `${env:NAME}`; without one the placeholder is an error. Only the command line has
  /// one.
  std::function<std::optional<std::string>(const std::string&)> environment = {};
  /// `POINTER=VALUE` pairs that replace parts of the document before it is checked. The value is
  /// JSON when it parses as JSON, else a string.
  std::vector<std::pair<std::string, std::string>> overrides = {};
  /// Takes `upload` in place of a file's path and `connection` in place of a database's URL. The
  /// embedding program's own connectors (ConnectorRegistry) have to resolve them.
  bool references = false;
  /// Types of connectors that the embedding program registered.
  std::vector<std::string> custom_sources = {};
  std::vector<std::string> custom_destinations = {};
  /// Takes "-" as a file's path: this process's standard input, which is read once. The job can
  /// then be worked on by an engine of this process alone; see JobSpec::is_bound_to_process().
  bool standard_input = false;
};

/// A spec, or everything that is wrong with it.
struct SpecResult {
  std::optional<JobSpec> spec;
  std::vector<SpecError> errors;

  /// The spec; throws Error(invalid_spec) with all errors in its message when there is none.
  const JobSpec& value() const;
};

/// Reads and checks a whole spec: every error at once. The text may be up to 64 MiB (inline
/// records) and is nested at most 64 deep. Never throws for what the text holds. Thread-safe.
SpecResult parse_job_spec(std::string_view json, const SpecOptions& options = {});

/// @}

}  // namespace freight
