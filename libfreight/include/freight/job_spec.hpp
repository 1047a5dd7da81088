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
#include <variant>
#include <vector>

#include "freight/codes.hpp"
#include "freight/record.hpp"
#include "freight/retry_policy.hpp"

namespace freight {

struct CsvDialect {
  char delimiter = ',';
  std::optional<char> quote_char = '"';
  bool double_quote = true;
  std::optional<char> escape_char;
  bool header = true;
  std::optional<std::vector<std::string>> header_names;
  std::uint64_t skip_rows = 0;
  std::optional<char> comment_char;
  bool skip_initial_space = false;
  bool case_sensitive_header = false;
};

struct CsvSourceSpec {
  /// Absolute.
  std::filesystem::path path;
  CsvDialect dialect;
  std::uint64_t max_record_bytes = 8'388'608;
  std::optional<std::uint64_t> limit;
};

struct InlineSourceSpec {
  /// Each record as the JSON text of its object, numbers with the digits as written.
  std::vector<std::string> records;
  std::optional<std::uint64_t> limit;
};

/// A source of the embedding program: its registered type, and its object of the spec as JSON text.
struct CustomConnectorSpec {
  std::string type;
  std::string options;
};

using SourceSpec = std::variant<CsvSourceSpec, InlineSourceSpec, CustomConnectorSpec>;

enum class OnError : std::uint8_t { reject, null, default_value, fail };

struct FieldConstraints {
  bool required = false;
  std::optional<std::uint64_t> min_length;
  std::optional<std::uint64_t> max_length;
  /// Canonical texts of the field's type (see Value), dates and times in ISO form whatever the
  /// field's format. `minimum` is not above `maximum`.
  std::optional<std::string> minimum;
  std::optional<std::string> maximum;
  std::optional<std::string> pattern;
  /// Canonical texts like `minimum`; empty when anything goes.
  std::vector<std::string> enumeration;
};

struct SchemaField {
  std::string name;
  ValueType type = ValueType::string;
  std::optional<std::string> format;
  OnError on_error = OnError::reject;
  FieldConstraints constraints;
  std::vector<std::string> true_values;
  std::vector<std::string> false_values;
  std::string decimal_char = ".";
  std::string group_char;
};

enum class ExtraColumns : std::uint8_t { ignore, error };
enum class MissingColumns : std::uint8_t { error, null };

struct SchemaSpec {
  std::vector<SchemaField> fields;
  std::vector<std::string> primary_key;
  std::vector<std::string> missing_values{""};
  ExtraColumns extra_columns = ExtraColumns::ignore;
  MissingColumns missing_columns = MissingColumns::error;
  /// Minutes east of UTC for datetimes without a zone.
  std::chrono::minutes timezone{0};
};

enum class Transform : std::uint8_t { trim, lower, upper };

struct MappingEntry {
  std::string to;
  /// Exactly one of `from` and `constant` is set.
  std::optional<std::string> from;
  /// The canonical text of the constant and its type; a JSON null is an empty optional inside.
  std::optional<std::optional<std::string>> constant;
  ValueType constant_type = ValueType::string;
  std::vector<Transform> transforms;
  /// Empty when the entry has no `lookup`.
  std::map<std::string, std::optional<std::string>> lookup;
  bool has_lookup = false;
  std::optional<std::string> default_value;
  std::optional<ValueType> type;
  std::optional<std::string> format;
};

enum class Conflict : std::uint8_t { reject };

struct SqlDestinationSpec {
  /// `sqlite:<absolute path>` or `postgresql://…`; may hold a password: never print it.
  std::string url;
  /// As written: `table` or `schema.table`.
  std::string table;
  Conflict on_conflict = Conflict::reject;
  bool create_table = false;
  /// The ledger table; nullopt for `"none"`.
  std::optional<std::string> ledger = "freight_ledger";
  bool sync_sequences = true;
};

struct NullDestinationSpec {};

using DestinationSpec = std::variant<SqlDestinationSpec, NullDestinationSpec, CustomConnectorSpec>;

struct BatchSpec {
  std::uint64_t max_records = 10'000;
  std::uint64_t max_bytes = 8'388'608;
};

struct RetrySpec {
  ExponentialBackoff::Options backoff;
  std::chrono::seconds max_outage{900};
};

struct ErrorLimits {
  std::uint64_t min_sample = 1000;
  bool allow_all_rejected = false;
  bool store_raw = true;
};

enum class JobMode : std::uint8_t { run, validate };
enum class VerifyCounts : std::uint8_t { automatic, always, never };
enum class Rerun : std::uint8_t { refuse, allow };

/// What a job is to do, checked and with every default filled in. A value; made by
/// parse_job_spec().
struct JobSpec {
  std::string name;
  std::string description;
  std::map<std::string, std::string> labels;
  JobMode mode = JobMode::run;
  /// 0 (first) to 9 (last).
  int priority = 5;
  SourceSpec source;
  std::optional<SchemaSpec> schema;
  /// Empty when the spec has no mapping: fields go to columns of the same name.
  std::vector<MappingEntry> mapping;
  bool has_mapping = false;
  DestinationSpec destination;
  BatchSpec batch;
  RetrySpec retry;
  ErrorLimits errors;
  VerifyCounts verify_counts = VerifyCounts::automatic;
  bool verify_exclusive = false;
  Rerun rerun = Rerun::refuse;

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
};

/// One thing that is wrong with a spec.
struct SpecError {
  /// RFC 6901; empty for the whole document.
  std::string pointer;
  Code code = Code::invalid_spec;
  std::string detail;
};

struct SpecOptions {
  /// What relative paths are relative to.
  std::filesystem::path base_folder;
  /// Looks up `${env:NAME}`; without one the placeholder is an error. Only the command line has
  /// one.
  std::function<std::optional<std::string>(const std::string&)> environment;
  /// `POINTER=VALUE` pairs that replace parts of the document before it is checked. The value is
  /// JSON when it parses as JSON, else a string.
  std::vector<std::pair<std::string, std::string>> overrides;
  /// Types of connectors that the embedding program registered.
  std::vector<std::string> custom_sources;
  std::vector<std::string> custom_destinations;
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

}  // namespace freight
