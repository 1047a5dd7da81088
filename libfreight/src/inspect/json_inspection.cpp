#include <memory>
#include <unordered_map>
#include <utility>

#include "connectors/file/text_encoding.hpp"
#include "connectors/json/object_reader.hpp"
#include "connectors/json_array/array_place.hpp"
#include "connectors/json_array/array_scanner.hpp"
#include "connectors/jsonl/line_scanner.hpp"
#include "freight/error.hpp"
#include "inspect/sampled_columns.hpp"
#include "inspect/table_inspection.hpp"

namespace freight::inspect {
namespace {

/// Takes objects apart and counts what the values of their keys are.
class JsonProfiler {
 public:
  JsonProfiler(Encoding encoding, std::size_t most_keys)
      : encoding_(file::text_encoding(encoding)), most_keys_(most_keys), today_(today_text()) {}

  bool add(std::string_view text) {
    arena_.clear();
    scratch_.clear();
    if (encoding_ != Encoding::utf_8) {
      if (file::valid_prefix(text, encoding_) != text.size()) return false;
      text = file::to_utf8(text, encoding_, arena_);
    }
    if (reader_.read(text, arena_)) return false;
    ++records_;
    mapping::ArenaWriter writer(scratch_);
    for (const json::Member& member : reader_.members()) {
      const auto [place, is_new] = index_.emplace(member.name, columns_.size());
      if (is_new) add_column(place->first);
      columns_[place->second].profile.add(member.value, writer);
      ++seen_[place->second];
    }
    return true;
  }

  std::vector<ProfiledColumn> columns() {
    for (std::size_t index = 0; index < columns_.size(); ++index) {
      if (seen_[index] < records_) columns_[index].profile.add_absent(records_ - seen_[index]);
    }
    return std::move(columns_);
  }

 private:
  void add_column(const std::string& name) {
    if (columns_.size() == most_keys_) {
      throw Error(Code::source_unreadable,
                  "The records have more than " + count_text(most_keys_) + " different keys",
                  {.hint = "Write a job with a mapping that says which of them to take."});
    }
    columns_.push_back({name, name, ColumnProfile(today_)});
    seen_.push_back(0);
  }

  const Encoding encoding_;
  const std::size_t most_keys_;
  const std::string today_;
  json::ObjectReader reader_;
  TextArena arena_;
  TextArena scratch_;
  std::uint64_t records_ = 0;
  std::vector<ProfiledColumn> columns_;
  /// Of each column: in how many records its key was.
  std::vector<std::uint64_t> seen_;
  std::unordered_map<std::string, std::size_t> index_;
};

/// Where and how the records of a file are read.
struct JsonText {
  SamplePlan plan;
  Encoding encoding = Encoding::utf_8;
};

void inspect_objects(const file::InputFile& file, const JsonText& text,
                     const SampleReader::MakeScanner& make_scanner, Inspection& inspection) {
  JsonProfiler profiler(text.encoding, text.plan.limits.columns);
  SampleReader sample(file, text.plan);
  const SampleCount count = sample.run(
      make_scanner,
      [&](const file::ScannedRecord&, std::string_view record) { return profiler.add(record); });
  std::vector<ProfiledColumn> columns = profiler.columns();
  // No field of a schema is without a name.
  std::erase_if(columns, [](const ProfiledColumn& column) { return column.name.empty(); });
  conclude_columns(file, count, columns, inspection);
}

}  // namespace

void inspect_jsonl(const file::InputFile& file, const Head& head, const InspectionLimits& limits,
                   Inspection& inspection) {
  const auto& source = std::get<JsonlSourceSpec>(inspection.source);
  inspect_objects(
      file,
      {.plan = {.begin = head.mark, .max_record_bytes = source.max_record_bytes, .limits = limits},
       .encoding = source.encoding},
      [&](const file::LineStart& start) {
        return std::make_unique<jsonl::LineScanner>(source.max_record_bytes, start);
      },
      inspection);
}

void inspect_json(const file::InputFile& file, const Head& head, const InspectionLimits& limits,
                  Inspection& inspection) {
  const auto& source = std::get<JsonSourceSpec>(inspection.source);
  const json_array::ArrayPlace array = json_array::find_array(
      file, {.offset = head.mark},
      {.pointer = source.records_pointer, .encoding = file::text_encoding(source.encoding)}, {});
  inspect_objects(
      file,
      {.plan = {.begin = array.begin.offset,
                .max_record_bytes = source.max_record_bytes,
                // Within the file nothing tells an element from what is nested in one.
                .beginning_only = true,
                .limits = limits},
       .encoding = source.encoding},
      [&](const file::LineStart& start) {
        return std::make_unique<json_array::ArrayScanner>(array, source.max_record_bytes, start);
      },
      inspection);
}

}  // namespace freight::inspect
