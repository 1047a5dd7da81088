#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/csv/dialect.hpp"
#include "connectors/csv/record_scanner.hpp"
#include "freight/record.hpp"

namespace freight::csv {

/// What there is to know about records to say what is wrong with one of them.
struct FaultContext {
  const Dialect& dialect;
  const std::vector<std::string>& names;
  std::uint64_t max_record_bytes = 0;
  Encoding encoding = Encoding::utf_8;
  /// CsvFormat::Options::is_of_utf16.
  bool is_of_utf16 = false;
};

/// The error of a record that FieldSplitter::split() refused, or that is not of the encoding; as it
/// stands in the file. Slow: for bad records only.
RecordError parse_fault(std::string_view record, const FaultContext& context);

/// The error of a record that has a fault of the scanner. `head` is as much of it as was kept.
RecordError scan_fault(const ScannedRecord& record, std::string_view head,
                       const FaultContext& context);

}  // namespace freight::csv
