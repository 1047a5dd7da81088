#pragma once

#include "connectors/file/input_file.hpp"
#include "freight/inspection.hpp"
#include "inspect/head.hpp"

namespace freight::inspect {

/// Fills what an inspection says of a delimited file: source, columns and findings.
void inspect_delimited(const file::InputFile& file, const Head& head,
                       const InspectionLimits& limits, Inspection& inspection);

/// The same of a file of one JSON object a line.
void inspect_jsonl(const file::InputFile& file, const Head& head, const InspectionLimits& limits,
                   Inspection& inspection);

/// The same of an array of JSON objects.
void inspect_json(const file::InputFile& file, const Head& head, const InspectionLimits& limits,
                  Inspection& inspection);

}  // namespace freight::inspect
