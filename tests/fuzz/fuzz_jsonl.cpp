// Any bytes as a JSONL file: planning ends, the ranges cover the file and hold the lines that are
// there, and however it is cut and read, the records are the same. The first eight bytes say how,
// the rest is the file.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "connectors/file/range_reader.hpp"
#include "connectors/jsonl/jsonl_format.hpp"
#include "fuzz/file_plan.hpp"
#include "fuzz/memory_file.hpp"

namespace {

using freight::BatchRange;
using freight::Code;
using freight::Encoding;
using freight::FieldKind;
using freight::JsonlSourceSpec;
using freight::RecordBatch;
using freight::fuzz::Cutting;
using freight::fuzz::MemoryFile;
using freight::fuzz::plan;
using freight::fuzz::require;
using freight::jsonl::JsonlFormat;

constexpr std::size_t control_size = 8;
/// Of a line that is too long no more is kept.
constexpr std::size_t most_kept = std::size_t{64} * 1024;

struct Settings {
  explicit Settings(const std::uint8_t* control) {
    constexpr std::array<Encoding, 4> encodings{Encoding::utf_8, Encoding::windows_1252,
                                                Encoding::iso_8859_1, Encoding::iso_8859_15};
    source.encoding = encodings[control[0] & 3U];
    // Readers make room for the longest record each time.
    source.max_record_bytes = control[1] != 0 ? control[1] : 10'000;
    fine = {.piece_bytes = control[2],
            .max_range_bytes = control[3],
            .limits = {.max_records = 1U + control[4],
                       .max_bytes = 1U + control[5],
                       .max_ranges = 1U + (control[6] & 7U)}};
  }

  JsonlSourceSpec source;
  Cutting fine;
  Cutting coarse{.piece_bytes = 1U << 12U,
                 .max_range_bytes = 1U << 30U,
                 .limits = {.max_records = 1U << 20U, .max_bytes = 1U << 30U, .max_ranges = 1}};
};

struct Line {
  std::uint64_t number = 0;
  std::size_t offset = 0;
  std::string_view text;
};

/// Those that are records, found as plainly as can be.
std::vector<Line> lines_of(std::string_view text) {
  std::vector<Line> lines;
  std::uint64_t number = 1;
  for (std::size_t begin = 0; begin < text.size(); ++number) {
    const std::size_t feed = text.find('\n', begin);
    const bool has_feed = feed != std::string_view::npos;
    std::string_view line = text.substr(begin, has_feed ? feed - begin : feed);
    const bool is_blank = line.find_first_not_of(" \t\r") == std::string_view::npos;
    if (has_feed && !line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (!is_blank) lines.push_back({number, begin, line});
    begin = has_feed ? feed + 1 : text.size();
  }
  return lines;
}

/// What reading made of one record.
struct Reading {
  std::vector<std::pair<FieldKind, std::string>> fields;
  std::vector<std::string> extra_fields;
  Code code = Code::internal;
  std::string message;
  bool is_good = false;

  bool operator==(const Reading&) const = default;
};

Reading reading_of(const RecordBatch& batch, std::size_t index) {
  Reading reading;
  const auto& record = batch.records[index];
  const std::size_t columns = batch.layout->size();
  for (std::size_t column = 0; column < columns; ++column) {
    const auto& field = batch.fields[index * columns + column];
    reading.fields.emplace_back(field.kind, field.text());
  }
  for (const auto& [at, name] : batch.extra_fields) {
    if (at == index) reading.extra_fields.push_back(name);
  }
  reading.is_good = record.parse_error < 0;
  if (reading.is_good) return reading;
  const auto& error = batch.errors[static_cast<std::size_t>(record.parse_error)];
  reading.code = error.code;
  reading.message = error.message;
  return reading;
}

void check_place(const freight::SourceRecord& record, const Line& line, std::uint64_t longest) {
  require(record.line == line.number, "the line is right");
  require(record.byte_offset == line.offset, "the offset is right");
  require(record.byte_length == line.text.size(), "the length is right");
  const bool is_held = line.text.size() <= longest || line.text.size() <= most_kept;
  require(record.raw == (is_held ? line.text : line.text.substr(0, most_kept)),
          "the raw text is right");
}

std::vector<Reading> read_all(std::string_view text, const Settings& settings,
                              const Cutting& cutting) {
  const MemoryFile memory(text);
  const freight::file::InputFile file(memory.path());
  const JsonlFormat format(settings.source, freight::json::RecordLayout({"a", "b"}, true));
  const freight::file::RangeReaderOptions options{
      .max_record_bytes = settings.source.max_record_bytes,
      .max_range_bytes = cutting.max_range_bytes,
      .piece_bytes = 1U + cutting.piece_bytes};
  const auto lines = lines_of(text);
  std::vector<Reading> readings;
  std::uint64_t offset = 0;
  RecordBatch batch;
  const auto ranges = plan(file, format, cutting);
  for (const BatchRange& range : ranges) {
    require(range.byte_offset == offset && range.first_ordinal == readings.size(),
            "there is no gap");
    require(range.records <= cutting.limits.max_records, "no range holds too many");
    batch.clear();
    freight::file::read_range(file, format, options, range, batch, {});
    for (std::size_t index = 0; index < batch.records.size(); ++index) {
      require(readings.size() < lines.size(), "no record is made up");
      check_place(batch.records[index], lines[readings.size()], settings.source.max_record_bytes);
      readings.push_back(reading_of(batch, index));
      const bool is_too_long =
          lines[readings.size() - 1].text.size() > settings.source.max_record_bytes;
      require((readings.back().code == Code::record_too_long) == is_too_long,
              "what is too long is told from the others");
    }
    offset += range.byte_length;
  }
  require(readings.size() == lines.size(), "no record is lost");
  require(ranges.empty() || offset == text.size(), "the ranges reach the end");
  return readings;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < control_size) return 0;
  const Settings settings(data);
  const std::string_view text(reinterpret_cast<const char*>(data) + control_size,
                              size - control_size);
  require(read_all(text, settings, settings.fine) == read_all(text, settings, settings.coarse),
          "the records are the same however the file is cut");
  return 0;
}
