#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "connectors/file/input_file.hpp"
#include "connectors/file/record_format.hpp"
#include "freight/inspection.hpp"

namespace freight::inspect {

/// How much was looked at.
struct SampleCount {
  std::uint64_t bytes = 0;
  std::uint64_t records = 0;
  /// Of the part that was read from its beginning on.
  std::uint64_t faulty = 0;
  /// Every record was seen.
  bool whole = false;
  /// SamplePlan::beginning_only.
  bool only_beginning = false;
};

/// Where a file's records begin, and how much of them may be read.
struct SamplePlan {
  std::uint64_t begin = 0;
  char line_end = '\n';
  std::uint64_t max_record_bytes = 0;
  /// Only from the beginning on, as far as the limits go.
  bool beginning_only = false;
  InspectionLimits limits;
};

/// Takes a record's text apart and hands it on; false when it is faulty.
using ReadText = std::function<bool(const file::ScannedRecord&, std::string_view text)>;

/// Reads records from the file's beginning on for half of the time, then, when more is left, from
/// pieces at its end and all over it. Within a piece nobody knows for sure where a record begins:
/// what is no good record there is passed over.
class SampleReader {
 public:
  SampleReader(const file::InputFile& file, const SamplePlan& plan);

  using MakeScanner =
      std::function<std::unique_ptr<file::RecordScanner>(const file::LineStart& start)>;
  SampleCount run(const MakeScanner& make_scanner, const ReadText& read);

 private:
  std::uint64_t read_beginning(const MakeScanner& make_scanner, const ReadText& read);
  void read_piece(std::uint64_t offset, const MakeScanner& make_scanner, const ReadText& read);
  bool time_is_over(double share) const;

  const file::InputFile& file_;
  const SamplePlan plan_;
  const std::chrono::steady_clock::time_point begun_;
  SampleCount count_;
};

}  // namespace freight::inspect
