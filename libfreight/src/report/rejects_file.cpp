#include "report/rejects_file.hpp"

#include <algorithm>
#include <charconv>
#include <memory>
#include <utility>

#include "connectors/csv/rejects_columns.hpp"
#include "core/file_locator.hpp"
#include "core/utf8.hpp"
#include "freight/error.hpp"
#include "freight/report.hpp"
#include "report/csv_text.hpp"

namespace freight {
namespace report {
namespace {

/// A row holds the raw text of a record and its columns once more.
constexpr std::uint64_t longest_row = std::uint64_t{32} << 20;
constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

std::uint64_t start_of(const file::InputFile& file) {
  std::string first(std::min<std::uint64_t>(file.size(), byte_order_mark.size()), '\0');
  file.read(0, first);
  return first == byte_order_mark ? first.size() : 0;
}

std::optional<std::uint64_t> number_of(const std::optional<std::string>& cell) {
  std::uint64_t number = 0;
  if (!cell || cell->empty()) return std::nullopt;
  const auto read = std::from_chars(cell->data(), cell->data() + cell->size(), number);
  const bool is_whole = read.ec == std::errc() && read.ptr == cell->data() + cell->size();
  return is_whole ? std::optional(number) : std::nullopt;
}

/// Nothing and an empty text look alike to most programs that a person edits the file with.
std::string_view text_of(const std::optional<std::string>& cell) {
  return cell ? std::string_view(*cell) : std::string_view();
}

}  // namespace

std::map<std::string, std::string> locators_of(JobStore* store, const Job& job) {
  std::map<std::string, std::string> locators;
  if (store == nullptr || !job.fingerprint.starts_with(core::fingerprint_of_files)) return {};
  BatchQuery query;
  while (true) {
    const auto batches = store->list_batches(job.tenant_id, job.id, query);
    if (batches.empty()) return locators;
    for (const Batch& batch : batches) {
      const auto locator = core::FileLocator::from_text(batch.locator);
      if (locator && !locator->columns.empty()) locators.emplace(locator->name, batch.locator);
    }
    query.first_sequence = batches.back().sequence + 1;
  }
}

RejectsFile::RejectsFile(const std::filesystem::path& path, const Job& job,
                         std::map<std::string, std::string> locators)
    : file_(path),
      dialect_(CsvDialect{}),
      window_(file_, {.begin = start_of(file_),
                      .end = file_.size(),
                      .capacity = longest_row + 2 * file::SlidingWindow::default_piece}),
      scanner_(dialect_, {.max_record_bytes = longest_row}, {.offset = start_of(file_)}),
      raw_columns_(job),
      locators_(std::move(locators)),
      first_(raw_columns_.with_file() ? 1 : 0) {
  Cells header;
  if (!next_cells(header)) header.clear();
  check_header(header);
}

bool RejectsFile::next_cells(Cells& cells) {
  csv::ScannedRecord record;
  while (true) {
    const auto step = scanner_.next(window_.view(), record);
    if (step == csv::RecordScanner::Step::end) return false;
    if (step == csv::RecordScanner::Step::record) break;
    window_.advance(scanner_.record_start(), scanner_.position());
  }
  line_ = record.line;
  if (record.fault != csv::ScanFault::none) {
    refuse("a quote is not closed, or the row is longer than 32 MiB");
  }
  cells.clear();
  csv::FieldCursor cursor(dialect_,
                          window_.view().text(record.offset, record.offset + record.length));
  csv::FieldSlice field;
  while (cursor.next(field)) {
    if (field.is_misplaced) refuse("a quote is out of place");
    const bool is_nothing = field.content.empty() && !field.is_quoted;
    cells.push_back(is_nothing ? std::nullopt
                               : std::optional(csv::FieldCursor::text_of(dialect_, field)));
  }
  return true;
}

void RejectsFile::check_header(const Cells& cells) const {
  const auto expected = raw_columns_.rejects_header();
  const bool fits =
      std::equal(cells.begin(), cells.end(), expected.begin(), expected.end(),
                 [](const auto& cell, const auto& name) { return text_of(cell) == name; });
  if (fits) return;
  throw Error(Code::missing_header,
              file_.path().string() + " is no rejects file of this job: its header differs",
              {.hint = "keep the header of the exported file as it is, with commas between"});
}

bool RejectsFile::is_escaped(const Cells& cells) const {
  return text_of(cells[first_ + csv::rejects_raw_encoding]) == csv::escaped_cells;
}

std::string RejectsFile::raw_of(const Cells& cells) const {
  std::string raw(text_of(cells[first_ + csv::rejects_raw]));
  return is_escaped(cells) ? unescape_bytes(raw) : raw;
}

std::uint64_t RejectsFile::byte_length_of(const Cells& cells) const {
  return number_of(cells[first_ + csv::rejects_byte_length]).value_or(0);
}

bool RejectsFile::is_untouched(const Cells& cells) const {
  const bool has_escapes = is_escaped(cells);
  const auto known =
      first_ == 0 ? locators_.end() : locators_.find(std::string(text_of(cells.front())));
  const auto exported =
      raw_columns_.split(raw_of(cells), byte_length_of(cells),
                         known == locators_.end() ? std::string_view() : known->second);
  for (std::size_t index = 0; index < exported.size(); ++index) {
    const auto& value = exported[index];
    const auto shown = value && has_escapes ? std::optional(escape_bytes(*value)) : value;
    if (text_of(cells[own_begin() + index]) != text_of(shown)) return false;
  }
  return true;
}

/// A cell that was never exported is not empty in the source.
void RejectsFile::refuse_unknown_cells(const Cells& cells) const {
  if (raw_columns_.can_split(raw_of(cells), byte_length_of(cells))) return;
  for (std::size_t index = own_begin(); index < cells.size(); ++index) {
    if (!text_of(cells[index]).empty()) continue;
    refuse("the text of record " + std::string(text_of(cells[first_ + csv::rejects_ordinal])) +
           " was not kept whole, so what its column \"" +
           raw_columns_.names()[index - own_begin()] +
           "\" holds is not known here; fill in every column of the row, or leave all of them "
           "empty and mend the source");
  }
}

bool RejectsFile::next(Correction& correction) {
  Cells cells;
  if (!next_cells(cells)) return false;
  correction = {};
  if (cells.size() != own_begin() + raw_columns_.names().size()) {
    refuse("it has " + std::to_string(cells.size()) + " fields, and the header has " +
           std::to_string(own_begin() + raw_columns_.names().size()));
  }
  const auto ordinal = number_of(cells[first_ + csv::rejects_ordinal]);
  if (!ordinal) refuse("\"ordinal\" is no number");
  correction.ordinal = *ordinal;
  if (is_untouched(cells)) return true;
  refuse_unknown_cells(cells);
  const bool has_escapes = is_escaped(cells);
  correction.texts.assign(
      std::make_move_iterator(cells.begin() + static_cast<std::ptrdiff_t>(own_begin())),
      std::make_move_iterator(cells.end()));
  for (auto& text : correction.texts) {
    if (text && has_escapes) text = unescape_bytes(*text);
    if (text && !is_plain_text(*text)) {
      refuse("a corrected cell still holds bytes that are no UTF-8, or NUL");
    }
  }
  return true;
}

void RejectsFile::refuse(const std::string& what) const {
  throw Error(Code::invalid_value,
              file_.path().string() + ", line " + std::to_string(line_) + ": " + what);
}

}  // namespace report

CorrectionReader read_corrections(const std::string& path, const Job& job, JobStore* store) {
  auto file = std::make_shared<report::RejectsFile>(path, job, report::locators_of(store, job));
  return [file](Correction& correction) { return file->next(correction); };
}

}  // namespace freight
