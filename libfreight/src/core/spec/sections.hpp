#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "core/spec/object_reader.hpp"
#include "freight/job_spec.hpp"

/// The readers of a spec's sections: each takes its key of the document, reports everything that is
/// wrong with it, fills its part of the spec and adds the resolved section to the document's.
namespace freight::core::spec {

void read_source(ObjectReader& document, JobSpec& spec);
void read_schema(ObjectReader& document, JobSpec& spec);
/// After the schema, whose types its comparisons follow.
void read_filter(ObjectReader& document, JobSpec& spec);
void read_mapping(ObjectReader& document, JobSpec& spec);
void read_destination(ObjectReader& document, JobSpec& spec);
/// mode, rehearse, name, description, labels, priority, run_at, rerun, timeout_s.
void read_job(ObjectReader& document, JobSpec& spec);
/// After the destination, which may imply it.
void read_write_order(ObjectReader& document, JobSpec& spec);
/// batch, retry, errors, verify.
void read_limits(ObjectReader& document, JobSpec& spec);
/// secrets_left_out; after the source and the destination.
void read_secrets(ObjectReader& document, JobSpec& spec);
/// What sections that are good by themselves get wrong together.
void check_together(ObjectReader& document, const JobSpec& spec);

SqlSourceSpec read_sql_source(ObjectReader& source);
/// `limit` of any source.
std::optional<std::uint64_t> read_limit(ObjectReader& source);
/// `max_record_bytes` of a source whose records may be of any length.
std::uint64_t read_max_record_bytes(ObjectReader& source);
/// The name that stands in place of the key `in_place_of`, as SpecOptions::references allows it;
/// empty without one.
std::string read_reference(ObjectReader& connector, std::string_view key,
                           std::string_view in_place_of);

/// The object of a connector that the embedding program registered, as it is.
CustomConnectorSpec read_custom_connector(ObjectReader& document, std::string_view section,
                                          const JsonValue& object, std::string type);

struct ConnectorTypes {
  /// "source" or "destination".
  std::string_view kind;
  std::span<const std::string_view> built_in;
  /// Of the contract, but not of this version.
  std::span<const std::string_view> later;
  const std::vector<std::string>& custom;
};
/// Reports a `type` that is none of the types.
void report_no_connector(ObjectReader& object, std::string_view type, const ConnectorTypes& types);

/// The canonical names of the value types, for a key `type`.
extern const std::vector<Choice<ValueType>> value_type_choices;

/// An absolute path: what is relative is relative to SpecOptions::base_folder. `stored` is what the
/// resolved spec says: absolute as well, placeholders kept.
struct AbsolutePath {
  std::string path;
  std::string stored;
};
AbsolutePath absolute_path(const SpecText& text, const SpecOptions& options);
/// Reads `path` of a file; empty after an error.
std::filesystem::path read_path(ObjectReader& connector, const TextRule& rule);

/// A string, number, boolean or null as text; `absent` after an error or for no value.
struct ScalarText {
  bool absent = true;
  std::optional<std::string> text;
};
ScalarText scalar_text(SpecReading& reading, const JsonValue& value, const Location& location);

/// The same as a value of the type that JSON gives it, with the canonical text of that type.
struct TypedScalar {
  bool absent = true;
  std::optional<std::string> text;
  ValueType type = ValueType::string;
};
TypedScalar typed_scalar(SpecReading& reading, const JsonValue& value, const Location& location);

/// What is wrong with an RE2 pattern; empty when nothing is.
std::string pattern_problem(const std::string& pattern);
/// Reports a pattern that is none at a place. Not quoted when it comes from the environment.
void check_pattern(SpecReading& reading, const SpecText& pattern, const Location& location);
/// What is wrong with what replaces the matches of a good pattern; empty when nothing is.
std::string replacement_problem(const std::string& pattern, const std::string& replacement);

}  // namespace freight::core::spec
