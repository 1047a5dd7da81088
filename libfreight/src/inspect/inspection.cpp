#include "freight/inspection.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "connectors/file/input_file.hpp"
#include "connectors/file/named_files.hpp"
#include "connectors/file/spool/packing.hpp"
#include "connectors/file/spool/spool.hpp"
#include "connectors/file/text_encoding.hpp"
#include "freight/error.hpp"
#include "inspect/encoding_guess.hpp"
#include "inspect/head.hpp"
#include "inspect/joined_files.hpp"
#include "inspect/sampled_columns.hpp"
#include "inspect/table_inspection.hpp"
#include "inspect/text_beyond_ascii.hpp"

namespace freight {
namespace {

/// The part of the limit on bytes that goes to telling the encoding.
constexpr std::uint64_t encoding_part = 4;

Encoding find_encoding(const file::InputFile& file, const inspect::Head& head,
                       const InspectionLimits& limits, Inspection& inspection) {
  const inspect::EncodingGuess guess =
      inspect::guess_encoding(inspect::text_beyond_ascii(file, limits.bytes / encoding_part));
  if (guess.evidence.empty()) {
    throw Error(
        Code::source_unreadable,
        "The source " + file.path().string() +
            " is neither in UTF-8 nor, by what its bytes beyond ASCII would mean, for certain "
            "in one of the other encodings that Freight knows",
        {.hint = "Find out its encoding: write a job with that \"encoding\", or convert the "
                 "file, for example with `iconv -f CP866 -t UTF-8`."});
  }
  inspect::add_finding(inspection, "encoding",
                       guess.evidence + (head.mark > 0 ? "; the file begins with its mark" : ""));
  return guess.encoding;
}

/// UTF-16 by its mark, or by the zero bytes of ASCII in it.
struct Utf16Signs {
  std::optional<Encoding> encoding;
  std::string evidence;
};

Utf16Signs look_for_utf16(const file::InputFile& file) {
  constexpr std::uint64_t most_looked_at = 4096;
  constexpr std::size_t fewest_zeros = 3;
  std::string bytes(std::min(file.size(), most_looked_at), '\0');
  file.read(0, bytes);
  if (bytes.starts_with("\xFF\xFE"))
    return {Encoding::utf_16le, "utf-16le: the file begins with its mark"};
  if (bytes.starts_with("\xFE\xFF"))
    return {Encoding::utf_16be, "utf-16be: the file begins with its mark"};
  std::array<std::size_t, 2> zeros{};
  for (std::size_t place = 0; place < bytes.size(); ++place) {
    if (bytes[place] == '\0') ++zeros.at(place % 2);
  }
  // Nearly all text has blanks, digits and line ends.
  const auto is_half = [&](std::size_t here, std::size_t there) {
    return zeros.at(here) >= fewest_zeros && zeros.at(here) * 10 > bytes.size() &&
           zeros.at(there) * 20 < zeros.at(here);
  };
  const std::string counted = inspect::count_text(std::max(zeros[0], zeros[1])) + " of the first " +
                              inspect::count_text(bytes.size()) + " bytes are zero, nearly all at ";
  if (is_half(1, 0)) return {Encoding::utf_16le, "utf-16le: " + counted + "odd places"};
  if (is_half(0, 1)) return {Encoding::utf_16be, "utf-16be: " + counted + "even places"};
  return {};
}

void note_compression(const spool::Spool::Beginning& beginning, Inspection& inspection) {
  if (beginning.compression == Compression::none) return;
  inspect::add_finding(
      inspection, "compression",
      std::string(spool::name_of(beginning.compression)) +
          (beginning.whole ? ""
                           : "; only the first " + inspect::count_text(beginning.file->size()) +
                                 " bytes of the text were looked at"));
}

/// What is left of the limits when the encoding is known.
InspectionLimits limits_left(const InspectionLimits& limits, std::uint64_t size,
                             std::chrono::steady_clock::time_point begun) {
  InspectionLimits left = limits;
  // Of a file that is seen as a whole the same bytes are read again.
  if (size > limits.bytes) left.bytes -= limits.bytes / encoding_part;
  left.time -=
      std::chrono::ceil<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begun);
  return left;
}

Inspection inspect_text(spool::Spool& spool, spool::Spool::Beginning beginning,
                        const std::filesystem::path& path, const InspectionLimits& limits) {
  const auto begun = std::chrono::steady_clock::now();
  const Utf16Signs utf16 = look_for_utf16(*beginning.file);
  if (utf16.encoding)
    beginning = spool.in_utf8(std::move(beginning), *utf16.encoding, limits.bytes);
  const file::InputFile& file = *beginning.file;
  const inspect::Head head = inspect::read_head(file);
  Inspection inspection;
  note_compression(beginning, inspection);
  if (utf16.encoding) inspect::add_finding(inspection, "encoding", utf16.evidence);
  const Encoding encoding =
      utf16.encoding ? *utf16.encoding : find_encoding(file, head, limits, inspection);
  const InspectionLimits left = limits_left(limits, file.size(), begun);
  if (head.format == inspect::TextFormat::json) {
    inspect::add_finding(
        inspection, "format",
        head.records_pointer.empty()
            ? "JSON: an array of objects"
            : "JSON: the only array of objects in it is at " + head.records_pointer);
    inspection.source =
        JsonSourceSpec{.path = path, .encoding = encoding, .records_pointer = head.records_pointer};
    inspect::inspect_json(file, head, left, inspection);
    inspection.whole = inspection.whole && beginning.whole;
    return inspection;
  }
  inspect::add_finding(inspection, "line end", head.line_end_evidence);
  if (head.format == inspect::TextFormat::jsonl) {
    inspect::add_finding(inspection, "format", "JSONL: one JSON object a line");
    inspection.source = JsonlSourceSpec{.path = path, .encoding = encoding};
    inspect::inspect_jsonl(file, head, left, inspection);
  } else {
    inspection.source = CsvSourceSpec{.path = path, .encoding = encoding};
    inspect::inspect_delimited(file, head, left, inspection);
  }
  inspection.whole = inspection.whole && beginning.whole;
  return inspection;
}

/// The first file says how all are to be read, and pieces of more of them what the columns are.
Inspection inspect_files(spool::Spool& spool, const std::filesystem::path& pattern,
                         const InspectionLimits& limits) {
  const auto files = file::named_files({pattern}, ".csv");
  InspectionLimits of_one = limits;
  of_one.time /= 2;
  const Inspection first =
      inspect_text(spool, spool.open_beginning(files[0], limits.bytes), files[0], of_one);
  inspect::JoinedFiles joined = inspect::join_files(spool, files, first, limits);
  Inspection inspection = joined.beginning.file == nullptr
                              ? first
                              : inspect_text(spool, std::move(joined.beginning), pattern, of_one);
  std::visit(
      [&](auto& source) {
        if constexpr (requires { source.paths; }) source.path = pattern;
      },
      inspection.source);
  inspection.size = joined.size;
  inspection.whole = inspection.whole && joined.whole;
  inspect::add_finding(inspection, "files", joined.evidence);
  return inspection;
}

}  // namespace

Inspection inspect_file(const std::filesystem::path& path, const InspectionLimits& limits) {
  spool::Spool spool(limits.spool);
  const std::filesystem::path pattern = file::as_pattern(path);
  if (file::names_several({.path = pattern, .paths = {}, .upload = {}})) {
    return inspect_files(spool, pattern, limits);
  }
  return inspect_text(spool, spool.open_beginning(path, limits.bytes), path, limits);
}

}  // namespace freight
