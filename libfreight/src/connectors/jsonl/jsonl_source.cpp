#include "connectors/jsonl/jsonl_source.hpp"

#include <algorithm>
#include <array>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "connectors/file/byte_order_mark.hpp"
#include "connectors/file/input_file.hpp"
#include "connectors/file/range_planner.hpp"
#include "connectors/file/range_reader.hpp"
#include "connectors/file/sliding_window.hpp"
#include "connectors/json/record_layout.hpp"
#include "connectors/jsonl/jsonl_format.hpp"
#include "connectors/jsonl/key_discovery.hpp"

namespace freight::jsonl {
namespace {

/// Whether the keys of all records must be known: they become the columns.
bool keys_become_columns(const JobSpec& spec) {
  return !spec.schema && !spec.has_mapping &&
         !std::holds_alternative<SqlDestinationSpec>(spec.destination) &&
         !std::holds_alternative<NullDestinationSpec>(spec.destination);
}

bool begins_with_array(const file::InputFile& file, std::uint64_t offset) {
  std::array<char, 1024> bytes{};
  const auto size =
      static_cast<std::size_t>(std::min<std::uint64_t>(file.size() - offset, bytes.size()));
  file.read(offset, {bytes.data(), size});
  const std::string_view text(bytes.data(), size);
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && text[first] == '[';
}

class JsonlSource final : public Source {
 public:
  explicit JsonlSource(const JobSpec& spec)
      : spec_(spec), source_(std::get<JsonlSourceSpec>(spec_.source)) {}

  SourceDescription describe(ConnectorContext& context) override {
    const Opened& opened = open(context);
    opened.file.check_size();
    return {.fields = *opened.format.layout(),
            .open_fields = true,
            .typed = true,
            .bytes_total = opened.file.size(),
            .warnings = opened.warnings};
  }

  std::string fingerprint(ConnectorContext& context) override {
    const Opened& opened = open(context);
    opened.file.check_size();
    return opened.file.fingerprint();
  }

  void use_fields(std::vector<std::string> fields) override {
    const std::lock_guard lock(mutex_);
    opened_->format = JsonlFormat(source_, layout_of(std::move(fields)));
  }

  PlanChunk plan(std::string_view position, const PlanLimits& limits,
                 ConnectorContext& context) override {
    const Opened& opened = open(context);
    opened.file.check_size();
    const auto start = position.empty()
                           ? file::PlanPosition{.offset = opened.start}
                           : file::PlanPosition::from_text(position, opened.file.size());
    const auto scanner = opened.format.make_scanner(start.line_start());
    return file::plan_ranges(
        opened.file, *scanner,
        {.limit = source_.limit, .window_bytes = file::SlidingWindow::default_piece}, start, limits,
        context.stop);
  }

  void read(const BatchRange& range, RecordBatch& batch, ConnectorContext& context) override {
    const Opened& opened = open(context);
    file::read_range(opened.file, opened.format,
                     file::range_reader_options(spec_.batch, source_.max_record_bytes), range,
                     batch, context.stop);
  }

  void decode(std::span<const RawRecord> records, RecordBatch& batch,
              ConnectorContext& context) override {
    file::decode_records(open(context).format, records, batch, context.stop);
  }

  std::optional<std::uint64_t> count(ConnectorContext&) override { return std::nullopt; }

 private:
  /// Everything that is known once the file is open.
  struct Opened {
    Opened(const JsonlSourceSpec& source, json::RecordLayout layout)
        : file(source.path),
          start(file::byte_order_mark_size(file, source.encoding, warnings)),
          format(source, std::move(layout)) {
      if (!begins_with_array(file, start)) return;
      warnings.push_back(
          "The source begins with '[': JSONL has one object a line, not an array of them. Convert "
          "it, for example with `jq -c '.[]' FILE`.");
    }

    std::vector<std::string> warnings;
    file::InputFile file;
    /// The first byte after the byte order mark.
    std::uint64_t start;
    JsonlFormat format;
  };

  json::RecordLayout layout_of(std::vector<std::string> fields) const {
    return {std::move(fields), json::minds_extra_fields(spec_)};
  }

  const Opened& open(ConnectorContext& context) {
    const std::lock_guard lock(mutex_);
    if (opened_) return *opened_;
    auto opened = std::make_unique<Opened>(source_, layout_of({}));
    if (keys_become_columns(spec_)) {
      auto keys = discover_keys(opened->file, {.offset = opened->start}, source_, context.stop);
      opened->format = JsonlFormat(source_, layout_of(std::move(keys)));
    }
    opened_ = std::move(opened);
    return *opened_;
  }

  const JobSpec spec_;
  const JsonlSourceSpec& source_;
  std::mutex mutex_;
  std::unique_ptr<Opened> opened_;
};

}  // namespace
}  // namespace freight::jsonl

namespace freight::connectors {

std::unique_ptr<Source> make_jsonl_source(const JobSpec& spec, JobId) {
  return std::make_unique<jsonl::JsonlSource>(spec);
}

}  // namespace freight::connectors
