#pragma once

#include <string>
#include <vector>

#include "connectors/file/input_file.hpp"
#include "freight/inspection.hpp"
#include "inspect/column_choice.hpp"
#include "inspect/sample_reader.hpp"

namespace freight::inspect {

/// Adds a finding that is no question.
void add_finding(Inspection& inspection, std::string subject, std::string text);

/// Today's date in UTC, as ISO 8601 has it.
std::string today_text();

/// Gives the inspection what the sampled columns are, and says what was sampled and found. Throws
/// Error(source_unreadable) when no record could be read.
void conclude_columns(const file::InputFile& file, const SampleCount& count,
                      std::vector<ProfiledColumn>& profiled, Inspection& inspection);

}  // namespace freight::inspect
