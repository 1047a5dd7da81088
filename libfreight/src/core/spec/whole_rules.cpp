#include <algorithm>
#include <variant>

#include "core/spec/sections.hpp"

namespace freight::core::spec {
namespace {

std::filesystem::path file_of(const DestinationSpec& destination) {
  if (const auto* const csv = std::get_if<CsvDestinationSpec>(&destination)) return csv->path;
  if (const auto* const jsonl = std::get_if<JsonlDestinationSpec>(&destination)) return jsonl->path;
  return {};
}

void check_files(ObjectReader& document, const JobSpec& spec) {
  const std::filesystem::path file = file_of(spec.destination);
  const auto source = source_file(spec.source);
  if (file.empty() || !source) return;
  const auto named = source->named();
  if (std::find(named.begin(), named.end(), file) == named.end()) return;
  const Location destination = document.at("destination");
  document.reading().findings.add(destination.key("path"), Code::invalid_value,
                                  "is the source's own file; write to another one");
}

void check_rehearsal(ObjectReader& document, const JobSpec& spec) {
  if (!spec.rehearse) return;
  if (spec.mode != JobMode::validate) {
    document.report("rehearse", Code::invalid_value, "is only of use with mode \"validate\"");
  }
  const bool can_roll_back = std::holds_alternative<SqlDestinationSpec>(spec.destination) ||
                             std::holds_alternative<CustomConnectorSpec>(spec.destination);
  if (can_roll_back) return;
  document.report("rehearse", Code::invalid_value,
                  "needs a destination that can take back what was written, such as type \"sql\"");
}

void check_matching(ObjectReader& document, const JobSpec& spec) {
  const auto* const csv = std::get_if<CsvSourceSpec>(&spec.source);
  if (spec.match != NameMatching::loose || csv == nullptr) return;
  if (!csv->dialect.case_sensitive_header) return;
  document.report(
      "match", Code::invalid_value,
      "\"loose\" does not go with caseSensitiveHeader in source.dialect: leave out one");
}

}  // namespace

void check_together(ObjectReader& document, const JobSpec& spec) {
  check_files(document, spec);
  check_rehearsal(document, spec);
  check_matching(document, spec);
}

}  // namespace freight::core::spec
