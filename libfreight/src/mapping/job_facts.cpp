#include "mapping/job_facts.hpp"

#include <string_view>
#include <variant>

#include "core/spec/findings.hpp"
#include "core/spec/json_reader.hpp"

namespace freight::mapping {
namespace {

/// The path as the spec shows it: placeholders of the environment stand as they were written.
std::string shown_path(const JobSpec& spec, const std::filesystem::path& path) {
  if (!spec.needs_secrets) return path.string();
  core::spec::Findings findings;
  const auto read = core::spec::read_json(spec.display_json, {}, findings);
  if (!read.value || read.value->object() == nullptr) return {};
  const auto* const source = core::spec::find_member(*read.value->object(), "source");
  if (source == nullptr || source->object() == nullptr) return {};
  const auto* const shown = core::spec::find_member(*source->object(), "path");
  return shown != nullptr && shown->string() != nullptr ? *shown->string() : std::string{};
}

struct SourceName {
  const JobSpec& spec;

  std::string operator()(const CsvSourceSpec& csv) const { return shown_path(spec, csv.path); }
  std::string operator()(const JsonlSourceSpec& jsonl) const {
    return shown_path(spec, jsonl.path);
  }
  std::string operator()(const JsonSourceSpec& json) const { return shown_path(spec, json.path); }
  std::string operator()(const SqlSourceSpec& sql) const {
    return sql.table.empty() ? "query" : sql.table;
  }
  std::string operator()(const InlineSourceSpec&) const { return "inline"; }
  std::string operator()(const CustomConnectorSpec& custom) const { return custom.type; }
};

}  // namespace

std::string source_name(const JobSpec& spec) { return std::visit(SourceName{spec}, spec.source); }

}  // namespace freight::mapping
