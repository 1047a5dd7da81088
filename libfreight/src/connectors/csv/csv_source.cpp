#include "connectors/csv/csv_source.hpp"

#include <algorithm>
#include <mutex>
#include <optional>
#include <utility>

#include "connectors/csv/dialect.hpp"
#include "connectors/csv/header.hpp"
#include "connectors/csv/range_planner.hpp"
#include "connectors/csv/range_reader.hpp"
#include "connectors/file/input_file.hpp"
#include "connectors/file/sliding_window.hpp"

namespace freight::csv {
namespace {

class CsvSource final : public Source {
 public:
  explicit CsvSource(const JobSpec& spec)
      : spec_(spec), source_(std::get<CsvSourceSpec>(spec_.source)), dialect_(source_.dialect) {}

  SourceDescription describe(ConnectorContext& context) override {
    const Opened& opened = open(context);
    opened.file.check_size();
    return {.fields = opened.header.names,
            .bytes_total = opened.file.size(),
            .warnings = opened.header.warnings};
  }

  std::string fingerprint(ConnectorContext& context) override {
    const Opened& opened = open(context);
    opened.file.check_size();
    return opened.file.fingerprint();
  }

  PlanChunk plan(std::string_view position, const PlanLimits& limits,
                 ConnectorContext& context) override {
    const Opened& opened = open(context);
    opened.file.check_size();
    const PlanPosition start =
        position.empty()
            ? PlanPosition{.offset = opened.header.data_offset, .line = opened.header.data_line}
            : PlanPosition::from_text(position, opened.file.size());
    const PlannerOptions options{.max_record_bytes = source_.max_record_bytes,
                                 .empty_lines_are_records = opened.header.names.size() == 1,
                                 .limit = source_.limit,
                                 .window_bytes = file::SlidingWindow::default_piece};
    return plan_ranges(opened.file, dialect_, options, start, limits, context.stop).chunk;
  }

  void read(const BatchRange& range, RecordBatch& batch, ConnectorContext& context) override {
    open(context).reader.read(range, batch, context.stop);
  }

  std::optional<std::uint64_t> count(ConnectorContext&) override { return std::nullopt; }

 private:
  /// Everything that is known once the file is open.
  struct Opened {
    Opened(const JobSpec& spec, const CsvSourceSpec& source, const Dialect& dialect,
           const std::stop_token& stop)
        : file(source.path),
          header(read_header(file, spec, stop)),
          reader(file, dialect, std::make_shared<const std::vector<std::string>>(header.names),
                 {.max_record_bytes = source.max_record_bytes,
                  // A range is larger than both only for what need not be kept.
                  .max_range_bytes =
                      std::max(spec.batch.max_bytes, source.max_record_bytes) + 64 * 1024}) {}

    file::InputFile file;
    Header header;
    RangeReader reader;
  };

  const Opened& open(ConnectorContext& context) {
    const std::lock_guard lock(mutex_);
    if (!opened_) opened_.emplace(spec_, source_, dialect_, context.stop);
    return *opened_;
  }

  const JobSpec spec_;
  const CsvSourceSpec& source_;
  const Dialect dialect_;
  std::mutex mutex_;
  std::optional<Opened> opened_;
};

}  // namespace
}  // namespace freight::csv

namespace freight::connectors {

std::unique_ptr<Source> make_csv_source(const JobSpec& spec, JobId) {
  return std::make_unique<csv::CsvSource>(spec);
}

}  // namespace freight::connectors
