// Any bytes in any dialect: planning ends, the ranges cover the file, and reading them, at once or
// in pieces, gives what the plain reference gives. The first eight bytes say how, the rest is the
// file.

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/csv/csv_format.hpp"
#include "connectors/file/range_reader.hpp"
#include "fuzz/file_plan.hpp"
#include "fuzz/memory_file.hpp"
#include "support/reference_csv.hpp"

namespace {

using freight::BatchRange;
using freight::CsvSourceSpec;
using freight::FieldKind;
using freight::RecordBatch;
using freight::fuzz::Cutting;
using freight::fuzz::MemoryFile;
using freight::fuzz::plan;
using freight::fuzz::require;
using freight::testing::ReferenceRecord;

constexpr std::size_t control_size = 8;

struct Settings {
  explicit Settings(const std::uint8_t* control) {
    auto& dialect = source.dialect;
    dialect.delimiter = (control[0] & 1U) != 0 ? ',' : ';';
    if ((control[0] & 2U) != 0) dialect.quote_char.reset();
    dialect.double_quote = (control[0] & 4U) == 0;
    if ((control[0] & 8U) != 0) dialect.escape_char = '\\';
    if ((control[0] & 16U) != 0) dialect.comment_char = '#';
    dialect.skip_initial_space = (control[0] & 32U) != 0;
    if ((control[0] & 64U) != 0) dialect.line_terminator = '\r';
    columns = 1U + (control[1] & 3U);
    dialect.skip_blank_records = (control[1] & 4U) != 0;
    dialect.allow_trailing_delimiter = (control[1] & 8U) != 0;
    if (control[2] != 0) source.max_record_bytes = control[2];
    cutting = {.max_record_bytes = source.max_record_bytes,
               .piece_bytes = control[3],
               .max_range_bytes = control[7],
               .limits = {.max_records = 1U + control[4],
                          .max_bytes = 1U + control[5],
                          .max_ranges = 1U + (control[6] & 7U)}};
  }

  CsvSourceSpec source;
  std::size_t columns = 1;
  Cutting cutting;
};

void compare(const RecordBatch& batch, std::size_t index, const ReferenceRecord& expected,
             std::string_view text) {
  const auto& record = batch.records[index];
  require(record.line == expected.line, "the line is right");
  require(record.byte_offset == expected.offset, "the offset is right");
  require(record.byte_length == expected.length, "the length is right");
  require(text.substr(expected.offset, expected.length).starts_with(record.raw),
          "the raw text is right");
  require((record.parse_error >= 0) == expected.fault.has_value(), "good and bad are told apart");
  if (expected.fault) {
    require(batch.errors[static_cast<std::size_t>(record.parse_error)].code == *expected.fault,
            "the code is right");
  }
  const std::size_t columns = batch.layout->size();
  for (std::size_t column = 0; column < columns; ++column) {
    const auto& field = batch.fields[index * columns + column];
    if (expected.fields.empty()) {
      require(field.kind == FieldKind::absent, "a record with a fault has no fields");
      continue;
    }
    require(field.text() == expected.fields[column].value, "the value is right");
    require((field.kind == FieldKind::quoted) == expected.fields[column].is_quoted,
            "the kind is right");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < control_size) return 0;
  const Settings settings(data);
  const std::string_view text(reinterpret_cast<const char*>(data) + control_size,
                              size - control_size);
  const MemoryFile memory(text);
  const freight::file::InputFile file(memory.path());
  const freight::csv::CsvFormat format(freight::csv::Dialect(settings.source.dialect),
                                       std::vector<std::string>(settings.columns, "name"),
                                       {.max_record_bytes = settings.source.max_record_bytes});

  const auto expected =
      freight::testing::ReferenceCsv(text, settings.source, settings.columns).records(0, 1);
  const auto ranges = plan(file, format, settings.cutting);
  const freight::file::RangeReaderOptions options{
      .max_record_bytes = settings.source.max_record_bytes,
      .max_range_bytes = settings.cutting.max_range_bytes,
      .piece_bytes = 1U + settings.cutting.piece_bytes};
  std::uint64_t offset = 0;
  std::uint64_t ordinal = 0;
  RecordBatch batch;
  for (const BatchRange& range : ranges) {
    require(range.byte_offset == offset && range.first_ordinal == ordinal, "there is no gap");
    batch.clear();
    freight::file::read_range(file, format, options, range, batch, {});
    for (std::size_t index = 0; index < batch.records.size(); ++index) {
      require(ordinal + index < expected.size(), "no record is made up");
      compare(batch, index, expected[ordinal + index], text);
    }
    offset += range.byte_length;
    ordinal += range.records;
  }
  require(ordinal == expected.size(), "no record is lost");
  require(ranges.empty() || offset == text.size(), "the ranges reach the end");
  return 0;
}
