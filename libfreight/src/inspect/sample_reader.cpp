#include "inspect/sample_reader.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "connectors/file/sliding_window.hpp"

namespace freight::inspect {
namespace {

constexpr std::uint64_t sample_piece = std::uint64_t{256} * 1024;
/// Lines of a piece at which a record is looked for: within a quoted text none of them begins one.
constexpr std::size_t most_entries = 100;

/// The places of a row of `count`: the last, the first, the middle, the quarters and so on.
std::uint64_t spread_place(std::uint64_t number, std::uint64_t count) {
  if (number == 0) return count - 1;
  double place = 0;
  double step = 0.5;
  for (std::uint64_t bits = number - 1; bits > 0; bits >>= 1U, step /= 2) {
    if ((bits & 1U) != 0) place += step;
  }
  return std::min(static_cast<std::uint64_t>(place * static_cast<double>(count)), count - 1);
}

/// Reads a piece from a line's beginning on; none of it when the line is no good record.
std::uint64_t read_all(file::RecordScanner& scanner, const file::Window& window,
                       const ReadText& read) {
  file::ScannedRecord record;
  std::uint64_t records = 0;
  while (scanner.next(window, record) == file::RecordScanner::Step::record) {
    const bool is_good = record.fault == file::ScanFault::none &&
                         read(record, window.text(record.offset, record.offset + record.length));
    if (is_good) {
      ++records;
    } else if (records == 0) {
      break;
    }
  }
  return records;
}

}  // namespace

SampleReader::SampleReader(const file::InputFile& file, const SamplePlan& plan)
    : file_(file), plan_(plan), begun_(std::chrono::steady_clock::now()) {
  count_.only_beginning = plan.beginning_only;
}

bool SampleReader::time_is_over(double share) const {
  const std::chrono::duration<double> limit = plan_.limits.time;
  return std::chrono::steady_clock::now() - begun_ > limit * share;
}

SampleCount SampleReader::run(const MakeScanner& make_scanner, const ReadText& read) {
  const std::uint64_t begin = read_beginning(make_scanner, read);
  if (begin >= file_.size()) {
    count_.whole = true;
    return count_;
  }
  if (plan_.beginning_only) return count_;
  const std::uint64_t pieces = (file_.size() - begin) / sample_piece;
  std::vector<bool> seen(static_cast<std::size_t>(pieces));
  for (std::uint64_t number = 0; number < 2 * pieces; ++number) {
    if (time_is_over(1) || count_.bytes + sample_piece > plan_.limits.bytes) break;
    const std::uint64_t place = spread_place(number, pieces);
    if (seen[static_cast<std::size_t>(place)]) continue;
    seen[static_cast<std::size_t>(place)] = true;
    const bool is_last = place + 1 == pieces;
    read_piece(is_last ? file_.size() - sample_piece : begin + place * sample_piece, make_scanner,
               read);
  }
  return count_;
}

/// Returns the first byte that was not looked at.
std::uint64_t SampleReader::read_beginning(const MakeScanner& make_scanner, const ReadText& read) {
  const bool all = file_.size() - plan_.begin <= plan_.limits.bytes;
  const std::uint64_t enough =
      plan_.begin + plan_.limits.bytes / (all || plan_.beginning_only ? 1 : 4);
  const auto scanner = make_scanner({.offset = plan_.begin});
  file::SlidingWindow window(
      file_, {.begin = plan_.begin,
              .end = file_.size(),
              .capacity = file::window_capacity(plan_.max_record_bytes, sample_piece),
              .piece = sample_piece});
  file::ScannedRecord record;
  while (true) {
    const auto step = scanner->next(window.view(), record);
    if (step == file::RecordScanner::Step::end) break;
    if (step == file::RecordScanner::Step::more) {
      const std::uint64_t position = scanner->position();
      if (position >= enough || time_is_over(0.5)) {
        count_.bytes += position - plan_.begin;
        return position;
      }
      window.advance(scanner->is_discarding() ? position : scanner->record_start(), position);
      continue;
    }
    ++count_.records;
    const bool is_good =
        record.fault == file::ScanFault::none &&
        read(record, window.view().text(record.offset, record.offset + record.length));
    if (!is_good) ++count_.faulty;
    if ((count_.records & 0xFFU) == 0 && time_is_over(0.5)) {
      count_.bytes += record.end - plan_.begin;
      return record.end;
    }
  }
  count_.bytes += file_.size() - plan_.begin;
  return file_.size();
}

void SampleReader::read_piece(std::uint64_t offset, const MakeScanner& make_scanner,
                              const ReadText& read) {
  std::string text(static_cast<std::size_t>(std::min(sample_piece, file_.size() - offset)), '\0');
  file_.read(offset, text);
  count_.bytes += text.size();
  const file::Window window{.data = text.data(),
                            .size = text.size(),
                            .offset = offset,
                            .is_last = offset + text.size() == file_.size()};
  std::size_t entry = 0;
  for (std::size_t attempt = 0; attempt < most_entries; ++attempt) {
    entry = text.find(plan_.line_end, entry);
    if (entry == std::string::npos || ++entry >= text.size()) return;
    const auto scanner = make_scanner({.offset = offset + entry});
    if (const std::uint64_t records = read_all(*scanner, window, read); records > 0) {
      count_.records += records;
      return;
    }
  }
}

}  // namespace freight::inspect
