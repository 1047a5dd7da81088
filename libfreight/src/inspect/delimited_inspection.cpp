#include <memory>
#include <utility>

#include "connectors/csv/csv_format.hpp"
#include "connectors/csv/header.hpp"
#include "connectors/file/text_encoding.hpp"
#include "freight/error.hpp"
#include "inspect/dialect_guess.hpp"
#include "inspect/header_guess.hpp"
#include "inspect/sampled_columns.hpp"
#include "inspect/table_inspection.hpp"

namespace freight::inspect {
namespace {

/// Says how the file is written, and completes the dialect with what the header tells.
HeaderGuess note_dialect(DialectGuess& guess, Encoding encoding, Inspection& inspection) {
  for (auto& row : guess.rows) {
    for (std::string& text : row) text = file::to_utf8(text, encoding);
  }
  HeaderGuess header = guess_header(guess.rows, guess.columns);
  guess.dialect.header = header.header;
  if (!header.names_evidence.empty()) guess.dialect.header_names = header.names;
  if (!guess.skipped_evidence.empty()) add_finding(inspection, "skipped", guess.skipped_evidence);
  add_finding(inspection, "delimiter", guess.delimiter_evidence);
  add_finding(inspection, "quote", guess.quote_evidence);
  add_finding(inspection, "header", header.evidence);
  if (!header.names_evidence.empty()) add_finding(inspection, "names", header.names_evidence);
  if (header.header && header.names.size() != guess.columns) {
    inspection.findings.push_back(
        {.subject = "header",
         .text = "it has " + count_text(header.names.size()) + " names, but most records have " +
                 count_text(guess.columns) +
                 " fields and would be rejected: mend the file's first line, or pass over it with "
                 "skipRows and name the fields in the schema, with header false",
         .question = true});
  }
  return header;
}

/// Takes records apart and counts what their fields are.
class DelimitedProfiler {
 public:
  DelimitedProfiler(const csv::CsvFormat& format, std::vector<ProfiledColumn>& columns)
      : columns_(columns) {
    batch_.layout = format.layout();
    reader_ = format.make_reader(batch_);
  }

  bool add(const file::ScannedRecord& place, std::string_view text) {
    batch_.arena.clear();
    batch_.fields.assign(columns_.size(), {});
    scratch_.clear();
    SourceRecord record;
    record.raw = text;
    const file::FoundRecord found{record, place, text.data() + text.size()};
    if (!reader_->read(found, 0)) return false;
    mapping::ArenaWriter writer(scratch_);
    for (std::size_t index = 0; index < columns_.size(); ++index) {
      columns_[index].profile.add(batch_.fields[index], writer);
    }
    return true;
  }

 private:
  std::vector<ProfiledColumn>& columns_;
  RecordBatch batch_;
  TextArena scratch_;
  std::unique_ptr<file::RecordReader> reader_;
};

}  // namespace

void inspect_delimited(const file::InputFile& file, const Head& head,
                       const InspectionLimits& limits, Inspection& inspection) {
  auto& source = std::get<CsvSourceSpec>(inspection.source);
  DialectGuess guess = guess_dialect(head);
  if (guess.columns > limits.columns) {
    throw Error(Code::source_unreadable,
                "The source " + file.path().string() + " has " + count_text(guess.columns) +
                    " columns; more than " + count_text(limits.columns) + " are not looked at",
                {.hint = "Write a job with a mapping that says which of them to take."});
  }
  const HeaderGuess header = note_dialect(guess, source.encoding, inspection);
  source.dialect = guess.dialect;
  JobSpec spec;
  spec.source = source;
  const csv::Header found = csv::read_header(file, spec, {});
  std::vector<ProfiledColumn> columns;
  for (std::size_t index = 0; index < header.names.size(); ++index) {
    columns.push_back({header.names[index], header.header ? header.written[index] : "",
                       ColumnProfile(today_text())});
  }
  const csv::CsvFormat format(
      csv::Dialect(source.dialect), header.names,
      {.max_record_bytes = source.max_record_bytes, .encoding = source.encoding});
  DelimitedProfiler profiler(format, columns);
  SampleReader sample(file, {.begin = found.data_offset,
                             .line_end = source.dialect.line_terminator,
                             .max_record_bytes = source.max_record_bytes,
                             .limits = limits});
  const SampleCount count =
      sample.run([&](const file::LineStart& start) { return format.make_scanner(start); },
                 [&](const file::ScannedRecord& place, std::string_view text) {
                   return profiler.add(place, text);
                 });
  conclude_columns(file, count, columns, inspection);
}

}  // namespace freight::inspect
