#include "connectors/inline/inline_source.hpp"

#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "connectors/cancellation.hpp"
#include "connectors/json/object_reader.hpp"
#include "connectors/json/record_layout.hpp"
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
      : records_(std::get<InlineSourceSpec>(spec.source).records),
        minds_extra_fields_(json::minds_extra_fields(spec)) {
    const auto& limit = std::get<InlineSourceSpec>(spec.source).limit;
    if (limit && *limit < records_.size()) records_.resize(static_cast<std::size_t>(*limit));
    layout_.emplace(collect_names(), minds_extra_fields_);
  }

  SourceDescription describe(ConnectorContext&) override {
    SourceDescription description{.fields = *layout_->names(), .open_fields = true, .typed = true};
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

  void use_fields(std::vector<std::string> fields) override {
    layout_.emplace(std::move(fields), minds_extra_fields_);
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
    lay_out(batch, count);
    json::ObjectReader reader;
    for (std::size_t index = first; index < first + count; ++index) {
      const std::string_view raw = batch.arena.copy(records_[index]);
      add({.ordinal = index, .byte_length = raw.size(), .raw = raw}, reader, batch);
    }
  }

  void decode(std::span<const RawRecord> records, RecordBatch& batch,
              ConnectorContext& context) override {
    lay_out(batch, records.size());
    json::ObjectReader reader;
    for (const RawRecord& record : records) {
      throw_if_cancelled(context.stop);
      const std::string_view raw = batch.arena.copy(record.raw);
      add({.ordinal = record.ordinal,
           .line = record.line,
           .byte_offset = record.byte_offset,
           .byte_length = raw.size(),
           .raw = raw},
          reader, batch);
    }
  }

  std::optional<std::uint64_t> count(ConnectorContext&) override { return records_.size(); }

  bool in_memory() const override { return true; }

 private:
  std::vector<std::string> collect_names() const {
    std::vector<std::string> names;
    std::unordered_set<std::string> known;
    json::ObjectReader reader;
    TextArena arena;
    for (const std::string& record : records_) {
      arena.clear();
      if (reader.read(record, arena)) continue;  // Said of the record when it is read.
      for (const json::Member& member : reader.members()) {
        const auto [name, is_new] = known.emplace(member.name);
        if (is_new) names.push_back(*name);
      }
    }
    return names;
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

  void lay_out(RecordBatch& batch, std::size_t count) const {
    batch.layout = layout_->names();
    batch.records.reserve(count);
    batch.fields.resize(count * batch.layout->size());
  }

  void add(SourceRecord record, json::ObjectReader& reader, RecordBatch& batch) const {
    if (const auto fault = reader.read(record.raw, batch.arena)) {
      record.parse_error = static_cast<std::int32_t>(batch.errors.size());
      batch.errors.push_back(error_of(*fault, record.raw));
    } else {
      layout_->place(reader.members(), batch.records.size(), batch);
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

  std::vector<std::string> records_;
  const bool minds_extra_fields_;
  std::optional<json::RecordLayout> layout_;
};

}  // namespace

std::unique_ptr<Source> make_inline_source(const ConnectorRequest& request) {
  return std::make_unique<InlineSource>(request.spec);
}

}  // namespace freight::connectors
