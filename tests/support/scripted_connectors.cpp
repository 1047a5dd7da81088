#include "support/scripted_connectors.hpp"

#include <algorithm>
#include <chrono>
#include <string_view>
#include <utility>

namespace freight::testing {
namespace {

class ScriptedSource final : public Source {
 public:
  explicit ScriptedSource(std::shared_ptr<Script> script)
      : script_(std::move(script)),
        layout_(std::make_shared<const std::vector<std::string>>(
            std::vector<std::string>{"id", "name"})) {}

  SourceDescription describe(ConnectorContext& context) override {
    if (script_->on_describe) script_->on_describe(context);
    SourceDescription description;
    description.fields = *layout_;
    description.open_fields = script_->open_fields;
    description.records_total = script_->records;
    return description;
  }

  void use_fields(std::vector<std::string> fields) override {
    layout_ = std::make_shared<const std::vector<std::string>>(std::move(fields));
  }

  std::string fingerprint(ConnectorContext&) override { return script_->fingerprint; }

  PlanChunk plan(std::string_view position, const PlanLimits& limits,
                 ConnectorContext& context) override {
    if (script_->on_plan) script_->on_plan(context);
    std::uint64_t next = position.empty() ? 0 : std::stoull(std::string(position));
    PlanChunk chunk;
    while (next < script_->records && chunk.ranges.size() < limits.max_ranges) {
      const auto records = std::min(limits.max_records, script_->records - next);
      BatchRange range;
      range.first_ordinal = next;
      range.records = records;
      range.byte_offset = next * 10;
      range.byte_length = records * 10;
      range.first_line = next + 1;
      range.content_hash = "hash of " + std::to_string(next);
      chunk.ranges.push_back(std::move(range));
      next += records;
    }
    chunk.position = std::to_string(next);
    chunk.done = next == script_->records;
    return chunk;
  }

  void read(const BatchRange& range, RecordBatch& batch, ConnectorContext& context) override {
    if (script_->on_read) script_->on_read(range, context);
    batch.layout = layout_;
    for (std::uint64_t index = 0; index < range.records; ++index) {
      const auto ordinal = range.first_ordinal + index;
      SourceRecord record;
      record.ordinal = ordinal;
      record.line = ordinal + 1;
      record.byte_offset = ordinal * 10;
      record.byte_length = 10;
      const auto number = std::to_string(ordinal);
      record.raw = batch.arena.copy(number + ",name");
      batch.records.push_back(record);
      for (const auto& field : *layout_) {
        if (field == "id") {
          add_field(batch, script_->id_text.empty() ? number : script_->id_text);
        } else if (field == "name") {
          add_field(batch, "name " + number);
        } else {
          batch.fields.emplace_back();
        }
      }
    }
    if (script_->after_read) script_->after_read(batch);
  }

  std::optional<std::uint64_t> count(ConnectorContext&) override { return script_->records; }

 private:
  static void add_field(RecordBatch& batch, const std::string& text) {
    const auto kept = batch.arena.copy(text);
    batch.fields.push_back(
        {kept.data(), static_cast<std::uint32_t>(kept.size()), FieldKind::unquoted});
  }

  std::shared_ptr<Script> script_;
  std::shared_ptr<const std::vector<std::string>> layout_;
};

class ScriptedDestination final : public Destination {
 public:
  explicit ScriptedDestination(std::shared_ptr<Script> script) : script_(std::move(script)) {}

  DestinationTraits traits() const override {
    return {.delivery = script_->delivery, .ordered = script_->ordered};
  }

  PrepareResult prepare(const PrepareRequest&, ConnectorContext& context) override {
    if (script_->on_prepare) script_->on_prepare(context);
    PrepareResult result;
    result.catalog.columns = script_->columns;
    result.catalog.open_columns = script_->columns.empty();
    return result;
  }

  WriteResult write(const WriteRequest& request, ConnectorContext& context) override {
    if (script_->on_write) script_->on_write(request, context);
    if (script_->heeds_deadline && std::chrono::steady_clock::now() >= context.deadline()) {
      throw Error(Code::lease_lost, "too late for the lease");
    }
    WriteResult result;
    {
      const std::lock_guard lock(script_->mutex);
      script_->written_columns = request.rows.columns;
      if (request.roll_back) {
        ++script_->rehearsals;
        return {.inserted = request.rows.rows()};
      }
      const auto known = script_->ledger.find(request.unit);
      if (script_->has_ledger && known != script_->ledger.end()) {
        result = known->second;
        result.from_ledger = true;
        return result;
      }
      for (const auto ordinal : request.rows.ordinals) ++script_->arrivals[ordinal];
      result.inserted = request.rows.rows();
      script_->ledger[request.unit] = result;
      script_->order.push_back(request.unit);
    }
    if (script_->after_write) script_->after_write(request, result);
    return result;
  }

  std::optional<std::uint64_t> count(bool, ConnectorContext&) override {
    const auto written = script_->written();
    return written == 0 ? 0 : written + script_->count_error;
  }

  std::optional<std::uint64_t> ledger_rows(ConnectorContext&) override {
    if (!script_->has_ledger) return std::nullopt;
    return script_->written() + script_->ledger_error;
  }

  FinishResult finish(ConnectorContext& context) override {
    if (script_->on_finish) script_->on_finish(context);
    return {};
  }

  void abandon(ConnectorContext&) override {
    const std::lock_guard lock(script_->mutex);
    ++script_->abandons;
  }

 private:
  std::shared_ptr<Script> script_;
};

}  // namespace

std::uint64_t Script::written() const {
  const std::lock_guard lock(mutex);
  std::uint64_t rows = 0;
  for (const auto& [ordinal, times] : arrivals) rows += times;
  return rows;
}

std::uint64_t Script::repeated() const {
  const std::lock_guard lock(mutex);
  return static_cast<std::uint64_t>(std::count_if(
      arrivals.begin(), arrivals.end(), [](const auto& arrival) { return arrival.second > 1; }));
}

std::uint64_t Script::abandoned() const {
  const std::lock_guard lock(mutex);
  return abandons;
}

void add_scripted_connectors(ConnectorRegistry& registry, const std::shared_ptr<Script>& script) {
  registry.add_source("scripted", [script](const ConnectorRequest&) -> std::unique_ptr<Source> {
    return std::make_unique<ScriptedSource>(script);
  });
  registry.add_destination("scripted",
                           [script](const ConnectorRequest&) -> std::unique_ptr<Destination> {
                             return std::make_unique<ScriptedDestination>(script);
                           });
}

JobSpec scripted_spec(const std::string& more, std::uint64_t records_per_batch) {
  SpecOptions options;
  options.custom_sources = {"scripted"};
  options.custom_destinations = {"scripted"};
  return parse_job_spec(R"({"source":{"type":"scripted"},"destination":{"type":"scripted"},)"
                        R"("batch":{"max_records":)" +
                            std::to_string(records_per_batch) + "}" + more + "}",
                        options)
      .value();
}

}  // namespace freight::testing
