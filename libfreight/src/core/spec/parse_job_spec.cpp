#include <algorithm>
#include <utility>

#include "core/spec/identity.hpp"
#include "core/spec/json_reader.hpp"
#include "core/spec/limits.hpp"
#include "core/spec/overrides.hpp"
#include "core/spec/sections.hpp"
#include "freight/error.hpp"
#include "freight/job_spec.hpp"

namespace freight {
namespace {

using core::spec::Findings;
using core::spec::JsonObject;
using core::spec::JsonStyle;
using core::spec::JsonValue;

/// The document with the overrides in it; null after a syntax error.
std::optional<JsonValue> read_document(std::string_view json, const SpecOptions& options,
                                       Findings& findings) {
  if (json.size() > core::spec::max_document_bytes) {
    findings.add("", Code::value_out_of_range,
                 "the document is larger than 64 MiB; put the records into a file");
    return std::nullopt;
  }
  auto read = core::spec::read_json(json, {}, findings);
  if (!read.value) {
    findings.add("", Code::invalid_json_document, read.syntax_error->detail);
    return std::nullopt;
  }
  for (const auto& [pointer, text] : options.overrides) {
    core::spec::apply_override(*read.value, pointer, text, findings);
  }
  return std::move(read.value);
}

/// Reads every section; gives the resolved document.
JsonObject read_sections(const JsonValue& document, core::spec::SpecReading& reading,
                         JobSpec& spec) {
  const core::spec::Location root;
  core::spec::ObjectReader reader(reading, &document, root, "the spec");
  if (document.object() == nullptr) return {};
  read_job(reader, spec);
  read_source(reader, spec);
  read_schema(reader, spec);
  read_filter(reader, spec);
  read_mapping(reader, spec);
  read_destination(reader, spec);
  read_write_order(reader, spec);
  read_limits(reader, spec);
  read_secrets(reader, spec);
  check_together(reader, spec);
  reader.finish();
  return reader.take_resolved();
}

/// Gives the spec what is made of the resolved document, and the records to whom they belong.
void complete(JobSpec& spec, JsonObject resolved) {
  spec.identity = core::spec::identity_of(resolved);
  spec.load_identity = core::spec::load_identity_of(resolved);
  const JsonValue document{std::move(resolved)};
  append_json(spec.stored_json, document, JsonStyle::complete);
  append_json(spec.display_json, document, JsonStyle::display);
  auto* const inline_source = std::get_if<InlineSourceSpec>(&spec.source);
  if (inline_source == nullptr) return;
  const JsonValue* const source = core::spec::find_member(*document.object(), "source");
  const JsonValue* const records = core::spec::find_member(*source->object(), "records");
  inline_source->records = std::move(*records->records()->texts);
}

}  // namespace

SpecResult parse_job_spec(std::string_view json, const SpecOptions& options) {
  Findings findings;
  core::spec::Environment environment(options.environment, findings);
  core::spec::SpecReading reading{options, findings, environment};
  SpecResult result;
  JobSpec spec;
  JsonObject resolved;
  if (std::optional<JsonValue> document = read_document(json, options, findings)) {
    resolved = read_sections(*document, reading, spec);
  }
  if (findings.empty()) {
    complete(spec, std::move(resolved));
    if (spec.stored_json.size() > core::spec::max_document_bytes) {
      findings.add("", Code::value_out_of_range,
                   "the spec is larger than 64 MiB with its defaults filled in");
    }
  }
  result.errors = findings.take();
  if (result.errors.empty()) result.spec = std::move(spec);
  return result;
}

bool JobSpec::reads_standard_input() const {
  constexpr std::string_view standard_input = "-";
  const auto file = source_file(source);
  return file && file->path == standard_input;
}

bool JobSpec::is_bound_to_process() const { return needs_secrets || reads_standard_input(); }

const JobSpec& SpecResult::value() const {
  if (spec) return *spec;
  std::string message = "The job spec is not valid";
  for (const SpecError& error : errors) {
    message += &error == &errors.front() ? ": " : "; ";
    message += error.pointer.empty() ? "the document" : error.pointer;
    message += " (" + std::string(to_string(error.code)) + ") " + error.detail;
  }
  throw Error(Code::invalid_spec, message, {.hint = "Correct the spec and submit it again."});
}

}  // namespace freight
