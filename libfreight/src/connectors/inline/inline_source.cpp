#include "connectors/inline/inline_source.hpp"

#include <algorithm>
#include <charconv>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "connectors/cancellation.hpp"
#include "connectors/json/object_reader.hpp"
#include "core/hash.hpp"
#include "core/utf8.hpp"
#include "freight/error.hpp"

namespace freight::connectors {
namespace {

constexpr std::size_t most_value_bytes = 1024;

/// Position texts: `1 <index of the next record>`.
constexpr std::string_view position_prefix = "1 ";

/// Texts one after the other, each after its length, so that no two lists give the same bytes.
void add_to(core::ContentHash& hash, std::string_view record) {
  hash.update(std::to_string(record.size()) + ":");
  hash.update(record);
}

class InlineSource final : public Source {
 public:
  explicit InlineSource(const JobSpec& spec)
      : records_(std::get<InlineSourceSpec>(spec.source).records) {
    const auto& limit = std::get<InlineSourceSpec>(spec.source).limit;
    if (limit && *limit < records_.size()) records_.resize(static_cast<std::size_t>(*limit));
    collect_names();
  }

  SourceDescription describe(ConnectorContext&) override {
    SourceDescription description{.fields = *layout_, .open_fields = true, .typed = true};
    description.bytes_total = 0;
    for (const std::string& record : records_) *description.bytes_total += record.size();
    description.records_total = records_.size();
    return description;
  }

  std::string fingerprint(ConnectorContext&) override {
    std::string content;
    for (const std::string& record : records_) {
      content += std::to_string(record.size()) + ":" + record;
    }
    return "inline/1 " + core::sha256_hex(content);
  }

  PlanChunk plan(std::string_view position, const PlanLimits& limits,
                 ConnectorContext& context) override {
    std::size_t next = index_of(position);
    PlanChunk chunk;
    while (next < records_.size() && chunk.ranges.size() < limits.max_ranges) {
      throw_if_cancelled(context.stop);
      chunk.ranges.push_back(cut(next, limits));
      next += static_cast<std::size_t>(chunk.ranges.back().records);
    }
    chunk.done = next == records_.size();
    chunk.position = std::string(position_prefix) + std::to_string(next);
    return chunk;
  }

  void read(const BatchRange& range, RecordBatch& batch, ConnectorContext& context) override {
    throw_if_cancelled(context.stop);
    if (range.first_ordinal > records_.size() ||
        range.records > records_.size() - range.first_ordinal) {
      fail_changed(range);
    }
    const auto first = static_cast<std::size_t>(range.first_ordinal);
    const auto count = static_cast<std::size_t>(range.records);
    if (hash_of(first, count) != range.content_hash) fail_changed(range);
    batch.layout = layout_;
    batch.records.reserve(count);
    batch.fields.resize(count * layout_->size());
    json::ObjectReader reader;
    for (std::size_t index = 0; index < count; ++index) add(first + index, reader, batch);
  }

  std::optional<std::uint64_t> count(ConnectorContext&) override { return records_.size(); }

 private:
  void collect_names() {
    std::vector<std::string> names;
    json::ObjectReader reader;
    TextArena arena;
    for (const std::string& record : records_) {
      arena.clear();
      if (reader.read(record, arena)) continue;  // Said of the record when it is read.
      for (const json::Member& member : reader.members()) {
        const auto [place, is_new] = column_of_.emplace(member.name, names.size());
        if (is_new) names.push_back(place->first);
      }
    }
    layout_ = std::make_shared<const std::vector<std::string>>(std::move(names));
  }

  static std::size_t index_of(std::string_view position) {
    if (position.empty()) return 0;
    std::size_t version = 0;
    std::size_t index = 0;
    const char* const end = position.data() + position.size();
    const auto after_version = std::from_chars(position.data(), end, version);
    if (after_version.ec == std::errc() && version > 1) {
      throw Error(Code::newer_format, "The plan's position was written by a newer Freight",
                  {.hint = "Go on with the Freight that began the job."});
    }
    if (!position.starts_with(position_prefix) ||
        std::from_chars(position.data() + position_prefix.size(), end, index).ptr != end) {
      throw Error(Code::internal, "The plan's position is not one of an inline source");
    }
    return index;
  }

  BatchRange cut(std::size_t first, const PlanLimits& limits) const {
    std::uint64_t bytes = 0;
    std::size_t count = 0;
    while (first + count < records_.size()) {
      bytes += records_[first + count].size();
      if (count != 0 && (count >= limits.max_records || bytes > limits.max_bytes)) break;
      ++count;
    }
    return {.first_ordinal = first, .records = count, .content_hash = hash_of(first, count)};
  }

  std::string hash_of(std::size_t first, std::size_t count) const {
    core::ContentHash hash;
    for (std::size_t index = first; index < first + count; ++index) add_to(hash, records_[index]);
    return hash.hex();
  }

  void add(std::size_t ordinal, json::ObjectReader& reader, RecordBatch& batch) const {
    const std::size_t columns = layout_->size();
    SourceField* const fields = batch.fields.data() + batch.records.size() * columns;
    const std::string_view raw = batch.arena.copy(records_[ordinal]);
    SourceRecord record{.ordinal = ordinal, .byte_length = raw.size(), .raw = raw};
    if (const auto fault = reader.read(raw, batch.arena)) {
      record.parse_error = static_cast<std::int32_t>(batch.errors.size());
      batch.errors.push_back(error_of(*fault, raw));
    } else {
      // In their order, so that the last of a name wins.
      for (const json::Member& member : reader.members()) {
        fields[column_of_.find(member.name)->second] = member.value;
      }
    }
    batch.records.push_back(record);
  }

  static RecordError error_of(const json::Fault& fault, std::string_view raw) {
    return {.code = fault.code,
            .stage = Stage::parse,
            .value = std::string(core::cut_utf8(raw, most_value_bytes)),
            .expected = "a JSON object",
            .message = "At byte " + std::to_string(fault.offset) + " of the record " +
                       std::string(fault.reason)};
  }

  [[noreturn]] static void fail_changed(const BatchRange& range) {
    throw Error(Code::source_changed, "The records from ordinal " +
                                          std::to_string(range.first_ordinal) +
                                          " on are not those that were planned");
  }

  /// Finds by a slice of another text without making a string of it.
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };

  std::vector<std::string> records_;
  std::shared_ptr<const std::vector<std::string>> layout_;
  std::unordered_map<std::string, std::size_t, Hash, std::equal_to<>> column_of_;
};

}  // namespace

std::unique_ptr<Source> make_inline_source(const JobSpec& spec, JobId) {
  return std::make_unique<InlineSource>(spec);
}

}  // namespace freight::connectors
