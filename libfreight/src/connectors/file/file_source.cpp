#include "connectors/file/file_source.hpp"

#include <utility>

namespace freight::file {

FileSource::FileSource(Options options) : options_(std::move(options)) {}

SourceDescription FileSource::describe(ConnectorContext& context) {
  const Opened& opened = open(context);
  opened.file->check_size();
  SourceDescription description = opened.contents.description;
  description.fields = *opened.contents.format->layout();
  description.bytes_total = opened.file->size();
  return description;
}

std::string FileSource::fingerprint(ConnectorContext& context) {
  const Opened& opened = open(context);
  opened.file->check_size();
  return opened.file->fingerprint();
}

PlanChunk FileSource::plan(std::string_view position, const PlanLimits& limits,
                           ConnectorContext& context) {
  const Opened& opened = open(context);
  opened.file->check_size();
  const PlanPosition start = position.empty()
                                 ? opened.contents.start
                                 : PlanPosition::from_text(position, opened.file->size());
  const auto scanner = opened.contents.format->make_scanner(start.line_start());
  const PlannerOptions options{.limit = options_.limit,
                               .footer_rows = opened.contents.footer_rows,
                               .max_record_bytes = options_.reading.max_record_bytes};
  return plan_ranges(*opened.file, *scanner, options, start, limits, context.stop);
}

void FileSource::read(const BatchRange& range, RecordBatch& batch, ConnectorContext& context) {
  const Opened& opened = open(context);
  read_range(*opened.file, *opened.contents.format, options_.reading, range, batch, context.stop);
}

void FileSource::decode(std::span<const RawRecord> records, RecordBatch& batch,
                        ConnectorContext& context) {
  decode_records(*open(context).contents.format, records, batch, context.stop);
}

std::optional<std::uint64_t> FileSource::count(ConnectorContext&) { return std::nullopt; }

void FileSource::change_format(std::unique_ptr<const RecordFormat> format) {
  const std::lock_guard lock(mutex_);
  opened_->contents.format = std::move(format);
}

const FileSource::Opened& FileSource::open(const ConnectorContext& context) {
  const std::lock_guard lock(mutex_);
  if (opened_) return *opened_;
  std::unique_ptr<Opened> opened(new Opened{
      options_.spool->open_text(options_.path, options_.compression, options_.encoding, context),
      {}});
  opened->contents = examine(*opened->file, context.stop);
  opened_ = std::move(opened);
  return *opened_;
}

}  // namespace freight::file
