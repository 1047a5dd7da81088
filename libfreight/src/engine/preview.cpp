#include "freight/preview.hpp"

#include <algorithm>
#include <thread>

#include "engine/job_connectors.hpp"
#include "freight/error.hpp"

namespace freight {
namespace {

constexpr std::uint32_t most_records = 100;

/// Asks for an end when its time is over.
class TimeLimit {
 public:
  explicit TimeLimit(std::chrono::milliseconds limit)
      : lease_(std::chrono::steady_clock::now() + limit) {}
  const Deadline& lease() const { return lease_; }
  bool over() const { return std::chrono::steady_clock::now() >= lease_.at(); }

 private:
  Deadline lease_;
};

std::vector<std::pair<std::string, std::optional<std::string>>> fields_of(const RecordBatch& batch,
                                                                          std::size_t index) {
  std::vector<std::pair<std::string, std::optional<std::string>>> fields;
  const std::size_t width = batch.layout->size();
  for (std::size_t column = 0; column < width; ++column) {
    const SourceField& field = batch.fields[index * width + column];
    if (field.kind == FieldKind::absent) continue;
    std::optional<std::string> text;
    if (field.kind != FieldKind::null) text.emplace(field.text());
    fields.emplace_back((*batch.layout)[column], std::move(text));
  }
  return fields;
}

class PreviewBuilder {
 public:
  PreviewBuilder(const RecordBatch& batch, const mapping::MappedBatch& mapped)
      : batch_(batch), mapped_(mapped) {}

  Preview build() {
    Preview preview;
    preview.columns = mapped_.rows.columns;
    for (std::size_t index = 0; index < batch_.records.size(); ++index) {
      const SourceRecord& from = batch_.records[index];
      PreviewRecord record;
      record.ordinal = from.ordinal;
      record.line = from.line;
      record.file = from.file;
      record.source = fields_of(batch_, index);
      preview.records.push_back(std::move(record));
    }
    add_rows(preview);
    add_exceptions(preview);
    return preview;
  }

 private:
  void add_rows(Preview& preview) const {
    for (std::size_t row = 0; row < mapped_.rows.rows(); ++row) {
      auto& mapped = preview.records.at(mapped_.record_of_row[row]).mapped;
      const Value* const values = mapped_.rows.row(row);
      for (std::size_t column = 0; column < preview.columns.size(); ++column) {
        std::optional<std::string> text;
        if (!values[column].is_null()) text.emplace(values[column].text());
        mapped.push_back(std::move(text));
      }
    }
  }

  void add_exceptions(Preview& preview) const {
    for (PreviewRecord& record : preview.records) {
      for (const RecordException& exception : mapped_.exceptions) {
        if (exception.ordinal == record.ordinal) record.errors = exception.errors;
      }
      for (const OutcomeRange& range : mapped_.filtered) {
        record.filtered = record.filtered || (record.ordinal >= range.first_ordinal &&
                                              record.ordinal <= range.last_ordinal);
      }
    }
  }

  const RecordBatch& batch_;
  const mapping::MappedBatch& mapped_;
};

}  // namespace

Preview preview(const JobSpec& spec, const ConnectorRegistry& connectors,
                const PreviewOptions& options) {
  if (options.limit < 1 || options.limit > most_records) {
    throw Error(Code::invalid_value, "a preview shows 1 to 100 records");
  }
  const TimeLimit limit(options.timeout);
  engine::TaskAttempt attempt;
  attempt.context.lease = &limit.lease();
  JobSpec looking = spec;
  // As a validation: nothing is made or locked.
  looking.mode = JobMode::validate;
  Job job;
  job.tenant_id = options.tenant_id;
  const auto made = engine::make_job_connectors(looking, job, connectors, attempt);

  PlanLimits limits;
  limits.max_records = options.limit;
  limits.max_ranges = 1;
  const PlanChunk chunk = made->source->plan({}, limits, attempt.context);
  RecordBatch batch;
  batch.layout = std::make_shared<const std::vector<std::string>>(made->description.fields);
  mapping::MappedBatch mapped;
  if (!chunk.ranges.empty() && !limit.over()) {
    made->source->read(chunk.ranges.front(), batch, attempt.context);
  }
  made->mapper->map(batch, mapped);
  return PreviewBuilder(batch, mapped).build();
}

}  // namespace freight
