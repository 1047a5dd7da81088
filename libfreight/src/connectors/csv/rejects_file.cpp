#include "connectors/csv/rejects_file.hpp"

#include <charconv>
#include <system_error>
#include <utility>

#include "connectors/csv/csv_format.hpp"
#include "connectors/csv/header.hpp"
#include "connectors/csv/rejects_columns.hpp"
#include "connectors/file/input_file.hpp"
#include "connectors/file/printable.hpp"
#include "connectors/file/range_planner.hpp"
#include "connectors/file/range_reader.hpp"
#include "connectors/file/sliding_window.hpp"
#include "freight/error.hpp"
#include "freight/job_spec.hpp"

namespace freight::csv {
namespace {

JobSpec spec_of(const std::filesystem::path& path) {
  JobSpec spec;
  spec.source = CsvSourceSpec{.path = path};
  return spec;
}

Header rejects_header(const file::InputFile& file, const JobSpec& spec,
                      const std::stop_token& stop) {
  Header header = read_header(file, spec, stop);
  if (header.passed_over != 0) return header;
  throw Error(Code::missing_header,
              file.path().string() + " is no rejects file: its header does not begin with " +
                  std::string(rejects_columns.front()) + "," + std::string(rejects_columns[1]) +
                  ",… up to " + std::string(rejects_columns.back()),
              {.hint = "Correct the cells of a file that `freightd rejects` or `--rejects` wrote, "
                       "and keep its columns."});
}

}  // namespace

class RejectsFile::Reading {
 public:
  Reading(const std::filesystem::path& path, std::stop_token stop)
      : stop_(std::move(stop)),
        spec_(spec_of(path)),
        file_(path),
        header_(rejects_header(file_, spec_, stop_)),
        columns_(header_.names.begin() + static_cast<std::ptrdiff_t>(header_.passed_over),
                 header_.names.end()),
        // All columns: what the job's source passes over is asked for here.
        format_(Dialect(header_.dialect), header_.names,
                {.max_record_bytes = std::get<CsvSourceSpec>(spec_.source).max_record_bytes}),
        position_{.offset = header_.data_offset, .line = header_.data_line} {}

  const std::vector<std::string>& columns() const { return columns_; }

  const CorrectedRecord* next() {
    while (next_ == batch_.records.size()) {
      if (is_done_) return nullptr;
      read_on();
    }
    take(next_++);
    return &record_;
  }

 private:
  void read_on() {
    const auto scanner = format_.make_scanner(position_.line_start());
    const PlanChunk chunk =
        file::plan_ranges(file_, *scanner, {.window_bytes = file::SlidingWindow::default_piece},
                          position_, {.max_records = 1000, .max_ranges = 1}, stop_);
    is_done_ = chunk.done;
    position_ = file::PlanPosition::from_text(chunk.position, file_.size());
    batch_.clear();
    next_ = 0;
    if (chunk.ranges.empty()) return;
    const auto options = file::range_reader_options(
        spec_.batch, std::get<CsvSourceSpec>(spec_.source).max_record_bytes);
    file::read_range(file_, format_, options, chunk.ranges.front(), batch_, stop_);
  }

  void take(std::size_t index) {
    const SourceRecord& row = batch_.records[index];
    record_ = {.line = row.line};
    if (row.parse_error >= 0) {
      record_.error = batch_.errors[static_cast<std::size_t>(row.parse_error)];
      return;
    }
    const std::span<SourceField> cells(batch_.fields.data() + index * header_.names.size(),
                                       header_.names.size());
    const std::string_view ordinal = cells[rejects_ordinal].text();
    const auto read =
        std::from_chars(ordinal.data(), ordinal.data() + ordinal.size(), record_.ordinal);
    if (read.ec != std::errc() || read.ptr != ordinal.data() + ordinal.size()) {
      record_.error = ordinal_fault(ordinal);
    } else if (const auto bad = unescape_cells(cells, batch_.arena)) {
      record_.error = cell_fault(cells[*bad].text(), header_.names[*bad]);
    } else {
      record_.fields = cells.subspan(rejects_columns.size());
    }
  }

  static RecordError ordinal_fault(std::string_view cell) {
    return {.code = Code::type_mismatch,
            .stage = Stage::parse,
            .column = std::string(rejects_columns[rejects_ordinal]),
            .value = file::printable(cell),
            .expected = "the ordinal of the rejected record",
            .message = "The cell \"ordinal\" does not say which record this is",
            .hint = "Leave the cells before the source's own columns as they were exported."};
  }

  std::stop_token stop_;
  JobSpec spec_;
  file::InputFile file_;
  Header header_;
  std::vector<std::string> columns_;
  CsvFormat format_;
  file::PlanPosition position_;
  RecordBatch batch_;
  std::size_t next_ = 0;
  bool is_done_ = false;
  CorrectedRecord record_;
};

RejectsFile::RejectsFile(const std::filesystem::path& path, std::stop_token stop)
    : reading_(std::make_unique<Reading>(path, std::move(stop))) {}
RejectsFile::~RejectsFile() = default;

const std::vector<std::string>& RejectsFile::columns() const { return reading_->columns(); }
const CorrectedRecord* RejectsFile::next() { return reading_->next(); }

}  // namespace freight::csv
