#include <algorithm>
#include <array>
#include <utility>

#include "core/spec/dialect_rules.hpp"
#include "core/spec/encodings.hpp"
#include "core/spec/pointer_rule.hpp"
#include "core/spec/sections.hpp"

namespace freight::core::spec {
namespace {

constexpr std::array<Choice<Compression>, 5> compressions{{{"auto", Compression::automatic},
                                                           {"none", Compression::none},
                                                           {"gzip", Compression::gzip},
                                                           {"zstd", Compression::zstd},
                                                           {"zip", Compression::zip}}};

constexpr std::string_view standard_input = "-";

/// Several paths; what is wrong with one is reported at its place.
std::vector<std::filesystem::path> read_source_paths(ObjectReader& source,
                                                     const JsonArray& written) {
  if (written.empty() || written.size() > max_paths) {
    source.report("path", Code::value_out_of_range,
                  "must name 1 to " + std::to_string(max_paths) + " paths, not " +
                      std::to_string(written.size()));
    return {};
  }
  std::vector<std::filesystem::path> paths;
  JsonArray resolved;
  const Location here = source.at("path");
  for (std::size_t index = 0; index < written.size(); ++index) {
    const Location place = here.index(index);
    const auto text = source.text_at(written[index], place, {.max_bytes = max_path_bytes});
    if (!text) continue;
    if (text->value == standard_input) {
      source.reading().findings.add(place, Code::invalid_value,
                                    "is standard input, which is read alone; a file of that name "
                                    "is \"./-\"");
      continue;
    }
    AbsolutePath absolute = absolute_path(*text, source.reading().options);
    paths.emplace_back(std::move(absolute.path));
    resolved.push_back(JsonValue{std::move(absolute.stored)});
  }
  source.add("path", JsonValue{std::move(resolved)});
  return paths;
}

/// A file's path, or "-" for standard input where that may be read.
std::filesystem::path read_source_path(ObjectReader& source, bool required) {
  const TextRule rule{.required = required, .max_bytes = max_path_bytes};
  const JsonValue* const value = source.find_unless_null("path");
  if (value == nullptr || value->string() == nullptr || *value->string() != standard_input) {
    return read_path(source, rule);
  }
  const auto text = source.text("path", rule);
  if (!source.reading().options.standard_input) {
    source.report("path", Code::invalid_value,
                  "is standard input, which only the command line reads; a file of that name is "
                  "\"./-\"");
  }
  source.add("path", JsonValue{text->written});
  return std::filesystem::path(standard_input);
}

/// What the files of all types have: path, compression, encoding, limit, max_record_bytes.
template <typename FileSourceSpec>
FileSourceSpec read_file(ObjectReader& source) {
  FileSourceSpec spec;
  spec.upload = read_reference(source, "upload", "path");
  const bool uploaded = source.find_unless_null("upload") != nullptr;
  const JsonValue* const path = source.find_unless_null("path");
  if (path != nullptr && path->array() != nullptr) {
    spec.paths = read_source_paths(source, *path->array());
  } else {
    spec.path = read_source_path(source, !uploaded);
  }
  spec.compression =
      source.choice<Compression>("compression", compressions, Compression::automatic);
  spec.encoding = source.choice<Encoding>("encoding", encodings, Encoding::utf_8);
  spec.limit = read_limit(source);
  spec.max_record_bytes = read_max_record_bytes(source);
  return spec;
}

CsvSourceSpec read_csv(ObjectReader& source) {
  auto spec = read_file<CsvSourceSpec>(source);
  spec.dialect = read_dialect(source);
  constexpr std::array<std::string_view, 1> inline_keys{"records"};
  source.finish(inline_keys, "only type \"inline\" has it");
  return spec;
}

JsonlSourceSpec read_jsonl(ObjectReader& source) {
  auto spec = read_file<JsonlSourceSpec>(source);
  constexpr std::array<std::string_view, 1> csv_keys{"dialect"};
  source.finish(csv_keys, "only type \"csv\" has it");
  return spec;
}

JsonSourceSpec read_json_array(ObjectReader& source) {
  auto spec = read_file<JsonSourceSpec>(source);
  const auto pointer =
      source.text("records_pointer", {.min_bytes = 0, .max_bytes = max_path_bytes});
  if (pointer) {
    if (is_json_pointer(pointer->value)) {
      spec.records_pointer = pointer->value;
    } else {
      source.report("records_pointer", Code::invalid_value,
                    "must be a JSON pointer such as \"/data/items\", or \"\" for the whole text; "
                    "in a name ~ is written ~0 and / is written ~1");
    }
  }
  source.add("records_pointer", JsonValue{pointer ? pointer->written : std::string()});
  constexpr std::array<std::string_view, 1> csv_keys{"dialect"};
  source.finish(csv_keys, "only type \"csv\" has it");
  return spec;
}

void check_records(ObjectReader& source, const std::vector<std::string>& records) {
  const Location here = source.at("records");
  for (std::size_t index = 0; index < records.size(); ++index) {
    if (records[index].starts_with('{')) continue;
    source.reading().findings.add(here.index(index), Code::wrong_type,
                                  "must be an object: {\"field\": value, …}");
  }
}

/// The texts stay with the resolved document until it is written; parse_job_spec() moves them.
InlineSourceSpec read_inline(ObjectReader& source) {
  InlineSourceSpec spec;
  const JsonValue* const records = source.find("records");
  if (records == nullptr) {
    source.report_missing("records");
  } else if (records->records() == nullptr) {
    source.report_kind("records", "an array of objects", *records);
  } else {
    check_records(source, *records->records()->texts);
    source.add("records", *records);
  }
  spec.limit = read_limit(source);
  constexpr std::array<std::string_view, 7> file_keys{
      "path",    "upload",           "compression",    "encoding",
      "dialect", "max_record_bytes", "records_pointer"};
  source.finish(file_keys, "only a file has it");
  return spec;
}

/// The source of a type that is built in; nullopt for another type.
std::optional<SourceSpec> read_built_in(ObjectReader& source, std::string_view type) {
  if (type == "csv") return read_csv(source);
  if (type == "jsonl") return read_jsonl(source);
  if (type == "json") return read_json_array(source);
  if (type == "sql") return read_sql_source(source);
  if (type == "inline") return read_inline(source);
  return std::nullopt;
}

}  // namespace

std::string read_reference(ObjectReader& connector, std::string_view key,
                           std::string_view in_place_of) {
  constexpr std::size_t longest = 200;
  if (!connector.reading().options.references) {
    connector.unsupported(key, "a string");
    return {};
  }
  if (connector.find_unless_null(key) == nullptr) return {};
  auto name = connector.text(key, {.max_bytes = longest});
  if (connector.find_unless_null(in_place_of) != nullptr) {
    connector.report(key, Code::invalid_value,
                     "stands in place of '" + std::string(in_place_of) + "': give one of them");
  }
  if (!name) return {};
  connector.add(key, JsonValue{name->written});
  return std::move(name->value);
}

std::optional<std::uint64_t> read_limit(ObjectReader& source) {
  return source.optional_whole_number("limit", {.minimum = 1});
}

std::uint64_t read_max_record_bytes(ObjectReader& source) {
  return source.whole_number(
      "max_record_bytes",
      {.fallback = CsvSourceSpec().max_record_bytes, .minimum = 1, .maximum = max_bytes_setting});
}

void read_source(ObjectReader& document, JobSpec& spec) {
  const JsonValue* const value = document.find("source");
  if (value == nullptr) return document.report_missing("source");
  const Location here = document.at("source");
  ObjectReader source(document.reading(), value, here, "the source");
  const auto type = source.text("type", {.required = true});
  if (!type) return;
  const std::vector<std::string>& custom = document.reading().options.custom_sources;
  constexpr std::array<std::string_view, 5> built_in{"csv", "jsonl", "json", "inline", "sql"};
  if (std::find(built_in.begin(), built_in.end(), type->value) != built_in.end()) {
    source.add("type", JsonValue{type->written});
    spec.source = *read_built_in(source, type->value);
    document.add("source", JsonValue{source.take_resolved()});
  } else if (std::find(custom.begin(), custom.end(), type->value) != custom.end()) {
    spec.source = read_custom_connector(document, "source", *value, type->value);
  } else {
    constexpr std::array<std::string_view, 1> later{"http"};
    report_no_connector(source, type->written, {"source", built_in, later, custom});
  }
}

}  // namespace freight::core::spec
