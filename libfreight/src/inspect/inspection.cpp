#include "freight/inspection.hpp"

#include <chrono>
#include <cstdint>
#include <string>

#include "connectors/file/input_file.hpp"
#include "connectors/file/spool/packing.hpp"
#include "connectors/file/spool/spool.hpp"
#include "connectors/file/text_encoding.hpp"
#include "freight/error.hpp"
#include "inspect/encoding_guess.hpp"
#include "inspect/head.hpp"
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

}  // namespace

Inspection inspect_file(const std::filesystem::path& path, const InspectionLimits& limits) {
  const auto begun = std::chrono::steady_clock::now();
  const auto beginning = spool::Spool(limits.spool).open_beginning(path, limits.bytes);
  const file::InputFile& file = *beginning.file;
  const inspect::Head head = inspect::read_head(file);
  Inspection inspection;
  note_compression(beginning, inspection);
  const Encoding encoding = find_encoding(file, head, limits, inspection);
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

}  // namespace freight
