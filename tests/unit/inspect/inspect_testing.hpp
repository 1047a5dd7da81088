#pragma once

#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "freight/inspection.hpp"
#include "freight/job_spec.hpp"
#include "support/file_writing.hpp"
#include "support/temporary_folder.hpp"

namespace freight::testing {

inline Inspection inspect_text(std::string_view text, const InspectionLimits& limits = {}) {
  const TemporaryFolder folder;
  write_file(folder / "input.csv", text);
  return inspect_file(folder / "input.csv", limits);
}

inline const CsvSourceSpec& csv_of(const Inspection& inspection) {
  return std::get<CsvSourceSpec>(inspection.source);
}

/// The column of a name; a failure without one.
inline const InspectedColumn& column_of(const Inspection& inspection, std::string_view name) {
  for (const InspectedColumn& column : inspection.columns) {
    if (column.name == name) return column;
  }
  ADD_FAILURE() << "no column " << name;
  return inspection.columns.at(0);
}

/// Its type, and what else says how it is read: `decimal , .`, `date %d.%m.%Y`; several with `|`.
inline std::string readings_of(const Inspection& inspection, std::string_view name) {
  std::string text;
  for (const ColumnReading& reading : column_of(inspection, name).readings) {
    if (!text.empty()) text += " | ";
    text += to_string(reading.type);
    if (reading.format) text += " " + *reading.format;
    if (reading.decimal_char != ".") text += " " + reading.decimal_char;
    if (!reading.group_char.empty()) text += " group " + reading.group_char;
  }
  return text;
}

inline std::string finding_of(const Inspection& inspection, std::string_view subject) {
  std::string text;
  for (const InspectionFinding& finding : inspection.findings) {
    if (finding.subject == subject) text += finding.text + "\n";
  }
  return text;
}

}  // namespace freight::testing
