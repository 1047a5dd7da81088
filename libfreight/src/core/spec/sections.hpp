#pragma once

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
void read_mapping(ObjectReader& document, JobSpec& spec);
void read_destination(ObjectReader& document, JobSpec& spec);
/// mode, rehearse, name, description, labels, priority, run_at, write_order, rerun, timeout_s.
void read_job(ObjectReader& document, JobSpec& spec);
/// batch, retry, errors, verify.
void read_limits(ObjectReader& document, JobSpec& spec);

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

/// A string, number, boolean or null as text; `absent` after an error or for no value.
struct ScalarText {
  bool absent = true;
  std::optional<std::string> text;
};
ScalarText scalar_text(SpecReading& reading, const JsonValue& value, const Location& location);

/// What is wrong with an RE2 pattern; empty when nothing is.
std::string pattern_problem(const std::string& pattern);

}  // namespace freight::core::spec
