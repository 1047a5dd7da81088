#include "connectors/csv/csv_source.hpp"

#include <mutex>
#include <optional>
#include <utility>

#include "connectors/csv/csv_format.hpp"
#include "connectors/csv/dialect.hpp"
#include "connectors/csv/header.hpp"
#include "connectors/file/input_file.hpp"
#include "connectors/file/range_planner.hpp"
#include "connectors/file/range_reader.hpp"
#include "connectors/file/sliding_window.hpp"

namespace freight::csv {
namespace {

class CsvSource final : public Source {
 public:
  explicit CsvSource(const JobSpec& spec)
      : spec_(spec), source_(std::get<CsvSourceSpec>(spec_.source)) {}

  SourceDescription describe(ConnectorContext& context) override {
    const Opened& opened = open(context);
    opened.file.check_size();
    return {.fields = *opened.format.layout(),
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
    const file::PlanPosition start =
        position.empty() ? file::PlanPosition{.offset = opened.header.data_offset,
                                              .line = opened.header.data_line}
                         : file::PlanPosition::from_text(position, opened.file.size());
    const auto scanner = opened.format.make_scanner(start.line_start());
    return file::plan_ranges(
        opened.file, *scanner,
        {.limit = source_.limit, .window_bytes = file::SlidingWindow::default_piece}, start, limits,
        context.stop);
  }

  void read(const BatchRange& range, RecordBatch& batch, ConnectorContext& context) override {
    const Opened& opened = open(context);
    file::read_range(opened.file, opened.format, opened.reading, range, batch, context.stop);
  }

  void decode(std::span<const RawRecord> records, RecordBatch& batch,
              ConnectorContext& context) override {
    file::decode_records(open(context).format, records, batch, context.stop);
  }

  std::optional<std::uint64_t> count(ConnectorContext&) override { return std::nullopt; }

 private:
  /// Everything that is known once the file is open.
  struct Opened {
    Opened(const JobSpec& spec, const CsvSourceSpec& source, const std::stop_token& stop)
        : file(source.path),
          header(read_header(file, spec, stop)),
          format(Dialect(header.dialect), header.names,
                 {.max_record_bytes = source.max_record_bytes,
                  .encoding = header.encoding,
                  .passed_over = header.passed_over}),
          reading(file::range_reader_options(spec.batch, source.max_record_bytes)) {}

    file::InputFile file;
    Header header;
    CsvFormat format;
    file::RangeReaderOptions reading;
  };

  const Opened& open(ConnectorContext& context) {
    const std::lock_guard lock(mutex_);
    if (!opened_) opened_.emplace(spec_, source_, context.stop);
    return *opened_;
  }

  const JobSpec spec_;
  const CsvSourceSpec& source_;
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
